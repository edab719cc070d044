#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "link/BridgeSession.h"
#include "link/RelaySession.h"

namespace tsunagi::link {

// A queue in the relay's store: survives crashes of the relay.
struct Queue {
  std::string epoch = "epoch1";
  uint64_t nextSeq = 1;
  uint64_t acknowledged = 0;
  std::string acknowledgedId;
  std::map<uint64_t, QueuedEvent> events;
  int resets = 0;
  int buried = 0;

  RelaySession::Resumed resume(const ResumeRequest& hello) {
    std::optional<std::string> id;
    if (auto found = events.find(hello.lastSeq); found != events.end()) id = found->second.id;
    ResumeDecision decision = decideResume({epoch, nextSeq, acknowledged, acknowledgedId}, hello, id);
    RelaySession::Resumed resumed;
    resumed.gap = decision.gap;
    if (decision.kind == ResumeDecision::Kind::NewEpoch) {
      resumed.reset = true;
      epoch = "epoch" + std::to_string(++resets + 1);
      std::map<uint64_t, QueuedEvent> renumbered;
      uint64_t seq = 0;
      for (auto& [old, event] : events) {
        event.seq = ++seq;
        renumbered[seq] = event;
      }
      events.swap(renumbered);
      nextSeq = seq + 1;
      acknowledged = 0;
      acknowledgedId.clear();
    } else {
      acknowledge(epoch, decision.acknowledgeUpTo);
    }
    resumed.epoch = epoch;
    resumed.resumeSeq = acknowledged + 1;
    return resumed;
  }
  void acknowledge(const std::string& ofEpoch, uint64_t seq) {
    if (ofEpoch != epoch || seq >= nextSeq || seq <= acknowledged) return;
    acknowledged = seq;
    while (!events.empty() && events.begin()->first <= seq) {
      acknowledgedId = events.begin()->second.id;
      events.erase(events.begin());
    }
  }
};

// The bridge's store: survives crashes of the bridge.
struct Store {
  LinkPosition position;
  std::vector<std::string> bodies;
  std::vector<std::pair<std::string, uint64_t>> keys;
};

}  // namespace tsunagi::link
