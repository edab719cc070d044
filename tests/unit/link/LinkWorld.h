#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "link/BridgeSession.h"
#include "link/RelaySession.h"
#include "tests/unit/link/LinkStores.h"

namespace tsunagi::link {

// The future as a list of tasks. Time moves from one to the next.
class Agenda {
 public:
  int64_t now() const { return _now; }
  void after(int64_t ms, std::function<void()> task) { _tasks.emplace(_now + ms, std::move(task)); }
  // False when there is nothing left before the end.
  bool step(int64_t end) {
    if (_tasks.empty() || _tasks.begin()->first > end) return false;
    auto node = _tasks.extract(_tasks.begin());
    _now = node.key();
    node.mapped()();
    return true;
  }

 private:
  int64_t _now = 1'000'000;
  std::multimap<int64_t, std::function<void()>> _tasks;
};

struct Message {
  bool text = true;
  bool ping = false;
  std::string bytes;
};

// Two ordered ways with a delay. cut() loses what is under way; each end hears of it later.
struct Pipe {
  int64_t relayHears = 0;  // no message arrives before the one sent earlier
  int64_t bridgeHears = 0;
  bool cut = false;
  int generation = 0;
};

// Both state machines, joined by a pipe that delays and breaks, with stores that are slow and programs that crash.
class World {
 public:
  explicit World(uint32_t seed) : _random(seed) {}

  Queue queue;
  Store store;
  int gaps = 0;
  int resets = 0;
  int goaways = 0;
  int cuts = 0;
  std::string broken;  // a protocol error, which must never happen between the two

  void run(int events, int64_t troubleMs) {
    const int64_t begin = agenda.now();
    for (int i = 1; i <= events; ++i) agenda.after(pick(troubleMs), [this] { storeEvent(); });
    for (int64_t at = 100 + pick(400); at < troubleMs; at += 50 + pick(3'000)) {
      agenda.after(at, [this] { trouble(); });
    }
    agenda.after(0, [this] { dial(); });
    agenda.after(10, [this] { tick(); });
    while (agenda.step(begin + troubleMs + 120'000) && broken.empty() && !finished(events)) {
    }
  }
  bool finished(int events) const {
    return _stored == events && queue.events.empty() && store.bodies.size() >= static_cast<size_t>(events);
  }

  Agenda agenda;

 private:
  struct Link {
    Pipe pipe;
    std::unique_ptr<RelaySession> relay;
    std::unique_ptr<BridgeSession> bridge;
    bool relayPlanned = false;
    bool welcomed = false;
  };
  using LinkPtr = std::shared_ptr<Link>;

  int64_t pick(int64_t below) { return static_cast<int64_t>(_random() % static_cast<uint64_t>(below)); }

  void storeEvent() {
    QueuedEvent event;
    event.seq = queue.nextSeq++;
    event.id = "id" + std::to_string(++_stored);
    event.bornMs = agenda.now();
    event.body = std::to_string(_stored) + std::string(static_cast<size_t>(pick(120)), '.');
    queue.events[event.seq] = event;
    if (auto link = _relayCurrent)
      withRelay(link, [&](auto& session, auto& out) { session.onStored(agenda.now(), out); });
  }

  void trouble() {
    switch (pick(6)) {
      case 0:
      case 1:  // the network breaks
        if (_current) cut(_current);
        break;
      case 2:  // the relay is killed
        for (const auto& link : {_current, _next}) {
          if (link) link->relayPlanned = true, cut(link);
        }
        _relayCurrent.reset();
        break;
      case 3:  // the bridge is killed: what is not committed is forgotten
        ++_bridgeLife;
        for (const auto& link : {_current, _next}) {
          if (link) link->bridge.reset(), cut(link);
        }
        _mark = {};
        _current.reset();
        _next.reset();
        agenda.after(20 + pick(500), [this] { dial(); });
        break;
      default:  // the relay asks to dial anew
        if (auto link = _relayCurrent) {
          ++goaways;
          link->relayPlanned = true;
          withRelay(link, [&](auto& session, auto& out) { session.goaway(Goaway{"", 0, ""}, out); });
        }
    }
  }

  void cut(const LinkPtr& link) {
    if (link->pipe.cut) return;
    ++cuts;
    link->pipe.cut = true;
    agenda.after(pick(300), [this, link] { endRelay(link); });
    agenda.after(pick(300), [this, link] { endBridge(link); });
  }

  void endRelay(const LinkPtr& link) {
    if (!link->relay) return;
    RelaySession::Outputs out;
    link->relay->onEnded(link->relayPlanned ? RelaySession::Ending::Planned : RelaySession::Ending::Broken, out);
    perform(link, out);
    link->relay.reset();
    if (_relayCurrent == link) _relayCurrent.reset();
  }

  void endBridge(const LinkPtr& link) {
    if (!link->bridge) return;
    const bool welcomed = link->welcomed;
    const LinkPosition mark{link->bridge->epoch(), link->bridge->deliveredUpTo(), ""};
    link->bridge.reset();
    if (_current == link) {
      if (_next && welcomed) {
        _mark = mark;  // the successor goes on
      } else {
        _mark = {};
        ++_bridgeLife;  // held events are dropped
      }
      _current = std::move(_next);
      _next.reset();
      if (!_current) agenda.after(pick(1'000), [this] { dial(); });
    } else if (_next == link) {
      _next.reset();
      agenda.after(pick(1'000), [this] { dial(); });
    }
  }

  void dial() {
    if (_next || (_current && !_current->welcomed)) return;
    auto link = std::make_shared<Link>();
    (_current ? _next : _current) = link;
    link->relay = std::make_unique<RelaySession>(_options, agenda.now());
    BridgeSessionOptions options;
    options.windowEvents = 6;
    options.windowBytes = 400;
    link->bridge = std::make_unique<BridgeSession>(options, store.position, agenda.now());
    withBridge(link, [&](auto& session, auto& out) { session.onOpen(agenda.now(), out); });
  }

  void tick() {
    for (const auto& link : {_current, _next}) {
      if (!link) continue;
      withBridge(link, [&](auto& session, auto& out) { session.tick(agenda.now(), out); });
      withRelay(link, [&](auto& session, auto& out) {
        session.onDrained(agenda.now(), out);
        session.tick(agenda.now(), out);
      });
    }
    agenda.after(25, [this] { tick(); });
  }

  template <typename F>
  void withRelay(const LinkPtr& link, F input) {
    if (!link->relay) return;
    RelaySession::Outputs out;
    input(*link->relay, out);
    perform(link, out);
  }
  template <typename F>
  void withBridge(const LinkPtr& link, F input) {
    if (!link->bridge) return;
    BridgeSession::Outputs out;
    input(*link->bridge, out);
    perform(link, out);
  }

  void toBridge(const LinkPtr& link, Message message) {
    int64_t& at = link->pipe.bridgeHears;
    at = std::max(at, agenda.now() + pick(60));
    agenda.after(at - agenda.now(), [this, link, message] {
      if (link->pipe.cut) return;
      if (link == _next && _current) {
        withBridge(link, [&](auto& session, auto&) {
          if (_current->bridge) session.noteHandedOver(_current->bridge->epoch(), _current->bridge->deliveredUpTo());
        });
      } else {
        withBridge(link, [&](auto& session, auto&) { session.noteHandedOver(_mark.epoch, _mark.lastSeq); });
      }
      withBridge(link, [&](auto& session, auto& out) {
        if (message.ping) {
          session.onHeard(agenda.now());
          toRelay(link, {true, true, ""});
        } else if (message.text) {
          session.onText(message.bytes, agenda.now(), 0, out);
        } else {
          session.onBinary(message.bytes, agenda.now(), out);
        }
      });
    });
  }

  void toRelay(const LinkPtr& link, Message message) {
    int64_t& at = link->pipe.relayHears;
    at = std::max(at, agenda.now() + pick(60));
    agenda.after(at - agenda.now(), [this, link, message] {
      if (link->pipe.cut) return;
      withRelay(link, [&](auto& session, auto& out) {
        if (message.ping) {
          session.onHeard(agenda.now());
        } else {
          session.onText(message.bytes, agenda.now(), out);
        }
      });
    });
  }

  void perform(const LinkPtr& link, RelaySession::Outputs& out) {
    for (auto& output : out) {
      if (auto* text = std::get_if<RelaySession::SendText>(&output)) {
        toBridge(link, {true, false, text->text});
      } else if (auto* event = std::get_if<RelaySession::SendEvent>(&output)) {
        toBridge(link, {false, false, event->head + event->body});
      } else if (std::holds_alternative<RelaySession::SendPing>(output)) {
        toBridge(link, {true, true, ""});
      } else if (auto* request = std::get_if<RelaySession::RequestResume>(&output)) {
        if (auto before = _relayCurrent; before && before != link) {
          before->relayPlanned = true;
          cut(before);
          endRelay(before);
        }
        _relayCurrent = link;
        agenda.after(pick(80), [this, link, position = request->hello.position] {
          if (_relayCurrent != link || !link->relay) return;
          auto resumed = queue.resume(position);
          withRelay(link, [&](auto& session, auto& more) { session.onResumed(resumed, agenda.now(), 0, more); });
        });
      } else if (auto* fetch = std::get_if<RelaySession::Fetch>(&output)) {
        agenda.after(pick(40), [this, link, wanted = *fetch] { answer(link, wanted); });
      } else if (auto* ack = std::get_if<RelaySession::Acknowledge>(&output)) {
        queue.acknowledge(link->relay->epoch(), ack->seq);
      } else if (auto* attempt = std::get_if<RelaySession::AddAttempt>(&output)) {
        auto found = queue.events.find(attempt->seq);
        if (link->relay->epoch() == queue.epoch && found != queue.events.end()) ++found->second.attempts;
      } else if (std::holds_alternative<RelaySession::Bury>(output)) {
        ++queue.buried;
      } else if (auto* close = std::get_if<RelaySession::Close>(&output)) {
        broken = "relay closed: " + close->reason;
      } else if (std::holds_alternative<RelaySession::Abort>(output)) {
        cut(link);
      }
    }
  }

  void answer(const LinkPtr& link, const RelaySession::Fetch& wanted) {
    if (!link->relay) return;
    if (queue.epoch != link->relay->epoch()) return cut(link);
    std::vector<QueuedEvent> page;
    size_t bytes = 0;
    bool more = false;
    for (auto found = queue.events.upper_bound(wanted.afterSeq); found != queue.events.end(); ++found) {
      bytes += found->second.body.size();
      if (!page.empty() && (page.size() >= wanted.maxEvents || bytes > wanted.maxBytes)) {
        more = true;
        break;
      }
      page.push_back(found->second);
    }
    withRelay(link, [&](auto& session, auto& out) { session.onEvents(std::move(page), more, agenda.now(), out); });
  }

  void perform(const LinkPtr& link, BridgeSession::Outputs& out) {
    for (auto& output : out) {
      if (auto* text = std::get_if<BridgeSession::SendText>(&output)) {
        toRelay(link, {true, false, text->text});
      } else if (std::holds_alternative<BridgeSession::SendPing>(output)) {
        toRelay(link, {true, true, ""});
      } else if (auto* event = std::get_if<BridgeSession::Deliver>(&output)) {
        if (link == _current) commitLater(event->event);
      } else if (auto* welcomed = std::get_if<BridgeSession::Welcomed>(&output)) {
        link->welcomed = true;
        _mark = {};
        if (!welcomed->continuesQueue) ++_bridgeLife;
        if (link != _next) continue;
        auto old = std::move(_current);
        _current = std::move(_next);
        _next.reset();
        old->bridge.reset();
        cut(old);
      } else if (auto* reset = std::get_if<BridgeSession::QueueReset>(&output)) {
        ++resets;
        store.position = {reset->epoch, 0, ""};
      } else if (std::holds_alternative<BridgeSession::EventsGone>(output)) {
        ++gaps;
      } else if (std::holds_alternative<BridgeSession::DialAnew>(output)) {
        agenda.after(pick(100), [this] { dial(); });
      } else if (auto* close = std::get_if<BridgeSession::Close>(&output)) {
        broken = "bridge closed: " + close->reason;
      } else if (std::holds_alternative<BridgeSession::Abort>(output)) {
        cut(link);
      }
    }
  }

  void commitLater(const ReceivedEvent& event) {
    _commitAt = std::max(_commitAt, agenda.now() + pick(150));
    agenda.after(_commitAt - agenda.now(), [this, event, life = _bridgeLife] {
      if (life != _bridgeLife) return;
      store.bodies.push_back(event.body);
      store.keys.emplace_back(event.epoch, event.seq);
      store.position = {event.epoch, event.seq, event.id};
      for (const auto& link : {_current, _next}) {
        if (!link) continue;
        withBridge(link,
                   [&](auto& session, auto& out) { session.committed(event.epoch, event.seq, agenda.now(), out); });
      }
    });
  }

  std::mt19937 _random;
  RelaySessionOptions _options{"u", "n", 256, 4 * 1024 * 1024, 20};
  LinkPtr _current, _next, _relayCurrent;
  LinkPosition _mark;  // handed over by a connection that ended before its successor was welcomed
  int _stored = 0;
  int _bridgeLife = 0;
  int64_t _commitAt = 0;

 public:
  void replaceStore(Store older) {
    ++_bridgeLife;
    _mark = {};
    store = std::move(older);
    for (const auto& link : {_current, _next}) {
      if (link) link->bridge.reset(), cut(link);
    }
    _current.reset();
    _next.reset();
    agenda.after(20, [this] { dial(); });
  }
  void replaceQueue(Queue older) {
    queue = std::move(older);
    for (const auto& link : {_current, _next}) {
      if (link) link->relayPlanned = true, cut(link);
    }
    _relayCurrent.reset();
  }
};

}  // namespace tsunagi::link
