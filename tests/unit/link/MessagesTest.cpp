#include "link/Messages.h"

#include <gtest/gtest.h>

using namespace tsunagi::link;

namespace {

template <typename T>
T decoded(const std::string& text) {
  auto message = decode(text);
  EXPECT_TRUE(message.ok()) << text;
  if (!message.ok()) return T{};
  EXPECT_TRUE(std::holds_alternative<T>(*message)) << text;
  return std::get<T>(*message);
}

TEST(Messages, HelloGoesRoundTrip) {
  Hello hello;
  hello.agent = "tsunagi-bridge";
  hello.version = "0.1.0";
  hello.instance = "abc";
  hello.position = {"epoch1", 41, "id41"};
  hello.windowEvents = 12;
  hello.windowBytes = 3456;
  hello.features = {"x"};
  Hello back = decoded<Hello>(encode(hello));
  EXPECT_EQ(back.agent, hello.agent);
  EXPECT_EQ(back.instance, hello.instance);
  EXPECT_EQ(back.position.epoch, "epoch1");
  EXPECT_EQ(back.position.lastSeq, 41u);
  EXPECT_EQ(back.position.lastId, "id41");
  EXPECT_EQ(back.windowEvents, 12u);
  EXPECT_EQ(back.windowBytes, 3456u);
  EXPECT_EQ(back.features, hello.features);
}

TEST(Messages, WelcomeGoesRoundTripAndIsClamped) {
  Welcome welcome{"u", "n", "e", 7, 1'760'000'000'000, 10, 20, 30, {}};
  Welcome back = decoded<Welcome>(encode(welcome));
  EXPECT_EQ(back.epoch, "e");
  EXPECT_EQ(back.resumeSeq, 7u);
  EXPECT_EQ(back.nowMs, 1'760'000'000'000);
  EXPECT_EQ(back.pingS, 30);
  EXPECT_EQ(decoded<Welcome>(R"({"t":"welcome","epoch":"e","resume_seq":1,"ping_s":0})").pingS, 5);
  EXPECT_FALSE(decode(R"({"t":"welcome","epoch":"e","resume_seq":1,"ping_s":99999999999999999999})").ok())
      << "a float is not a whole number";
}

TEST(Messages, PingIsClampedAtTheTop) {
  EXPECT_EQ(decoded<Welcome>(R"({"t":"welcome","epoch":"e","resume_seq":1,"ping_s":18446744073709551615})").pingS, 120);
  EXPECT_EQ(decoded<Welcome>(R"({"t":"welcome","epoch":"e","resume_seq":1,"ping_s":-3})").pingS, 5);
  EXPECT_EQ(decoded<Goaway>(R"({"t":"goaway","jitter_ms":86400000})").jitterMs, MAX_JITTER_MS);
  EXPECT_EQ(decoded<Hello>(R"({"t":"hello","window_events":0,"window_bytes":0})").windowEvents, 1u);
  EXPECT_EQ(decoded<Hello>(R"({"t":"hello","window_events":4000000000})").windowEvents, MAX_WINDOW_EVENTS);
}

TEST(Messages, OthersGoRoundTrip) {
  EXPECT_EQ(decoded<Ack>(encode(Ack{9})).seq, 9u);
  Nack nack = decoded<Nack>(encode(Nack{3, NackCode::TooBig, "more than 1 MiB"}));
  EXPECT_EQ(nack.seq, 3u);
  EXPECT_EQ(nack.code, NackCode::TooBig);
  EXPECT_EQ(nack.reason, "more than 1 MiB");
  EXPECT_EQ(decoded<Resync>(encode(Resync{"e2"})).epoch, "e2");
  EXPECT_EQ(decoded<Gap>(encode(Gap{{3, 8}})).range, (SeqRange{3, 8}));
  Goaway goaway = decoded<Goaway>(encode(Goaway{"update", 700, "wss://other/x"}));
  EXPECT_EQ(goaway.jitterMs, 700);
  EXPECT_EQ(goaway.alt, "wss://other/x");
  EXPECT_EQ(decoded<StatusMessage>(encode(StatusMessage{R"({"lanes":3})"})).json, R"({"lanes":3})");
}

TEST(Messages, StatusThatIsNoObjectIsNotEncoded) {
  EXPECT_EQ(encode(StatusMessage{"[1]"}), "");
  EXPECT_EQ(encode(StatusMessage{"{"}), "");
}

TEST(Messages, UnknownKindsAndFieldsAreIgnored) {
  EXPECT_TRUE(std::holds_alternative<UnknownMessage>(*decode(R"({"t":"later","seq":"x"})")));
  EXPECT_EQ(decoded<Ack>(R"({"t":"ack","seq":1,"more":{"a":[1]}})").seq, 1u);
}

TEST(Messages, BrokenControlMessagesAreErrors) {
  const std::string deep(30'000, '[');
  for (const std::string& text : {std::string(""),
                                  std::string("ack"),
                                  std::string("[]"),
                                  std::string("{}"),
                                  std::string(R"({"t":1})"),
                                  std::string(R"({"t":"ack"})"),
                                  std::string(R"({"t":"ack","seq":0})"),
                                  std::string(R"({"t":"ack","seq":-1})"),
                                  std::string(R"({"t":"ack","seq":1.5})"),
                                  std::string(R"({"t":"ack","seq":"1"})"),
                                  std::string(R"({"t":"ack","seq":18446744073709551615})"),
                                  std::string(R"({"t":"nack","seq":1})"),
                                  std::string(R"({"t":"nack","seq":1,"code":"other"})"),
                                  std::string(R"({"t":"gap","from":5,"to":4})"),
                                  std::string(R"({"t":"gap","from":0,"to":4})"),
                                  std::string(R"({"t":"resync"})"),
                                  std::string(R"({"t":"resync","epoch":"a b"})"),
                                  std::string(R"({"t":"hello","last_seq":3})"),
                                  std::string(R"({"t":"hello","agent":5})"),
                                  std::string(R"({"t":"hello","features":{}})"),
                                  std::string(R"({"t":"welcome","epoch":"e"})"),
                                  std::string(R"({"t":"welcome","epoch":"","resume_seq":1})"),
                                  std::string("{\"t\":\"\xff\"}"),
                                  deep,
                                  "{\"t\":\"ack\",\"seq\":1" + std::string(70'000, ' ') + "}"}) {
    EXPECT_FALSE(decode(text).ok()) << text.substr(0, 80);
  }
}

TEST(Messages, TextFromThePeerIsCutAndCleaned) {
  Hello hello = decoded<Hello>("{\"t\":\"hello\",\"agent\":\"" + std::string(300, 'a') +
                               "\",\"version\":\"\\u001b[31m\xe3\x81\xa4\"}");
  EXPECT_EQ(hello.agent.size(), 200u);
  EXPECT_EQ(hello.version, "?[31m???");
}

EventHead sampleHead() {
  EventHead head;
  head.seq = 5;
  head.id = "01J";
  head.ageMs = 120;
  head.attempt = 2;
  head.path = "/gmk/u/webhook";
  head.headers = {{"x-line-signature", "abc="}, {"content-type", "application/json"}};
  head.length = 4;
  head.replay = "01H";
  return head;
}

TEST(Events, GoRoundTripWithTheExactBytes) {
  const std::string body("\0\n\xff{", 4);
  const std::string message = encodeEventHead(sampleHead()) + body;  // the event's body is a view of it
  auto event = decodeEvent(message);
  ASSERT_TRUE(event.ok()) << event.error();
  EXPECT_EQ(event->body, body);
  EXPECT_EQ(event->head.seq, 5u);
  EXPECT_EQ(event->head.id, "01J");
  EXPECT_EQ(event->head.ageMs, 120);
  EXPECT_EQ(event->head.attempt, 2u);
  EXPECT_EQ(event->head.headers, sampleHead().headers);
  EXPECT_EQ(event->head.replay, "01H");
}

TEST(Events, HeaderBytesThatAreNoTextDoNotBreakTheHead) {
  EventHead head = sampleHead();
  head.headers = {{"user-agent", "a\xff\nb"}};
  auto event = decodeEvent(encodeEventHead(head) + "body");
  ASSERT_TRUE(event.ok()) << event.error();
  EXPECT_EQ(event->head.headers[0].second, "a\xef\xbf\xbd\nb");
}

TEST(Events, BrokenOnesAreErrors) {
  const std::string good = encodeEventHead(sampleHead());
  for (const std::string& message :
       {std::string(""), std::string("\n"), std::string("{}\nbody"), good.substr(0, good.size() - 1), good + "bod",
        good + "bodyy", std::string("{\"t\":\"ack\"}\nbody"),
        std::string("{\"t\":\"event\",\"seq\":1,\"id\":\"\",\"len\":0}\n"),
        std::string("{\"t\":\"event\",\"seq\":0,\"id\":\"a\",\"len\":0}\n"),
        std::string("{\"t\":\"event\",\"seq\":1,\"id\":\"a\"}\n"),
        std::string("{\"t\":\"event\",\"seq\":1,\"id\":\"a\",\"len\":0,\"headers\":[[\"a\"]]}\n"),
        std::string("{\"t\":\"event\",\"seq\":1,\"id\":\"a\",\"len\":0,\"headers\":[[1,2]]}\n"),
        std::string("{\"t\":\"event\",\"seq\":1,\"id\":\"a\",\"len\":0,\"path\":7}\n"),
        std::string(70'000, ' ') + good + "body"}) {
    EXPECT_FALSE(decodeEvent(message).ok()) << message.substr(0, 80);
  }
}

TEST(Events, AgesBelowZeroAreZero) {
  auto event = decodeEvent("{\"t\":\"event\",\"seq\":1,\"id\":\"a\",\"len\":0,\"age_ms\":-5}\n");
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->head.ageMs, 0);
}

}  // namespace
