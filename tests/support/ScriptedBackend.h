#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/RawSocket.h"

namespace tsunagi::test {

// A model's server that says exactly the bytes a test wants: by "METHOD /path" a list of answers, the last of which
// serves from then on. One thread for each connection. What is not scripted gets 404 text/plain "Not Found".
class ScriptedBackend {
 public:
  struct Answer {
    std::string bytes;  // head and body as they go over the wire
    enum class End {
      Close,  // an orderly end
      Reset,  // the peer sees a connection reset
      Hold    // nothing more comes, until the client closes or the test ends
    } end = End::Close;
    size_t pieceSize = 0;  // bytes are sent one piece after the other; 0: at once
  };
  // An answer with Content-Length.
  static Answer whole(int status, const std::string& type, const std::string& body, const std::string& fields = {});
  // A stream of events that the end of the connection ends, as HTTP/1.1 allows.
  static Answer events(const std::string& body, Answer::End end = Answer::End::Close);
  // The same in chunks of their own framing, with the last one only when complete.
  static Answer chunked(const std::vector<std::string>& chunks, bool complete = true,
                        const std::string& type = "text/event-stream");
  // What an OpenAI-like server streams for that text.
  static std::string completion(const std::string& text, const std::string& model = "m");

  struct Asked {
    std::string method, target;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };

  ScriptedBackend();
  ~ScriptedBackend();
  ScriptedBackend(const ScriptedBackend&) = delete;
  ScriptedBackend& operator=(const ScriptedBackend&) = delete;

  void on(const std::string& methodAndPath, std::vector<Answer> answers);
  uint16_t port() const { return _listener.port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  std::vector<Asked> asked();
  bool awaitAsked(size_t count);           // requests in all; false when the hang guard ends
  bool awaitClosedByClient(size_t count);  // connections that the client ended while they were held

 private:
  void accept();
  void serve(RawSocket socket);
  Answer next(const std::string& methodAndPath);
  template <typename Condition>
  bool await(Condition condition);

  RawListener _listener{128};
  std::mutex _mutex;
  std::condition_variable _changed;
  std::map<std::string, std::vector<Answer>> _answers;
  std::vector<Asked> _asked;
  size_t _closedByClient = 0;
  bool _stopping = false;
  std::vector<std::thread> _connections;
  std::thread _acceptor;
};

}  // namespace tsunagi::test
