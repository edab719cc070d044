#include "tools/linesim/WebhookSender.h"

#include <chrono>
#include <utility>

#include "net/Url.h"

namespace tsunagi::linesim {

WebhookSender::WebhookSender(const net::HttpClient& client, const Clock& clock, size_t threads, Starting starting)
    : _client(client), _clock(clock), _threadCount(threads), _starting(std::move(starting)) {}

WebhookSender::~WebhookSender() { stop(); }

void WebhookSender::start() {
  for (size_t i = 0; i < _threadCount; ++i) _threads.emplace_back("webhook-" + std::to_string(i), [this] { work(); });
}

void WebhookSender::stop() {
  {
    const std::lock_guard lock(_mutex);
    _stopping = true;
  }
  _cancel.cancel();
  _wake.notify_all();
  _threads.clear();
}

Status WebhookSender::setUrl(const std::string& url) {
  if (!url.empty()) {
    const auto parsed = net::Url::parse(url);
    if (!parsed) return Error{"webhook URL: " + parsed.error()};
    if (parsed->scheme != "http" && parsed->scheme != "https") return Error{"webhook URL: must be http or https"};
  }
  const std::lock_guard lock(_mutex);
  _url = url;
  return {};
}

std::string WebhookSender::url() const {
  const std::lock_guard lock(_mutex);
  return _url;
}

bool WebhookSender::send(Webhook webhook, Done done, int64_t delayMs, std::string contentType) {
  Job job{std::move(webhook), std::move(done), std::move(contentType)};
  {
    const std::lock_guard lock(_mutex);
    if (_stopping || _queued >= MAX_QUEUED) return false;
    ++_queued;
    if (delayMs > 0) {
      _delayed.emplace(_clock.steadyMs() + delayMs, std::move(job));
    } else if (job.webhook.conversation.empty()) {
      _free.push_back(std::move(job));
    } else {
      const std::string conversation = job.webhook.conversation;
      const auto [entry, isNew] = _ordered.try_emplace(conversation);
      entry->second.push_back(std::move(job));
      if (isNew) _ready.push_back(conversation);
    }
  }
  _wake.notify_one();
  return true;
}

bool WebhookSender::takeJob(std::unique_lock<std::mutex>& lock, Job& job) {
  while (!_stopping) {
    if (!_delayed.empty() && _delayed.begin()->first <= _clock.steadyMs()) {
      job = std::move(_delayed.begin()->second);
      _delayed.erase(_delayed.begin());
      return true;
    }
    if (!_free.empty()) {
      job = std::move(_free.front());
      _free.pop_front();
      return true;
    }
    if (!_ready.empty()) {
      auto& queue = _ordered.at(_ready.front());
      _ready.pop_front();
      job = std::move(queue.front());
      queue.pop_front();
      return true;
    }
    if (_delayed.empty())
      _wake.wait(lock);
    else
      _wake.wait_for(lock, std::chrono::milliseconds(_delayed.begin()->first - _clock.steadyMs() + 1));
  }
  return false;
}

void WebhookSender::finishConversation(const std::string& conversation) {
  const auto entry = _ordered.find(conversation);
  if (entry->second.empty()) {
    _ordered.erase(entry);
    return;
  }
  _ready.push_back(conversation);
  _wake.notify_one();
}

WebhookAttempt WebhookSender::attempt(const Job& job) {
  WebhookAttempt result;
  result.startedMs = _clock.steadyMs();
  result.redelivery = job.webhook.redelivery;
  const std::string target = job.webhook.url.empty() ? url() : job.webhook.url;
  if (target.empty()) {
    result.error = "no webhook URL is set";
    return result;
  }
  net::HttpCall call;
  call.method = "POST";
  auto parsed = net::Url::parse(target);
  if (!parsed) {
    result.error = parsed.error();
    return result;
  }
  call.url = std::move(parsed.value());
  call.headers.add("Content-Type", job.contentType.empty() ? "application/json; charset=utf-8" : job.contentType);
  call.headers.add("User-Agent", "LineBotWebhook/2.0");
  if (!job.webhook.signature.empty()) call.headers.add("x-line-signature", job.webhook.signature);
  call.body = *job.webhook.body;
  call.connectMs = LIMIT_MS;
  call.idleMs = LIMIT_MS;
  call.totalMs = LIMIT_MS;
  call.maxBody = 64 * 1024;
  call.cancel = &_cancel;
  const net::HttpResult answer = _client.perform(call);
  result.latencyMs = _clock.steadyMs() - result.startedMs;
  result.status = answer.ok() ? answer.status : 0;
  result.error = answer.error;
  result.connected = answer.sent;
  return result;
}

void WebhookSender::work() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(_mutex);
      if (!takeJob(lock, job)) return;
    }
    _starting(job.webhook);
    const WebhookAttempt result = attempt(job);
    if (job.done) job.done(result);
    const std::lock_guard lock(_mutex);
    --_queued;
    if (!job.webhook.conversation.empty()) finishConversation(job.webhook.conversation);
  }
}

}  // namespace tsunagi::linesim
