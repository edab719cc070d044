// RFC 6455 as conformance suites test it, against ws-echo as a real process in both roles. The test is the raw peer.
// The numbers in the names are those of the well-known case list: 1 framing, 2 pings, 3 reserved bits, 4 opcodes, 5
// fragmentation, 6 UTF-8, 7 closing, 9 limits, 10 auto-fragmentation.
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "tests/service/WebSocketBench.h"

namespace tsunagi::test {
namespace {

class WebSocketConformance : public WebSocketBench {};

TEST_P(WebSocketConformance, Case1EveryLengthFormInTextAndBinary) {
  WebSocketPeer peer = open();
  for (const unsigned opcode : {TEXT, BINARY}) {
    for (const size_t length : {0u, 1u, 125u, 126u, 127u, 128u, 65535u, 65536u, 65537u}) {
      const std::string payload(length, opcode == TEXT ? '*' : '\xfe');
      peer.send({opcode, payload});
      expectEcho(peer, opcode, payload);
    }
  }
  closeNormally(peer);
}

TEST_P(WebSocketConformance, Case1FramesCutIntoSingleBytes) {
  WebSocketPeer peer = open();
  const std::string bytes = peer.bytesOf({TEXT, std::string(300, 'x')});
  for (const char byte : bytes) peer.sendRaw(std::string_view(&byte, 1));
  expectEcho(peer, TEXT, std::string(300, 'x'));
  const std::string two = peer.bytesOf({TEXT, "a"}) + peer.bytesOf({BINARY, "b"});
  peer.sendRaw(two);
  expectEcho(peer, TEXT, "a");
  expectEcho(peer, BINARY, "b");
}

TEST_P(WebSocketConformance, Case2PingsArePongedWithTheirPayload) {
  WebSocketPeer peer = open();
  for (const std::string& payload :
       {std::string(), std::string("Hello"), std::string("\x00\xff\xfe\xfd", 4), std::string(125, '\xfe')}) {
    peer.send({PING, payload});
    expectEcho(peer, PONG, payload);
  }
  expectAlive(peer);
}

TEST_P(WebSocketConformance, Case2APingInSingleBytesIsPongedOnce) {
  WebSocketPeer peer = open();
  for (const std::string& payload : {std::string(), std::string("chopped"), std::string(125, '\xfe')}) {
    const std::string bytes = peer.bytesOf({PING, payload});
    for (const char byte : bytes) {
      peer.sendRaw(std::string_view(&byte, 1));
      // Each byte is a read of its own at the other side.
      ASSERT_TRUE(eventually([&] { return peer.socket().peerHasRead(); }));
    }
    expectEcho(peer, PONG, payload);
  }
  expectAlive(peer);
}

TEST_P(WebSocketConformance, Case2APingTooLongFails) { expectFailure({{PING, std::string(126, 'a')}}, 1002); }

TEST_P(WebSocketConformance, Case2UnsolicitedPongsAreIgnored) {
  WebSocketPeer peer = open();
  peer.send({PONG, ""});
  peer.send({PONG, "unasked"});
  peer.send({PING, "asked"});
  expectEcho(peer, PONG, "asked");
}

TEST_P(WebSocketConformance, Case2TenPingsInOnePacketGiveTenPongsInOrder) {
  WebSocketPeer peer = open();
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += peer.bytesOf({PING, "payload-" + std::to_string(i)});
  peer.sendRaw(bytes);
  for (int i = 0; i < 10; ++i) expectEcho(peer, PONG, "payload-" + std::to_string(i));
}

TEST_P(WebSocketConformance, Case3ReservedBitsFail) {
  for (unsigned bits = 1; bits < 8; ++bits) {
    expectFailure({{TEXT, "bits", true, bits}}, 1002);
    expectFailure({{PING, "", true, bits}}, 1002);
  }
  WebSocketPeer peer = open();
  peer.sendRaw(peer.bytesOf({TEXT, "before"}) + peer.bytesOf({TEXT, "bad", true, 4}) + peer.bytesOf({PING, "after"}));
  expectEcho(peer, TEXT, "before");
  expectClose(peer, 1002);
}

TEST_P(WebSocketConformance, Case4ReservedOpcodesFail) {
  for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
    SCOPED_TRACE(opcode);
    expectFailure({{opcode, ""}}, 1002);
    expectFailure({{opcode, "payload"}}, 1002);
  }
}

TEST_P(WebSocketConformance, Case5FragmentsWithControlFramesBetween) {
  WebSocketPeer peer = open();
  peer.send({TEXT, "one ", false});
  peer.send({PING, "between"});
  peer.send({0, "two ", false});
  peer.send({PONG, "unasked"});
  peer.send({0, "", false});
  peer.send({0, "three", true});
  expectEcho(peer, PONG, "between");
  expectEcho(peer, TEXT, "one two three");
  peer.send({BINARY, "", false});
  peer.send({0, "", true});
  expectEcho(peer, BINARY, "");
  peer.send({TEXT, "in", false});
  const std::string rest = peer.bytesOf({0, " pieces", true});
  for (const char byte : rest) peer.sendRaw(std::string_view(&byte, 1));
  expectEcho(peer, TEXT, "in pieces");
}

TEST_P(WebSocketConformance, Case5BrokenFragmentationFails) {
  expectFailure({{PING, "a", false}, {0, "b"}}, 1002);
  expectFailure({{PONG, "a", false}, {0, "b"}}, 1002);
  expectFailure({{CLOSE, closePayload(1000), false}}, 1002);
  expectFailure({{0, "continuation of nothing", true}}, 1002);
  expectFailure({{0, "continuation of nothing", false}}, 1002);
  expectFailure({{TEXT, "a", false}, {TEXT, "b"}}, 1002);
  expectFailure({{TEXT, "a", false}, {BINARY, "b", false}}, 1002);
  expectFailure({{TEXT, "a"}, {0, "b"}}, 1002);
}

TEST_P(WebSocketConformance, Case6ValidUtf8OfEveryKind) {
  WebSocketPeer peer = open();
  const std::string greek = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
  for (const std::string& text :
       {greek, std::string("\x00", 1), std::string("\x7f"), std::string("\xc2\x80"), std::string("\xdf\xbf"),
        std::string("\xe0\xa0\x80"), std::string("\xed\x9f\xbf"), std::string("\xee\x80\x80"),
        std::string("\xef\xbf\xbd"), std::string("\xef\xbf\xbe"), std::string("\xef\xbf\xbf"),
        std::string("\xf0\x90\x80\x80"), std::string("\xf0\x9f\xbf\xbe"), std::string("\xf4\x8f\xbf\xbf")}) {
    peer.send({TEXT, text});
    expectEcho(peer, TEXT, text);
    // Fragments may be cut within a character.
    for (size_t cut = 0; cut < text.size(); ++cut) {
      peer.send({TEXT, text.substr(0, cut), false});
      peer.send({0, text.substr(cut), true});
      expectEcho(peer, TEXT, text);
    }
  }
}

TEST_P(WebSocketConformance, Case6InvalidUtf8Fails) {
  for (const char* text : {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64",
                           "\x80",
                           "\xbf",
                           "\x80\xbf\x80",
                           "\xc0",
                           "\xc0\xaf",
                           "\xe0\x80\xaf",
                           "\xf0\x80\x80\xaf",
                           "\xf8\x80\x80\x80\xaf",
                           "\xfc\x80\x80\x80\x80\xaf",
                           "\xc1\xbf",
                           "\xe0\x9f\xbf",
                           "\xf0\x8f\xbf\xbf",
                           "\xed\xa0\x80",
                           "\xed\xbf\xbf",
                           "\xed\xa0\x80\xed\xb0\x80",
                           "\xf4\x90\x80\x80",
                           "\xf8\x88\x80\x80\x80",
                           "\xfe",
                           "\xff",
                           "\xfe\xfe\xff\xff",
                           "\xe2\x82",
                           "\xf0\x9f\x98"}) {
    expectFailure({{TEXT, text}}, 1007);
  }
  expectFailure({{TEXT, "fine so far \xf4", false}, {0, "\x90", false}}, 1007);
}

TEST_P(WebSocketConformance, Case6InvalidUtf8FailsWithinAnUnfinishedFrame) {
  WebSocketPeer peer = open();
  const std::string payload = std::string("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80", 15);
  const std::string bytes = peer.bytesOf({TEXT, payload + std::string(100, 'e')});
  // Not a byte behind the bad one is sent.
  peer.sendRaw(bytes.substr(0, bytes.size() - 102));
  expectClose(peer, 1007);
}

TEST_P(WebSocketConformance, Case6BinaryMayHoldAnything) {
  WebSocketPeer peer = open();
  peer.send({BINARY, "\xff\xfe\x80"});
  expectEcho(peer, BINARY, "\xff\xfe\x80");
}

TEST_P(WebSocketConformance, Case7CloseCodesAreAnsweredWithThemselves) {
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    SCOPED_TRACE(code);
    WebSocketPeer peer = open();
    peer.send({CLOSE, closePayload(static_cast<uint16_t>(code), "reason")});
    expectClose(peer, static_cast<uint16_t>(code));
  }
  WebSocketPeer empty = open();
  empty.send({CLOSE, ""});
  expectClose(empty, 1005);
  WebSocketPeer longest = open();
  longest.send({CLOSE, closePayload(1000, std::string(123, '*'))});
  expectClose(longest, 1000);
}

TEST_P(WebSocketConformance, Case7BadCloseFramesFail) {
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    SCOPED_TRACE(code);
    expectFailure({{CLOSE, closePayload(static_cast<uint16_t>(code))}}, 1002);
  }
  expectFailure({{CLOSE, "a"}}, 1002);
  expectFailure({{CLOSE, closePayload(1000, std::string(124, '*'))}}, 1002);
  expectFailure({{CLOSE, closePayload(1000, "\xce\xba\xe1\xbd\xb9\xed\xa0\x80")}}, 1007);
}

TEST_P(WebSocketConformance, Case7NothingBehindACloseIsTaken) {
  WebSocketPeer peer = open();
  peer.sendRaw(peer.bytesOf({TEXT, "before"}) + peer.bytesOf({CLOSE, closePayload(1000)}) +
               peer.bytesOf({TEXT, "behind"}) + peer.bytesOf({PING, "behind"}));
  expectEcho(peer, TEXT, "before");
  expectClose(peer, 1000);
}

TEST_P(WebSocketConformance, Case7ACloseWithinAFragmentedMessageEndsIt) {
  WebSocketPeer peer = open();
  peer.send({TEXT, "half", false});
  peer.send({CLOSE, closePayload(1000)});
  expectClose(peer, 1000);
}

TEST_P(WebSocketConformance, Case9LargeMessagesWholeAndInPieces) {
  WebSocketPeer peer = open();
  const std::string large(4 * 1024 * 1024, 'l');
  // The echo comes while the message is still being sent, so both directions must move.
  std::thread writer([&] {
    peer.send({BINARY, large});
    peer.send({TEXT, large.substr(0, 1'000'000), false});
    for (int i = 1; i < 4; ++i) peer.send({0, large.substr(0, 1'000'000), i == 3});
  });
  expectEcho(peer, BINARY, large);
  expectEcho(peer, TEXT, large.substr(0, 4'000'000));
  const std::string bytes = peer.bytesOf({BINARY, large.substr(0, 300'000)});
  writer.join();
  for (size_t at = 0; at < bytes.size(); at += 997) peer.sendRaw(std::string_view(bytes).substr(at, 997));
  expectEcho(peer, BINARY, large.substr(0, 300'000));
}

TEST_P(WebSocketConformance, Case9SixteenMebibytesInOneMessage) {
  WebSocketPeer peer = open();
  const std::string text(16 * 1024 * 1024, 't');
  std::thread writer([&] { peer.send({TEXT, text}); });
  const RawFrame frame = peer.read();
  writer.join();
  EXPECT_EQ(frame.opcode, TEXT);
  EXPECT_TRUE(frame.payload == text) << frame.payload.size();  // not printed
  closeNormally(peer);
}

TEST_P(WebSocketConformance, Case9AMessageBeyondTheLimitIsTooBig) {
  // Known from the header alone: nothing of the payload is sent.
  WebSocketPeer huge = open();
  const std::string frame = huge.bytesOf({BINARY, "", true, 0, 64, 2'000'000'000});
  huge.sendRaw(frame);
  expectClose(huge, 1009);
  WebSocketPeer impossible = open();
  impossible.sendRaw(impossible.bytesOf({BINARY, "", true, 0, 64, 0x8000000000000000}));
  expectClose(impossible, 1002);
}

TEST_P(WebSocketConformance, Case9LengthsNotInTheirShortestFormFail) {
  expectFailure({{TEXT, "short", true, 0, 16}}, 1002);
  expectFailure({{TEXT, "short", true, 0, 64}}, 1002);
  expectFailure({{TEXT, std::string(300, 'a'), true, 0, 64}}, 1002);
}

TEST_P(WebSocketConformance, Case10AMessageOfManyFragments) {
  WebSocketPeer peer = open();
  const std::string whole(65536, 'f');
  std::string bytes;
  for (size_t at = 0; at < whole.size(); at += 1300) {
    const std::string piece = whole.substr(at, 1300);
    bytes += peer.bytesOf({at == 0 ? TEXT : 0u, piece, at + 1300 >= whole.size()});
  }
  peer.sendRaw(bytes);
  expectEcho(peer, TEXT, whole);
}

TEST_P(WebSocketConformance, MaskingTheWrongWayFails) {
  WebSocketPeer peer = open();
  peer.sendRaw(FrameText{TEXT, "wrong"}.bytes(!peer.client()));
  expectClose(peer, 1002);
}

TEST_P(WebSocketConformance, AFrameInThePacketOfTheHandshakeIsRead) {
  const FrameText behind{TEXT, "behind"};
  WebSocketPeer peer = open(&behind);
  expectEcho(peer, TEXT, "behind");
}

TEST_P(WebSocketConformance, AnEmptyMessageAndAnEmptyPingAreNoEndOfStream) {
  WebSocketPeer peer = open();
  peer.send({PING, ""});
  expectEcho(peer, PONG, "");
  peer.send({TEXT, ""});
  expectEcho(peer, TEXT, "");
  expectAlive(peer);
}

TEST_P(WebSocketConformance, SilenceWithinAFrameLosesNothing) {
  WebSocketPeer silent = open();
  const std::string bytes = silent.bytesOf({TEXT, std::string(1000, 's')});
  silent.sendRaw(bytes.substr(0, 500));
  // The first half was read and is all there is, while others are served: on each loop of the server, or by a client of
  // its own.
  ASSERT_TRUE(eventually([&] { return silent.socket().peerHasRead(); }));
  std::optional<Process> other;
  for (int i = 0; i < 2; ++i) {
    WebSocketPeer meanwhile = testsServer() ? open() : openWith(other, "");
    expectAlive(meanwhile);
  }
  silent.sendRaw(bytes.substr(500));
  expectEcho(silent, TEXT, std::string(1000, 's'));
}

TEST_P(WebSocketConformance, AnEndWithoutACloseIsNoticed) {
  WebSocketPeer peer = open();
  peer.send({TEXT, "half", false});
  peer.socket().shutdownWrite();
  EXPECT_EQ(peer.socket().readToEnd(), "");
  if (!testsServer()) {
    EXPECT_NE(_client->waitForLine("closed").find("closed 1006"), std::string::npos);
  }
}

TEST_P(WebSocketConformance, AResetIsNoticed) {
  WebSocketPeer peer = open();
  expectAlive(peer);
  peer.socket().reset();
  if (!testsServer()) {
    EXPECT_NE(_client->waitForLine("closed").find("closed 1006"), std::string::npos);
  }
  WebSocketPeer next = open();
  expectAlive(next);
}

INSTANTIATE_TEST_SUITE_P(Roles, WebSocketConformance,
                         ::testing::Values(Role{true, false}, Role{false, false}, Role{true, true}, Role{false, true}),
                         roleName);

}  // namespace
}  // namespace tsunagi::test
