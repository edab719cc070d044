#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/UniqueFd.h"
#include "net/DeadlineQueue.h"
#include "net/EventLoop.h"
#include "net/Tls.h"

namespace tsunagi::net {

class LoopStreams;
class StreamTable;
class WebSocketDecoder;

// What a stream needs only while something is partial, unsent, encrypted or being closed; an idle plain stream has
// none.
struct StreamExtra final : DeadlineOwner {
  std::string output;  // [0, sent) was taken by the kernel
  size_t sent = 0;
  size_t locked = 0;  // bytes from sent on that TLS already holds as a record: they must not change
  size_t border = 0;  // of a WebSocket: start of a frame in output, at or before the first that has not begun
  std::unique_ptr<TlsSession> tls;
  Deadline deadline{*this};
  std::unique_ptr<WebSocketDecoder> decoder;  // of a frame or message that came in part
  std::unique_ptr<std::string> pong;          // waits while the output is blocked
  uint16_t endCode = 0;
  std::string endReason;
  uint32_t dropped = 0;  // input bytes thrown away since discardInput()
  class Stream* stream = nullptr;

  StreamExtra();
  ~StreamExtra() override;
  void onDeadline(Deadline& due) override;
  bool needed() const;
  void clear();  // as new, but with the buffer's memory
};

// A connection on a loop, plain TCP, Unix or TLS, non-blocking both ways. Output is collected and written at the end of
// the turn; what the kernel does not take waits in the one buffer and for EPOLLOUT. Input comes through the loop's
// shared buffer, at most READ_BUDGET bytes in one turn so that no peer starves the others. Everything on the loop's
// thread. Owned by a StreamTable; destroyed at the end of the turn in which end() was called.
class Stream : public FdHandler {
 public:
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  static constexpr size_t READ_BUDGET = 256 * 1024;
  static constexpr size_t DROP_LIMIT = 1024 * 1024;  // of discardInput()

  void onReady(uint32_t epollEvents) final;

  bool ended() const { return _flags & ENDED; }
  size_t unsent() const { return _extra ? _extra->output.size() - _extra->sent : 0; }
  bool encrypted() const { return _extra && _extra->tls; }
  EventLoop& eventLoop() const;
  std::string peerText() const;  // see peerAddress()
  int64_t receivedMs() const;    // loop time of the last byte, in steps of 100 ms, never in the future
  uint32_t slot() const { return _slot; }
  StreamTable& streamTable() const { return *_table; }

  // Closes the descriptor now. onEnded() comes at the end of the turn, then destruction. Unsent output is lost.
  void end();
  void endWithReset();  // the same; the peer sees a reset

 protected:
  // A connected descriptor; reading begins in StreamTable::insert(). With TLS the handshake is done first; a client's
  // is begun by runAgain().
  Stream(StreamTable& table, UniqueFd fd, std::unique_ptr<TlsSession> tls);
  // Takes descriptor, TLS and unsent output over from another stream of the same table; see StreamTable::replace().
  explicit Stream(Stream& predecessor);

  // [called by the stream] data may be changed in place.
  virtual void onData(std::span<char> data) = 0;
  virtual void onEndOfInput() = 0;                       // the peer sends no more; output is still possible
  virtual void onBroken(const std::string& reason) = 0;  // must end()
  virtual void onHandshakeDone() {}
  virtual void onFlushed() {}                     // the output fell to nothing
  virtual void onUnblocked() {}                   // more can be written, and is right after
  virtual void onBlocked(bool /*progressed*/) {}  // output is left; told after each attempt to write
  virtual void onCloseDeadline() {}               // extra().deadline passed
  virtual void onEnded() {}                       // last call
  virtual void onAgain() { readMore(); }          // see runAgain()

  std::string& output();  // append to it; it is written at the end of the turn
  void write(std::string_view bytes) { output().append(bytes); }
  void writeNow();             // without waiting for the end of the turn
  void dropSent(size_t upTo);  // forgets output before that position when it is much; moves border
  bool blocked() const { return _flags & BLOCKED; }
  bool handshaking() const { return _flags & HANDSHAKING; }  // TLS, not finished yet
  void setReading(bool on);
  bool reading() const { return _flags & READING; }
  bool inputEnded() const { return _flags & INPUT_ENDED; }
  void shutdownOutput();  // close_notify and FIN
  // What comes from now on is dropped. Once the output is shut too, the stream ends with the input or beyond
  // DROP_LIMIT.
  void discardInput();
  void runAgain();  // onAgain() in the next turn
  void trim();      // gives back what an idle stream does not need
  StreamExtra& extra();
  StreamExtra* extraIfAny() const { return _extra.get(); }
  LoopStreams& streams() const;
  void readMore();

 private:
  friend class StreamTable;
  friend class LoopStreams;
  friend struct StreamExtra;
  enum Flag : uint16_t {
    READING = 1 << 0,
    ARMED_IN = 1 << 1,
    ARMED_OUT = 1 << 2,
    BLOCKED = 1 << 3,
    DIRTY = 1 << 4,
    AGAIN = 1 << 5,
    ENDED = 1 << 6,
    INPUT_ENDED = 1 << 7,
    HANDSHAKING = 1 << 8,
    WRITE_WANTS_READ = 1 << 9,
    READ_WANTS_WRITE = 1 << 10,
    OUTPUT_SHUT = 1 << 11,
    DISCARDING = 1 << 12,
    REPLACED = 1 << 13,
    REGISTERED = 1 << 14,
  };
  enum class Got : uint8_t { Data, Nothing, End, Broken };

  bool enter();  // registers with the loop; false when the kernel refuses
  void set(uint16_t flags) { _flags = static_cast<uint16_t>(_flags | flags); }
  void unset(uint16_t flags) { _flags = static_cast<uint16_t>(_flags & ~flags); }
  void updateInterest();
  void handshake();
  void flush();  // at the end of a turn
  void writeMore();
  Got readSome(char* buffer, size_t& size, std::string& reason);
  void drop(size_t size);
  void endWhenSilent();

  StreamTable* _table;
  std::unique_ptr<StreamExtra> _extra;
  int _fd;
  uint32_t _received = 0;  // steps of 100 ms of the loop's time, cut to 32 bits
  uint32_t _slot = 0;
  uint16_t _flags = 0;

 protected:
  uint16_t _mark = 0;  // two bytes for the derived class, which would else cost eight
};

}  // namespace tsunagi::net
