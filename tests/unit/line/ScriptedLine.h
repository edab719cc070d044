#pragma once
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/EventLoop.h"
#include "net/HttpServer.h"

namespace tsunagi::line {

// Answers every call on its paths with the next scripted response, 500 when there is none, and keeps what it was sent.
class ScriptedLine {
 public:
  explicit ScriptedLine(const std::vector<std::pair<const char*, const char*>>& routes) : _server({&_loop}, {}) {
    for (const auto& [method, path] : routes)
      _server.route(method, path,
                    [this](net::HttpRequest request, const net::PathParameters&, const net::HttpReply& reply) {
                      const std::lock_guard lock(_mutex);
                      _requests.push_back(std::move(request));
                      if (_answers.empty()) return reply.send(net::HttpResponse::text(500, "no answer was scripted"));
                      reply.send(_answers.front());
                      _answers.pop_front();
                    });
    _loop.start();
    _address = _server.listen({"127.0.0.1", 0, ""}).value();
  }
  ~ScriptedLine() {
    _server.stop(0);
    _loop.stop();
  }
  ScriptedLine(const ScriptedLine&) = delete;
  ScriptedLine& operator=(const ScriptedLine&) = delete;

  std::string base() const { return "http://" + _address.text(); }
  void answer(int status, const std::string& body, const net::HttpHeaders& headers = {}) {
    net::HttpResponse response = net::HttpResponse::json(status, body);
    for (const auto& field : headers.all()) response.headers.set(field.name, field.value);
    const std::lock_guard lock(_mutex);
    _answers.push_back(std::move(response));
  }
  net::HttpRequest last() {
    const std::lock_guard lock(_mutex);
    return _requests.empty() ? net::HttpRequest() : _requests.back();
  }
  size_t calls() {
    const std::lock_guard lock(_mutex);
    return _requests.size();
  }

 private:
  net::EventLoop _loop{"line"};
  net::HttpServer _server;
  net::ListenAddress _address;
  std::mutex _mutex;
  std::deque<net::HttpResponse> _answers;
  std::vector<net::HttpRequest> _requests;
};

}  // namespace tsunagi::line
