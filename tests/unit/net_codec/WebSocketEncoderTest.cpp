#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "Feeding.h"
#include "net/WebSocketCodec.h"

namespace tsunagi::net::test {
namespace {

using testing::ElementsAre;

TEST(EncodeFrame, IsReadBackInBothRoles) {
  for (const size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u}) {
    const std::string payload(size, 'p');
    for (const WsRole sender : {WsRole::Server, WsRole::Client}) {
      const WsRole reader = sender == WsRole::Server ? WsRole::Client : WsRole::Server;
      std::string out = "";
      encodeFrame(out, sender, WsOpcode::Binary, payload);
      EXPECT_THAT(runFrames(out, 0, reader), ElementsAre("binary:" + payload)) << size;
      out.clear();
      encodeFrame(out, sender, WsOpcode::Text, payload, "and more");
      EXPECT_THAT(runFrames(out, 0, reader), ElementsAre("text:" + payload + "and more")) << size;
    }
  }
}

TEST(EncodeFrame, AppendsAndFragments) {
  std::string out;
  encodeFrame(out, WsRole::Client, WsOpcode::Text, "a", {}, false);
  encodeFrame(out, WsRole::Client, WsOpcode::Ping, "p");
  encodeFrame(out, WsRole::Client, WsOpcode::Continuation, "b");
  EXPECT_THAT(runFrames(out, 1), ElementsAre("ping:p", "text:ab"));
}

TEST(EncodeFrame, MasksAreNeverTheSame) {
  std::set<std::string> masks;
  for (int i = 0; i < 64; ++i) {
    std::string out;
    encodeFrame(out, WsRole::Client, WsOpcode::Text, "x");
    masks.insert(out.substr(2, 4));
  }
  EXPECT_GT(masks.size(), 60u);
}

TEST(EncodeFrame, ControlFramesAreSmallAndWhole) {
  std::string out;
  EXPECT_THROW(encodeFrame(out, WsRole::Server, WsOpcode::Ping, std::string(126, 'x')), std::invalid_argument);
  EXPECT_THROW(encodeFrame(out, WsRole::Server, WsOpcode::Ping, std::string(100, 'x'), std::string(26, 'x')),
               std::invalid_argument);
  EXPECT_THROW(encodeFrame(out, WsRole::Server, WsOpcode::Pong, "x", {}, false), std::invalid_argument);
  EXPECT_TRUE(out.empty());
}

TEST(EncodeClose, IsReadBack) {
  std::string out;
  encodeClose(out, WsRole::Client, 4409, "replaced");
  EXPECT_THAT(runFrames(out, 0), ElementsAre("close:4409:replaced"));
  out.clear();
  encodeClose(out, WsRole::Client, 1005, "not said");
  EXPECT_THAT(runFrames(out, 0), ElementsAre("close:1005:"));
}

TEST(EncodeClose, CutsAReasonOnACharacter) {
  std::string reason(122, 'r');
  reason += "\xe3\x81\x82";
  std::string out;
  encodeClose(out, WsRole::Client, 1000, reason);
  EXPECT_THAT(runFrames(out, 0), ElementsAre("close:1000:" + std::string(122, 'r')));
  out.clear();
  encodeClose(out, WsRole::Client, 1000, "bad \xff");
  EXPECT_THAT(runFrames(out, 0), ElementsAre("close:1000:"));
}

TEST(EncodeClose, RefusesCodesThatMayNotBeSent) {
  std::string out;
  for (const int code : {0, 999, 1004, 1006, 1015, 1016, 2999, 5000})
    EXPECT_THROW(encodeClose(out, WsRole::Server, static_cast<uint16_t>(code), ""), std::invalid_argument) << code;
}

TEST(WebsocketHandshake, AcceptOfTheRfcExample) {
  EXPECT_EQ(websocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebsocketHandshake, KeysAre16BytesAndNew) {
  EXPECT_EQ(makeWebsocketKey().size(), 24u);
  EXPECT_NE(makeWebsocketKey(), makeWebsocketKey());
}

}  // namespace
}  // namespace tsunagi::net::test
