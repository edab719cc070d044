#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "Feeding.h"
#include "net/WebSocketCodec.h"

namespace tsunagi::net::test {
namespace {

using testing::ElementsAre;
using namespace std::string_literals;
using Words = std::vector<std::string>;

// One frame by its raw parts, so that every wrong one can be made. wide: bytes of the extended length, 0 = the
// shortest.
std::string frame(unsigned first, std::string payload, bool masked = true, int wide = 0) {
  std::string out(1, static_cast<char>(first));
  const size_t size = payload.size();
  const char maskBit = masked ? static_cast<char>(0x80) : '\0';
  if (wide == 0) wide = size > 0xffff ? 8 : size > 125 ? 2 : 1;
  if (wide == 1) {
    out += static_cast<char>(maskBit | static_cast<char>(size));
  } else {
    out += static_cast<char>(maskBit | (wide == 2 ? 126 : 127));
    for (int i = wide - 1; i >= 0; --i) out += static_cast<char>(static_cast<uint64_t>(size) >> (8 * i) & 0xff);
  }
  if (masked) {
    const std::string mask = "\x37\xfa\x21\x3d";
    out += mask;
    for (size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return out + payload;
}

constexpr unsigned FIN = 0x80;
constexpr unsigned CONT = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

// The bytes as they are and masked the other way round must give the same words in both roles, however they are cut.
Words run(const std::string& bytes, WsRole role = WsRole::Server, size_t maxMessage = 1 << 20) {
  const Words whole = runFrames(bytes, 0, role, maxMessage);
  for (const size_t step : {1u, 2u, 3u, 5u, 8u, 13u, 1000u})
    EXPECT_EQ(whole, runFrames(bytes, step, role, maxMessage)) << "step " << step;
  return whole;
}

std::string closeBody(unsigned code, const std::string& reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} + reason;
}

TEST(WebSocketDecoder, EveryLengthOfTextAndBinary) {
  for (const size_t size : {0u, 1u, 7u, 125u, 126u, 127u, 128u, 65535u, 65536u, 65537u}) {
    const std::string payload(size, '*');
    EXPECT_THAT(run(frame(FIN | TEXT, payload)), ElementsAre("text:" + payload));
    EXPECT_THAT(run(frame(FIN | BINARY, payload)), ElementsAre("binary:" + payload));
    EXPECT_THAT(run(frame(FIN | BINARY, payload, false), WsRole::Client), ElementsAre("binary:" + payload));
  }
}

TEST(WebSocketDecoder, UnmasksAnyBytesAtAnyPlace) {
  std::string payload;
  for (int i = 0; i < 1000; ++i) payload += static_cast<char>(i * 7);
  const std::string bytes = frame(FIN | BINARY, payload);
  for (size_t step = 1; step < 40; ++step)
    EXPECT_THAT(runFrames(bytes, step), ElementsAre("binary:" + payload)) << step;
}

TEST(WebSocketDecoder, PingsAndPongs) {
  EXPECT_THAT(run(frame(FIN | PING, "")), ElementsAre("ping:"));
  EXPECT_THAT(run(frame(FIN | PING, "hello")), ElementsAre("ping:hello"));
  const std::string odd = "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"s;
  EXPECT_THAT(run(frame(FIN | PING, odd)), ElementsAre("ping:" + odd));
  const std::string full(125, '\xfe');
  EXPECT_THAT(run(frame(FIN | PING, full)), ElementsAre("ping:" + full));
  EXPECT_THAT(run(frame(FIN | PING, std::string(126, 'x'))), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | PONG, "")), ElementsAre("pong:"));
  EXPECT_THAT(run(frame(FIN | PONG, "unasked") + frame(FIN | PING, "1") + frame(FIN | PING, "2")),
              ElementsAre("pong:unasked", "ping:1", "ping:2"));
}

TEST(WebSocketDecoder, ReservedBitsAreRefused) {
  for (const unsigned bits : {0x10u, 0x20u, 0x30u, 0x40u, 0x50u, 0x60u, 0x70u})
    for (const unsigned opcode : {TEXT, BINARY, CLOSE, PING, PONG}) {
      EXPECT_THAT(run(frame(FIN | TEXT, "a") + frame(FIN | bits | opcode, "x")), ElementsAre("text:a", "fail:1002"));
    }
}

TEST(WebSocketDecoder, ReservedOpcodesAreRefused) {
  for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
    EXPECT_THAT(run(frame(FIN | opcode, "")), ElementsAre("fail:1002")) << opcode;
    EXPECT_THAT(run(frame(FIN | opcode, "x") + frame(FIN | PING, "")), ElementsAre("fail:1002")) << opcode;
    EXPECT_THAT(run(frame(TEXT, "a") + frame(FIN | opcode, "x")), ElementsAre("fail:1002")) << opcode;
  }
}

TEST(WebSocketDecoder, Fragments) {
  EXPECT_THAT(run(frame(TEXT, "a") + frame(CONT, "b") + frame(FIN | CONT, "c")), ElementsAre("text:abc"));
  EXPECT_THAT(run(frame(BINARY, "a") + frame(FIN | CONT, "")), ElementsAre("binary:a"));
  EXPECT_THAT(run(frame(TEXT, "") + frame(CONT, "") + frame(FIN | CONT, "")), ElementsAre("text:"));
  EXPECT_THAT(run(frame(TEXT, "") + frame(CONT, "x") + frame(FIN | CONT, "")), ElementsAre("text:x"));
  EXPECT_THAT(run(frame(TEXT, "a") + frame(FIN | PING, "p") + frame(FIN | CONT, "b")),
              ElementsAre("ping:p", "text:ab"));
  EXPECT_THAT(run(frame(TEXT, "a") + frame(FIN | PONG, "") + frame(CONT, "b") + frame(FIN | PING, "") +
                  frame(FIN | CONT, "c") + frame(FIN | TEXT, "next")),
              ElementsAre("pong:", "ping:", "text:abc", "text:next"));
  EXPECT_THAT(run(frame(TEXT, "a") + frame(FIN | CLOSE, closeBody(1000))), ElementsAre("close:1000:"));
}

TEST(WebSocketDecoder, WrongFragments) {
  EXPECT_THAT(run(frame(FIN | CONT, "x")), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(CONT, "x")), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | TEXT, "a") + frame(FIN | CONT, "x")), ElementsAre("text:a", "fail:1002"));
  EXPECT_THAT(run(frame(TEXT, "a") + frame(FIN | TEXT, "b")), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(TEXT, "a") + frame(BINARY, "b")), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(TEXT, "") + frame(FIN | TEXT, "b")), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(PING, "x")), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(PONG, "x") + frame(FIN | CONT, "x")), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(CLOSE, closeBody(1000))), ElementsAre("fail:1002"));
}

TEST(WebSocketDecoder, MaskingByRole) {
  EXPECT_THAT(run(frame(FIN | TEXT, "x", false)), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | TEXT, "x", true), WsRole::Client), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | PING, "", false)), ElementsAre("fail:1002"));
}

TEST(WebSocketDecoder, LengthsMustBeShortest) {
  EXPECT_THAT(run(frame(FIN | BINARY, "", true, 2)), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | BINARY, std::string(125, 'x'), true, 2)), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | BINARY, std::string(125, 'x'), true, 8)), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | BINARY, std::string(65535, 'x'), true, 8)), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | PING, "x", true, 2)), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | PING, "x", true, 8)), ElementsAre("fail:1002"));
  EXPECT_THAT(run("\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0"s), ElementsAre("fail:1002"));
  EXPECT_THAT(run("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"s), ElementsAre("fail:1002"));
}

TEST(WebSocketDecoder, TooBigIsSaidFromTheHeaderAlone) {
  // 2 GiB and 2^62 bytes announced; nothing but the header came.
  EXPECT_THAT(run("\x82\xff\0\0\0\0\x80\0\0\0\1\2\3\4"s), ElementsAre("fail:1009"));
  EXPECT_THAT(run("\x82\xff\x40\0\0\0\0\0\0\0\1\2\3\4"s), ElementsAre("fail:1009"));
  EXPECT_THAT(run("\x82\x7f\0\0\0\0\x80\0\0\0"s, WsRole::Client), ElementsAre("fail:1009"));
  EXPECT_THAT(run(frame(FIN | TEXT, "12345"), WsRole::Server, 4), ElementsAre("fail:1009"));
  EXPECT_THAT(run(frame(FIN | TEXT, "1234"), WsRole::Server, 4), ElementsAre("text:1234"));
  EXPECT_THAT(run(frame(TEXT, "12") + frame(CONT, "3") + frame(FIN | CONT, "4"), WsRole::Server, 4),
              ElementsAre("text:1234"));
  EXPECT_THAT(run(frame(TEXT, "12") + frame(CONT, "3") + frame(FIN | CONT, "45"), WsRole::Server, 4),
              ElementsAre("fail:1009"));
  EXPECT_THAT(run(frame(FIN | PING, "12345"), WsRole::Server, 4), ElementsAre("ping:12345"));
  EXPECT_THAT(run(frame(FIN | BINARY, "") + frame(FIN | BINARY, "x"), WsRole::Server, 0),
              ElementsAre("binary:", "fail:1009"));
}

TEST(WebSocketDecoder, CloseFrames) {
  EXPECT_THAT(run(frame(FIN | CLOSE, "")), ElementsAre("close:1005:"));
  EXPECT_THAT(run(frame(FIN | CLOSE, "x")), ElementsAre("fail:1002"));
  for (const unsigned code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u, 1013u, 1014u, 3000u,
                              3999u, 4000u, 4409u, 4999u})
    EXPECT_THAT(run(frame(FIN | CLOSE, closeBody(code, "bye"))), ElementsAre("close:" + std::to_string(code) + ":bye"));
  for (const unsigned code : {0u, 1u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u})
    EXPECT_THAT(run(frame(FIN | CLOSE, closeBody(code))), ElementsAre("fail:1002")) << code;
  const std::string longest(123, 'r');
  EXPECT_THAT(run(frame(FIN | CLOSE, closeBody(1000, longest))), ElementsAre("close:1000:" + longest));
  EXPECT_THAT(run(frame(FIN | CLOSE, closeBody(1000, longest + "r"))), ElementsAre("fail:1002"));
  EXPECT_THAT(run(frame(FIN | CLOSE, closeBody(1000, "\xce\xba\xff"))), ElementsAre("fail:1007"));
  EXPECT_THAT(run(frame(FIN | CLOSE, closeBody(1000, "\xce"))), ElementsAre("fail:1007"));
}

TEST(WebSocketDecoder, NothingIsTakenAfterAClose) {
  EXPECT_THAT(run(frame(FIN | CLOSE, closeBody(1000)) + frame(FIN | PING, "p") + frame(FIN | CLOSE, "") + "garbage"),
              ElementsAre("close:1000:"));
}

TEST(WebSocketDecoder, ValidTextOfEveryKind) {
  for (const std::string& text : {"Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!"s, "\0"s,
                                  "\x7f"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s,
                                  "\xef\xbf\xbd"s, "\xef\xbf\xbf"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s,
                                  "\xe3\x81\xa4\xe3\x81\xaa\xe3\x81\x8e \xf0\x9f\x98\x80 and plenty of plain text"s}) {
    EXPECT_THAT(run(frame(FIN | TEXT, text)), ElementsAre("text:" + text));
    for (size_t cut = 0; cut <= text.size(); ++cut)  // also within a character
      EXPECT_THAT(
          runFrames(frame(TEXT, text.substr(0, cut)) + frame(FIN | PING, "") + frame(FIN | CONT, text.substr(cut)), 1),
          ElementsAre("ping:", "text:" + text));
  }
}

TEST(WebSocketDecoder, InvalidText) {
  for (const std::string& text : {"\x80"s,
                                  "\xbf"s,
                                  "\xc0\x80"s,
                                  "\xc1\xbf"s,
                                  "\xe0\x80\x80"s,
                                  "\xe0\x9f\xbf"s,
                                  "\xf0\x80\x80\x80"s,
                                  "\xf0\x8f\xbf\xbf"s,
                                  "\xed\xa0\x80"s,
                                  "\xed\xbf\xbf"s,
                                  "\xed\xa0\x80\xed\xb0\x80"s,
                                  "\xf4\x90\x80\x80"s,
                                  "\xf5\x80\x80\x80"s,
                                  "\xf8\x88\x80\x80\x80"s,
                                  "\xfc\x84\x80\x80\x80\x80"s,
                                  "\xfe"s,
                                  "\xff"s,
                                  "\xc2"s,
                                  "\xc2x"s,
                                  "\xe3\x81"s,
                                  "\xe3x"s,
                                  "\xf0\x9f\x98"s,
                                  "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"
                                  "edited"s}) {
    EXPECT_THAT(run(frame(FIN | TEXT, "0123456789abcdef" + text)), ElementsAre("fail:1007"));
    EXPECT_THAT(run(frame(TEXT, text) + frame(FIN | CONT, "")), ElementsAre("fail:1007"));
    EXPECT_THAT(run(frame(FIN | BINARY, text)), ElementsAre("binary:" + text));
  }
}

TEST(WebSocketDecoder, BadTextIsRefusedAtItsFirstByte) {
  // The frame announces 100 bytes; the bad one is the third.
  std::string bytes = frame(FIN | TEXT, "ab\xff" + std::string(97, 'c'));
  bytes.resize(2 + 4 + 3);
  EXPECT_THAT(run(bytes), ElementsAre("fail:1007"));
  // A first fragment that ends within a character, then a byte that cannot go on.
  bytes = frame(TEXT, "\xf4") + frame(FIN | CONT, "\x90\x80\x80");
  bytes.resize(bytes.size() - 2);
  EXPECT_THAT(run(bytes), ElementsAre("fail:1007"));
}

TEST(WebSocketDecoder, IsIdleBetweenMessagesOnly) {
  EXPECT_THAT(run(frame(TEXT, "a")), ElementsAre("open"));
  EXPECT_THAT(run(frame(FIN | TEXT, "ab").substr(0, 1)), ElementsAre("open"));
  EXPECT_THAT(run(frame(FIN | TEXT, "ab").substr(0, 6)), ElementsAre("open"));
  EXPECT_THAT(run(frame(FIN | TEXT, "ab").substr(0, 7)), ElementsAre("open"));
  EXPECT_THAT(run(frame(FIN | PING, "ab").substr(0, 7)), ElementsAre("open"));
}

// Looks at where the payload lies, and stops after a number of messages.
class Observer : public WsSink {
 public:
  void onMessage(WsOpcode, std::string_view payload) override {
    last = payload.data();
    ++messages;
  }
  void onPing(std::string_view) override {}
  void onPong(std::string_view) override {}
  void onClose(uint16_t, std::string_view) override {}
  bool wantsMore() const override { return messages < limit; }
  const char* last = nullptr;
  int messages = 0;
  int limit = 1000;
};

TEST(WebSocketDecoder, AWholeFrameIsNotCopied) {
  std::string bytes = frame(FIN | BINARY, std::string(1000, 'x'));
  WebSocketDecoder decoder(WsRole::Server, 1 << 20);
  Observer sink;
  EXPECT_FALSE(decoder.feed(bytes, sink).has_value());
  EXPECT_EQ(sink.last, bytes.data() + 8);
}

TEST(WebSocketDecoder, StopsBetweenFramesWhenTheSinkWantsNoMore) {
  const std::string one = frame(FIN | TEXT, "1");
  std::string bytes = one + frame(FIN | TEXT, "2") + frame(FIN | TEXT, "3");
  WebSocketDecoder decoder(WsRole::Server, 100);
  Observer sink;
  sink.limit = 1;
  EXPECT_FALSE(decoder.feed(bytes, sink).has_value());
  EXPECT_EQ(sink.messages, 1);
  EXPECT_EQ(decoder.unused(), bytes.size() - one.size());
  EXPECT_TRUE(decoder.idle());
  sink.limit = 3;
  EXPECT_FALSE(decoder.feed(std::span<char>(bytes).last(decoder.unused()), sink).has_value());
  EXPECT_EQ(sink.messages, 3);
  EXPECT_EQ(decoder.unused(), 0u);
}

}  // namespace
}  // namespace tsunagi::net::test
