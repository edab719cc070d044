#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "net/Stream.h"
#include "net/WebSocket.h"
#include "net/WebSocketCodec.h"

namespace tsunagi::net {

// An open WebSocket of either role on a stream. While nothing is partial or unsent it is this record and its place in
// the table, no more: thousands of idle ones are the relay's normal state.
class WebSocketSession final : public Stream, public WebSocket {
 public:
  // Takes the place of the stream that did the handshake and reports onOpen; then `behind`, the bytes that came behind
  // the handshake, are read as frames. nullptr (nothing touched) when the loop has no more room for new profiles.
  static WebSocketSession* begin(Stream& predecessor, std::shared_ptr<WebSocketHandler> handler, WsRole role,
                                 const std::string& subprotocol, size_t maxMessage, std::string behind);
  ~WebSocketSession() override;

  EventLoop& loop() override { return eventLoop(); }
  void sendText(std::string_view payload) override;
  void sendBinary(std::string_view head, std::string_view body) override;
  void sendPing(std::string_view payload) override;
  void close(uint16_t code, std::string_view reason) override;
  void abort() override;
  size_t unsentBytes() const override { return unsent(); }
  int64_t lastReceivedMs() const override { return receivedMs(); }
  const std::string& subprotocol() const override;
  std::string peer() const override { return peerText(); }

  // The server ends: tells the peer 1001 if the kernel takes it at once, then closes.
  void endNow(std::string_view why);

 private:
  struct Sink;
  // In _mark: the lower twelve bits are the profile.
  enum Mark : uint16_t {
    CLIENT = 1 << 12,
    CLOSE_SENT = 1 << 13,      // nothing of ours goes out any more
    CLOSE_RECEIVED = 1 << 14,  // or the peer broke the protocol: nothing more is taken
    TELL_DRAINED = 1 << 15,
    PROFILE = CLIENT - 1
  };

  WebSocketSession(Stream& predecessor, std::shared_ptr<WebSocketHandler> handler, WsRole role, uint16_t profile);
  void onData(std::span<char> data) override;
  void onEndOfInput() override;
  void onBroken(const std::string& reason) override;
  void onFlushed() override;
  void onUnblocked() override;
  void onBlocked(bool progressed) override;
  void onCloseDeadline() override;
  void onEnded() override;

  bool marked(uint16_t mark) const { return _mark & mark; }
  void setMark(uint16_t mark) { _mark = static_cast<uint16_t>(_mark | mark); }
  WsRole role() const { return marked(CLIENT) ? WsRole::Client : WsRole::Server; }
  void sendMessage(WsOpcode opcode, std::string_view head, std::string_view body);
  void sendPong(std::string_view payload);
  void insertControl(std::string_view frame);
  void passSentFrames();
  void sendClose(uint16_t code, std::string_view reason);
  void peerClosed(uint16_t code, std::string_view reason);
  void failed(const WsFailure& failure);
  void endWith(uint16_t code, std::string_view reason);
  void closeIfDone();
  template <typename Call>
  void guarded(Call call);

  std::shared_ptr<WebSocketHandler> _handler;
};

static_assert(sizeof(WebSocketSession) <= 64, "an idle unit is a record of at most 64 bytes");

}  // namespace tsunagi::net
