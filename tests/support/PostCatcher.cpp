#include "tests/support/PostCatcher.h"

#include <stdexcept>
#include <utility>

#include "tests/support/Eventually.h"

namespace tsunagi::test {
namespace {

std::string header(const net::HttpRequest& request, const char* name) {
  const auto value = request.headers.find(name);
  return value ? std::string(*value) : std::string();
}

}  // namespace

PostCatcher::PostCatcher(const std::shared_ptr<const net::TlsContext>& tls) {
  _loop.start();
  net::HttpServerOptions options;
  options.allowedHosts = {"127.0.0.1"};
  _server = std::make_unique<net::HttpServer>(std::vector<net::EventLoop*>{&_loop}, options);
  const auto take = [this](net::HttpRequest request, const net::PathParameters&, const net::HttpReply& reply) {
    reply.send(this->take(std::move(request)));
  };
  for (const char* path : {"/", "/{a}", "/{a}/{b}", "/{a}/{b}/{c}"}) _server->route("POST", path, take);
  const auto bound = _server->listen(net::ListenAddress::parse("127.0.0.1:0").value(), tls);
  if (!bound) throw std::runtime_error(bound.error());
  _address = (tls ? "https://" : "http://") + bound->text();
}

PostCatcher::~PostCatcher() {
  _server->stop(1'000);
  _loop.stop();
}

std::string PostCatcher::url(const std::string& path) const { return _address + path; }

void PostCatcher::answer(std::vector<int> statuses) {
  const std::lock_guard lock(_mutex);
  _answers.assign(statuses.begin(), statuses.end());
}

std::vector<PostCatcher::Post> PostCatcher::posts() const {
  const std::lock_guard lock(_mutex);
  return _posts;
}

PostCatcher::Post PostCatcher::awaitPost(size_t number) const {
  if (!eventually([&] { return posts().size() >= number; })) throw std::runtime_error("no POST came");
  return posts()[number - 1];
}

net::HttpResponse PostCatcher::take(net::HttpRequest request) {
  const std::lock_guard lock(_mutex);
  _posts.push_back({request.target, request.body, header(request, "Content-Type"), header(request, "Authorization")});
  const int status = _answers.empty() ? 200 : _answers.front();
  if (!_answers.empty()) _answers.pop_front();
  return net::HttpResponse::text(status, "ok");
}

}  // namespace tsunagi::test
