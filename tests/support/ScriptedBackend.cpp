#include "tests/support/ScriptedBackend.h"

#include <poll.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace tsunagi::test {
namespace {

std::string hex(size_t value) {
  std::string text;
  for (; value > 0; value /= 16) text.insert(text.begin(), "0123456789abcdef"[value % 16]);
  return text.empty() ? "0" : text;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

ScriptedBackend::Asked readRequest(RawSocket& socket) {
  const std::string head = socket.readUntil("\r\n\r\n");
  ScriptedBackend::Asked asked;
  const size_t space = head.find(' ');
  asked.method = head.substr(0, space);
  asked.target = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
  for (size_t at = head.find("\r\n") + 2; at < head.size();) {
    const size_t end = head.find("\r\n", at);
    const size_t colon = head.find(": ", at);
    if (colon < end) asked.headers[lower(head.substr(at, colon - at))] = head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  if (const auto length = asked.headers.find("content-length"); length != asked.headers.end())
    asked.body = socket.readExactly(std::stoul(length->second));
  return asked;
}

}  // namespace

ScriptedBackend::Answer ScriptedBackend::whole(int status, const std::string& type, const std::string& body,
                                               const std::string& fields) {
  return {"HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Type: " + type +
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body};
}

ScriptedBackend::Answer ScriptedBackend::events(const std::string& body, Answer::End end) {
  return {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + body, end};
}

ScriptedBackend::Answer ScriptedBackend::chunked(const std::vector<std::string>& chunks, bool complete,
                                                 const std::string& type) {
  Answer answer;
  answer.bytes = "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& chunk : chunks) answer.bytes += hex(chunk.size()) + "\r\n" + chunk + "\r\n";
  if (complete) answer.bytes += "0\r\n\r\n";
  return answer;
}

std::string ScriptedBackend::completion(const std::string& text, const std::string& model) {
  const auto chunk = [&](const nlohmann::json& delta, const nlohmann::json& finish) {
    const nlohmann::json object = {{"id", "chatcmpl_1"},
                                   {"object", "chat.completion.chunk"},
                                   {"model", model},
                                   {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}}}};
    return "data: " + object.dump() + "\n\n";
  };
  return chunk({{"role", "assistant"}}, nullptr) + chunk({{"content", text}}, nullptr) +
         chunk(nlohmann::json::object(), "stop") + "data: [DONE]\n\n";
}

ScriptedBackend::ScriptedBackend() : _acceptor([this] { accept(); }) {}

ScriptedBackend::~ScriptedBackend() {
  {
    const std::lock_guard lock(_mutex);
    _stopping = true;
    _changed.notify_all();
  }
  try {
    RawSocket::connect(port());          // wakes the acceptor
  } catch (const std::runtime_error&) {  // it has ended by itself
  }
  _acceptor.join();
  for (auto& connection : _connections) connection.join();
}

void ScriptedBackend::on(const std::string& methodAndPath, std::vector<Answer> answers) {
  const std::lock_guard lock(_mutex);
  _answers[methodAndPath] = std::move(answers);
}

std::vector<ScriptedBackend::Asked> ScriptedBackend::asked() {
  const std::lock_guard lock(_mutex);
  return _asked;
}

template <typename Condition>
bool ScriptedBackend::await(Condition condition) {
  std::unique_lock lock(_mutex);
  return _changed.wait_for(lock, HANG_GUARD, condition);
}
bool ScriptedBackend::awaitAsked(size_t count) {
  return await([&] { return _asked.size() >= count; });
}
bool ScriptedBackend::awaitClosedByClient(size_t count) {
  return await([&] { return _closedByClient >= count; });
}

void ScriptedBackend::accept() {
  for (;;) {
    try {
      RawSocket socket = _listener.accept();
      const std::lock_guard lock(_mutex);
      if (_stopping) return;
      _connections.emplace_back([this](RawSocket mine) { serve(std::move(mine)); }, std::move(socket));
    } catch (const std::runtime_error&) {  // nobody came for long
      const std::lock_guard lock(_mutex);
      if (_stopping) return;
    }
  }
}

ScriptedBackend::Answer ScriptedBackend::next(const std::string& methodAndPath) {
  const auto found = _answers.find(methodAndPath);
  if (found == _answers.end() || found->second.empty()) return whole(404, "text/plain", "Not Found");
  Answer answer = found->second.front();
  if (found->second.size() > 1) found->second.erase(found->second.begin());
  return answer;
}

void ScriptedBackend::serve(RawSocket socket) {
  try {
    Asked asked = readRequest(socket);
    Answer answer;
    {
      const std::lock_guard lock(_mutex);
      answer = next(asked.method + " " + asked.target);
      _asked.push_back(std::move(asked));
      _changed.notify_all();
    }
    const size_t size = answer.pieceSize == 0 ? std::max<size_t>(answer.bytes.size(), 1) : answer.pieceSize;
    for (size_t at = 0; at < answer.bytes.size(); at += size)
      if (!socket.trySend(std::string_view(answer.bytes).substr(at, size))) return;
    if (answer.end == Answer::End::Reset) return socket.reset();
    if (answer.end == Answer::End::Close) return;
    // The test's end is looked for now and then, the client's end is seen at once.
    for (;;) {
      pollfd entry{socket.fd(), POLLIN, 0};
      const bool ended = ::poll(&entry, 1, 50) > 0;
      const std::lock_guard lock(_mutex);
      if (ended) {
        ++_closedByClient;
        _changed.notify_all();
      }
      if (ended || _stopping) return;
    }
  } catch (const std::runtime_error&) {  // a client that left; tests look at what was asked
  }
}

}  // namespace tsunagi::test
