#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "relay/app/RelaySettings.h"

namespace tsunagi::relay {

// The running relay: data folder, units, spool, loops, hub, public listener, admin listener and control socket. One
// thread starts, reloads and ends it.
//
// Threads: "loop-0" … (connections), "spool-write", "spool-read", "admin", "admin-work", "notify".
// The end, in this order: drain(): readyz off; goaway waves while still accepting; no more accepting. shutDown(): links
// closed 1012; requests under way answered, their commits included; admin listener and control socket; spool (commits
// what waits, empties its log); loops; data folder released.
class RelayServer {
 public:
  explicit RelayServer(RelaySettings settings);
  ~RelayServer();  // shutDown()
  RelayServer(const RelayServer&) = delete;
  RelayServer& operator=(const RelayServer&) = delete;

  // Throws service::ProgramError. After that shutDown() is still right.
  void start();
  // Where it listens: ("public", "127.0.0.1:40001"), ("admin", …) unless off.
  std::vector<std::pair<std::string, std::string>> endpoints() const;
  // Limits of the spool, certificate, units, [notify]. What cannot be taken over is logged and the old kept.
  void reload(const RelaySettings& settings);
  void drain();
  void shutDown();

 private:
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace tsunagi::relay
