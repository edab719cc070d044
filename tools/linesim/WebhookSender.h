#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/Clock.h"
#include "base/NamedThread.h"
#include "base/Result.h"
#include "net/HttpClient.h"
#include "tools/linesim/Ledger.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {

// Brings webhooks to the bot as LINE does: POST, 2 s for everything, any 2xx is success. A few threads; webhooks of one
// conversation go one after another in the order they were given, others side by side. Thread-safe.
class WebhookSender {
 public:
  static constexpr int64_t LIMIT_MS = 2'000;
  static constexpr size_t MAX_QUEUED = 200'000;
  // Called on a sender thread when a try has ended.
  using Done = std::function<void(const WebhookAttempt& attempt)>;
  // Called on a sender thread just before a try.
  using Starting = std::function<void(const Webhook& webhook)>;

  WebhookSender(const net::HttpClient& client, const Clock& clock, size_t threads, Starting starting);
  ~WebhookSender();  // stop()
  void start();
  // Cancels what is under way, drops what waits (its Done is not called), joins the threads. Safe to call twice.
  void stop();

  // http or https. Empty = no URL: tries end at once without an answer.
  Status setUrl(const std::string& url);
  std::string url() const;

  // False when the queue is full or the sender was stopped. delayMs > 0 only for webhooks without a conversation.
  bool send(Webhook webhook, Done done, int64_t delayMs = 0, std::string contentType = {});

 private:
  struct Job {
    Webhook webhook;
    Done done;
    std::string contentType;
  };
  void work();
  bool takeJob(std::unique_lock<std::mutex>& lock, Job& job);
  WebhookAttempt attempt(const Job& job);
  void finishConversation(const std::string& conversation);

  const net::HttpClient& _client;
  const Clock& _clock;
  const size_t _threadCount;
  const Starting _starting;
  net::CancelToken _cancel;

  mutable std::mutex _mutex;
  std::condition_variable _wake;
  std::deque<Job> _free;                                      // may go at any time
  std::multimap<int64_t, Job> _delayed;                       // by the time they may go
  std::unordered_map<std::string, std::deque<Job>> _ordered;  // by conversation; an entry lives while it has work
  std::deque<std::string> _ready;                             // conversations whose first job may go
  size_t _queued = 0;
  bool _stopping = false;
  std::string _url;
  std::vector<NamedThread> _threads;
};

}  // namespace tsunagi::linesim
