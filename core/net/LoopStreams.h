#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/DeadlineQueue.h"
#include "net/EventLoop.h"
#include "net/Stream.h"
#include "net/StreamTable.h"

namespace tsunagi::net {

// What all connections of one loop share: the list of those with output of this turn, those that ended in it, spare
// buffers, the budget of TLS handshakes, the deadline of closing handshakes. All calls on the loop.
class LoopStreams {
 public:
  explicit LoopStreams(EventLoop& loop);
  ~LoopStreams();
  LoopStreams(const LoopStreams&) = delete;
  LoopStreams& operator=(const LoopStreams&) = delete;
  static LoopStreams& of(EventLoop& loop);  // made at first use, lives as long as the loop

  static constexpr int HANDSHAKES_PER_TURN = 16;
  static constexpr int64_t CLOSE_MS = 5'000;

  EventLoop& loop() const { return _loop; }
  bool takeHandshake();  // false: try again in the next turn
  DeadlineQueue& closing() { return _closing; }
  StreamTable& clients() { return _clients; }  // outgoing connections
  // Destroys what ended now, not at the end of the turn. Never from within a stream's call.
  void settle();

  // What many WebSockets have in common is kept once.
  struct Profile {
    std::string subprotocol;
    size_t maxMessage = 0;
    uint32_t users = 0;
  };
  std::optional<uint16_t> acquireProfile(const std::string& subprotocol, size_t maxMessage);  // none: 4096 differ
  void releaseProfile(uint16_t index);
  const Profile& profile(uint16_t index) const { return _profiles[index]; }

 private:
  friend class Stream;
  friend class StreamTable;
  void schedule();
  void endTurn();
  void runAgain();
  void forget(Stream& stream);
  std::unique_ptr<StreamExtra> takeExtra(Stream& stream);
  void giveExtra(std::unique_ptr<StreamExtra> extra);

  EventLoop& _loop;
  bool _scheduled = false;
  bool _againPosted = false;
  uint64_t _handshakeTurn = 0;
  int _handshakes = 0;
  std::vector<Stream*> _dirty;
  std::vector<Stream*> _again;
  std::vector<std::unique_ptr<Stream>> _graves;
  std::vector<std::unique_ptr<StreamExtra>> _spare;
  std::vector<Profile> _profiles;
  DeadlineQueue _closing;
  StreamTable _clients;  // last: its streams use all of the above
};

}  // namespace tsunagi::net
