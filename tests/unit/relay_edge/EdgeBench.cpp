#include "EdgeBench.h"

#include <future>

namespace tsunagi::relay {

EdgeBench::EdgeBench(HubOptions hubOptions, WebhookOptions webhookOptions) {
  std::vector<net::EventLoop*> loops;
  for (int i = 0; i < 2; ++i) {
    _loops.push_back(std::make_unique<net::EventLoop>("edge" + std::to_string(i)));
    _loops.back()->start();
    loops.push_back(_loops.back().get());
  }
  _units = std::make_unique<UnitRegistry>(_folder.path());
  auto opened = _units->open();
  EXPECT_TRUE(opened.ok()) << opened.error();
  auto added = _units->add("gmk", "test");
  EXPECT_TRUE(added.ok());
  unit = added->unit;
  token = added->token;
  SpoolOptions options;
  options.folder = _folder.path();
  options.limits.minFreeBytes = 0;
  _spool = std::make_unique<Spool>(options);
  auto started = _spool->start();
  EXPECT_TRUE(started.ok()) << started.error();
  hubOptions.node = "node1";
  _hub = std::make_unique<UnitHub>(loops, *_spool, *_units, Clock::system(), hubOptions);
  _hub->start();
  _webhooks = std::make_unique<WebhookRoute>(*_spool, *_units, *_hub, Clock::system(), webhookOptions);
  _links = std::make_unique<LinkRoute>(*_hub, *_units, Clock::system());
  _server = std::make_unique<net::HttpServer>(loops, net::HttpServerOptions{});
  _webhooks->add(*_server);
  _links->add(*_server);
  auto address = _server->listen(*net::ListenAddress::parse("127.0.0.1:0"));
  EXPECT_TRUE(address.ok());
  port = address->port;
}

EdgeBench::~EdgeBench() {
  _hub->stop();
  _server->stop(5'000);
  _spool->stop();
}

std::string EdgeBench::webhook(const std::string& body, const std::string& more) const {
  std::string headers = more;
  if (more.find("x-line-signature") == std::string::npos && more.find("-none-") == std::string::npos) {
    headers += "x-line-signature: " + toBase64(std::string(32, 's')) + "\r\n";
  }
  if (more.find("content-type") == std::string::npos) headers += "content-type: application/json; charset=utf-8\r\n";
  return "POST /gmk/" + unit->id + "/webhook HTTP/1.1\r\nHost: relay\r\n" + headers +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

int EdgeBench::post(const std::string& body) {
  auto socket = test::RawSocket::connect(port);
  socket.send(webhook(body));
  return socket.readAnswer().status;
}

QueueCounters EdgeBench::counters() {
  std::promise<QueueCounters> answer;
  _spool->counters(
      unit->id, [&](std::optional<QueueCounters> counters) { answer.set_value(counters.value_or(QueueCounters{})); });
  return answer.get_future().get();
}

link::LinkOptions EdgeBench::linkOptions(const std::string& instance) const {
  link::LinkOptions options;
  options.url = relayUrl();
  options.unit = unit->id;
  options.token = token;
  options.version = "1";
  options.instance = instance;
  return options;
}

TestBridge::TestBridge(const EdgeBench& bench, const std::string& instance, link::LinkPosition start)
    : TestBridge(bench.linkOptions(instance), std::move(start)) {}

TestBridge::TestBridge(link::LinkOptions options, link::LinkPosition start) : _position(std::move(start)) {
  _loop.start();
  _client = std::make_unique<link::LinkClient>(_loop, *this, Clock::system());
  _client->configure(std::move(options));
  _client->start();
}

std::vector<link::ReceivedEvent> TestBridge::committed() const {
  std::lock_guard lock(_mutex);
  return _committed;
}

std::vector<std::string> TestBridge::bodies() const {
  std::vector<std::string> texts;
  for (const auto& event : committed()) texts.push_back(event.body);
  return texts;
}

std::vector<link::ReceivedEvent> TestBridge::held() const {
  std::lock_guard lock(_mutex);
  return _held;
}

link::LinkPosition TestBridge::stored() const {
  std::lock_guard lock(_mutex);
  return _position;
}

bool TestBridge::awaitBodies(size_t count) const {
  return test::eventually([&] { return committed().size() >= count; });
}

bool TestBridge::awaitPhase(link::LinkState::Phase phase) const {
  return test::eventually([&] { return _client->state().phase == phase; });
}

bool TestBridge::awaitTrouble(link::LinkState::Trouble trouble) const {
  return test::eventually([&] { return _client->state().trouble == trouble; });
}

std::vector<link::SeqRange> TestBridge::gaps() const {
  std::lock_guard lock(_mutex);
  return _gaps;
}

void TestBridge::releaseHeld() {
  hold = false;
  _loop.runSync([this] {
    std::vector<link::ReceivedEvent> events;
    {
      std::lock_guard lock(_mutex);
      events.swap(_held);
    }
    for (auto& event : events) commit(std::move(event));
  });
}

link::LinkPosition TestBridge::position() { return stored(); }

void TestBridge::commit(link::ReceivedEvent event) {
  const std::string epoch = event.epoch, id = event.id;
  const uint64_t seq = event.seq;
  {
    std::lock_guard lock(_mutex);
    _position = {epoch, seq, id};
    if (!refuseAll) _committed.push_back(std::move(event));
  }
  if (refuseAll) _client->refuse(epoch, seq, "unparsable", "refused by the test");
  _client->committed(epoch, seq, id);
}

void TestBridge::onEvents(std::vector<link::ReceivedEvent> events) {
  for (auto& event : events) {
    if (!hold) {
      commit(std::move(event));
      continue;
    }
    std::lock_guard lock(_mutex);
    _held.push_back(std::move(event));
  }
}

void TestBridge::onResync(const std::string& epoch) {
  ++resyncs;
  std::lock_guard lock(_mutex);
  _position = {epoch, 0, ""};
}

void TestBridge::onGap(uint64_t from, uint64_t to) {
  std::lock_guard lock(_mutex);
  _gaps.push_back({from, to});
}

void TestBridge::onDisconnected() {
  ++disconnects;
  std::lock_guard lock(_mutex);
  _held.clear();
}

void TestBridge::onStateChanged(const link::LinkState& state) {
  if (state.phase == link::LinkState::Phase::Connected) ++welcomes;
}

}  // namespace tsunagi::relay
