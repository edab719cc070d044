#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/EventLoop.h"
#include "net/HttpServer.h"

namespace tsunagi::test {

// A throw-away HTTP server on loopback that takes every POST and remembers it; with a certificate it speaks TLS.
// Thread-safe.
class PostCatcher {
 public:
  struct Post {
    std::string path, body, contentType, authorization;
  };
  PostCatcher() : PostCatcher(nullptr) {}
  explicit PostCatcher(const std::shared_ptr<const net::TlsContext>& tls);
  ~PostCatcher();

  std::string url(const std::string& path) const;  // "http://127.0.0.1:40123/path", or https
  // What the next ones are answered; 200 when that is over.
  void answer(std::vector<int> statuses);
  std::vector<Post> posts() const;
  // The nth, from 1; waits for it. Throws std::runtime_error when it does not come.
  Post awaitPost(size_t number) const;

 private:
  net::HttpResponse take(net::HttpRequest request);

  net::EventLoop _loop{"post-catcher"};
  std::unique_ptr<net::HttpServer> _server;
  std::string _address;
  mutable std::mutex _mutex;
  std::deque<int> _answers;
  std::vector<Post> _posts;
};

}  // namespace tsunagi::test
