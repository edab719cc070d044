// The WebSocket decoder in both roles: the outcome does not depend on how the bytes were cut, messages stay under their
// cap, texts are UTF-8, and what was decoded comes back when it is encoded.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Encoding.h"
#include "net/WebSocketCodec.h"

using namespace tsunagi;
using namespace tsunagi::net;

namespace {

constexpr size_t MAX_MESSAGE = 200;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Word {
  WsOpcode kind = WsOpcode::Text;
  uint16_t code = 0;
  std::string payload;
  bool operator==(const Word& other) const = default;
};

class Recorder : public WsSink {
 public:
  void onMessage(WsOpcode kind, std::string_view payload) override {
    require(kind == WsOpcode::Text || kind == WsOpcode::Binary);
    require(payload.size() <= MAX_MESSAGE);
    if (kind == WsOpcode::Text) require(isValidUtf8(payload));
    add({kind, 0, std::string(payload)});
  }
  void onPing(std::string_view payload) override { add({WsOpcode::Ping, 0, std::string(payload)}); }
  void onPong(std::string_view payload) override { add({WsOpcode::Pong, 0, std::string(payload)}); }
  void onClose(uint16_t code, std::string_view reason) override {
    require(code == 1005 || isSendableCloseCode(code));
    require(isValidUtf8(reason));
    add({WsOpcode::Close, code, std::string(reason)});
  }
  std::vector<Word> words;

 private:
  void add(Word word) {
    require(words.empty() || words.back().kind != WsOpcode::Close);
    if (word.kind != WsOpcode::Text && word.kind != WsOpcode::Binary) require(word.payload.size() <= 125);
    words.push_back(std::move(word));
  }
};

struct Run {
  std::vector<Word> words;
  int failure = 0;
  bool closed = false;
  bool idle = false;
  bool operator==(const Run& other) const = default;
};

Run run(std::string bytes, size_t step, WsRole role) {
  Recorder sink;
  WebSocketDecoder decoder(role, MAX_MESSAGE);
  Run result;
  std::span<char> rest(bytes);
  while (!rest.empty() && !decoder.closed()) {
    const std::span<char> piece = rest.first(std::min(step, rest.size()));
    rest = rest.subspan(piece.size());
    if (const auto failure = decoder.feed(piece, sink)) {
      require(decoder.closed());
      require(failure->closeCode == 1002 || failure->closeCode == 1007 || failure->closeCode == 1009);
      result.failure = failure->closeCode;
    }
    require(decoder.unused() == 0);
  }
  result.words = std::move(sink.words);
  result.closed = decoder.closed();
  result.idle = decoder.idle();
  return result;
}

// Written by the other side, the same words come back.
void checkEncoder(const std::vector<Word>& words, WsRole reader) {
  const WsRole writer = reader == WsRole::Server ? WsRole::Client : WsRole::Server;
  std::string bytes;
  for (const Word& word : words) {
    if (word.kind == WsOpcode::Close)
      encodeClose(bytes, writer, word.code, word.payload);
    else
      encodeFrame(bytes, writer, word.kind, word.payload);
  }
  require(run(bytes, 7, reader).words == words);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  size_t sum = 0;
  for (const char c : bytes) sum += static_cast<unsigned char>(c);
  for (const WsRole role : {WsRole::Server, WsRole::Client}) {
    const Run whole = run(bytes, size + 1, role);
    const Run single = run(bytes, 1, role);
    const Run pieces = run(bytes, 2 + sum % 61, role);
    require(whole.words == single.words && whole.failure == single.failure && whole.closed == single.closed);
    require(whole.words == pieces.words && whole.failure == pieces.failure && whole.closed == pieces.closed);
    if (!whole.closed) require(whole.idle == single.idle && whole.idle == pieces.idle);
    checkEncoder(whole.words, role);
  }
  return 0;
}
