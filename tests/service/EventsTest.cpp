// Webhooks as LINE may send them beyond one event of one person: several, twice, in standby, without what may be
// absent. Each type of event is in EventTypesTest.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;

class EventsTest : public testing::Test {
 protected:
  void SetUp() override { chain.start(); }
  void TearDown() override {
    chain.awaitSettled();
    const json counters = chain.bridgeStatus().at("counters");
    for (const char* none : {"refused", "dead", "failed", "unknown"}) EXPECT_EQ(counters.at(none), 0) << none;
    EXPECT_EQ(chain.ask("zoe", "still here"), "still here");
  }
  // A webhook of these events, as they stand; taken when this returns.
  void webhook(const json& events) {
    const std::string bot = chain.control("GET", "/control/state").at("bot").at("userId");
    const json answer =
        chain.control("POST", "/control/raw", {{"body", json{{"destination", bot}, {"events", events}}.dump()}});
    EXPECT_EQ(answer.at("status"), 200);
  }
  json textEvent(const std::string& id, const std::string& text, const json& source) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {{"type", "message"},
            {"mode", "active"},
            {"timestamp", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
            {"source", source},
            {"webhookEventId", id},
            {"deliveryContext", {{"isRedelivery", false}}},
            {"message", {{"type", "text"}, {"id", "1" + id}, {"text", text}}}};
  }
  std::string inbox(const std::string& what) { return chain.lookUp("SELECT " + what + " FROM inbox"); }
  Talk chain;
};

TEST_F(EventsTest, SeveralPeoplesEventsInOneWebhookAreEachAnswered) {
  const json sent = chain.control("POST", "/control/events",
                                  {{"batch", true},
                                   {"events",
                                    {{{"user", "ann"}, {"text", "from ann"}},
                                     {{"user", "ben"}, {"text", "from ben"}},
                                     {{"user", "ann"}, {"text", "more"}}}}});
  EXPECT_EQ(chain.awaitAnswer(sent.at("events").at(0)), "from ann");
  EXPECT_EQ(chain.awaitAnswer(sent.at("events").at(1)), "from ben");
  EXPECT_EQ(chain.awaitAnswer(sent.at("events").at(2)), "more");
  EXPECT_EQ(chain.summary().at("reordered"), 0);
}

TEST_F(EventsTest, TheSameEventTwiceIsAnsweredOnce) {
  const json sent = chain.control("POST", "/control/messages", {{"user", "ann"}, {"text", "once"}, {"copies", 3}});
  EXPECT_EQ(chain.awaitAnswer(sent.at("events").at(0)), "once");
  chain.awaitSettled();
  EXPECT_EQ(chain.timesAsked(), 1);
  EXPECT_EQ(chain.summary().at("twice"), 0);
}

TEST_F(EventsTest, TwiceInOneWebhookIsOneToo) {
  const json event = textEvent("01", "twice", {{"type", "user"}, {"userId", chain.lineId("ann")}});
  webhook({event, event});
  chain.awaitSettled();
  EXPECT_EQ(inbox("count(*)"), "1");
}

TEST_F(EventsTest, WithoutAnIdTheSameBytesAreTheSameEvents) {
  json event = textEvent("", "no id", {{"type", "group"}, {"groupId", "C" + std::string(32, 'a')}});
  event.erase("webhookEventId");
  webhook({event, event});
  webhook({event, event});
  chain.awaitSettled();
  EXPECT_EQ(inbox("count(*)"), "2") << "two events, by their places";
}

// The others are not harmed by what nobody can read.
TEST_F(EventsTest, OddItemsBetweenEventsAreTakenAsNothing) {
  const json good = textEvent("01", "good", {{"type", "user"}, {"userId", "U" + std::string(32, 'b')}});
  json oddly = textEvent("02", "odd", "nobody");
  oddly["message"] = {1, 2};
  oddly["timestamp"] = "yesterday";
  webhook({nullptr, 5, good, json::array(), oddly, {{"type", 7}}, json::object()});
  chain.awaitSettled();
  EXPECT_EQ(inbox("count(*)"), "7");
  EXPECT_EQ(inbox("count(*)-sum(state='done')"), "0");
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE content='good'"), "1");
}

// What the console's button sent until 2020 stands in old captures.
TEST_F(EventsTest, TheSampleEventsOfAnOldVerificationAreNobodys) {
  const json source{{"type", "user"}, {"userId", "Udeadbeefdeadbeefdeadbeefdeadbeef"}};
  json first = textEvent("01", "Hello, world", source), second = textEvent("02", "", source);
  first["replyToken"] = std::string(32, '0');
  second["replyToken"] = std::string(32, 'f');
  second["message"] = {{"id", "100002"}, {"type", "sticker"}, {"packageId", "1"}, {"stickerId", "1"}};
  webhook({first, second});
  chain.awaitSettled();
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_users"), "0");
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages"), "0");
  EXPECT_EQ(chain.summary().at("deadTokenCalls"), 0);
}

TEST_F(EventsTest, StandbyIsNeverAnswered) {
  EXPECT_TRUE(chain.silent(
      chain.happen({{"user", "ann"}, {"text", "to another module"}, {"standby", true}, {"replyToken", true}})));
  EXPECT_EQ(chain.timesAsked(), 0);
}

TEST_F(EventsTest, InStandbyChangesAreMadeAndNothingIsKept) {
  const std::string said = chain.send("ann", "taken back in standby");
  chain.awaitReply(said);
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"},
                                         {"type", "unsend"},
                                         {"with", {{"unsend", {{"messageId", chain.messageIdOf(said)}}}}},
                                         {"standby", true}})));
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"text", "said in standby"}, {"standby", true}})));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE is_from_bot=0 AND content<>''"), "0");
  EXPECT_EQ(inbox("group_concat(outcome)"), "answered,standby,standby");
}

// In groups LINE tells the sender of few events, and of none who did not consent.
TEST_F(EventsTest, EventsOfGroupsWorkWithoutTheirSender) {
  chain.ini["access"]["mention"] = "off";
  chain.rewriteBridgeIni();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  const json nobody{{"user", "somebody"}, {"group", "family"}, {"anonymous", true}};
  json said = nobody, tap = nobody, unsend = nobody;
  said["text"] = "who says this?";
  const std::string message = chain.happen(said);
  EXPECT_EQ(chain.awaitAnswer(message), R"({"from":null,"text":"who says this?"})");
  tap.update({{"type", "postback"}, {"with", {{"postback", {{"data", "x"}}}}}});
  EXPECT_TRUE(chain.silent(chain.happen(tap)));
  unsend.update({{"type", "unsend"}, {"with", {{"unsend", {{"messageId", chain.messageIdOf(message)}}}}}});
  EXPECT_TRUE(chain.silent(chain.happen(unsend)));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE is_from_bot=0 AND content<>''"), "0");
}

TEST_F(EventsTest, NobodyAndNowhereAreTakenToo) {
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"text", "who am I"}, {"anonymous", true}})));
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"text", "where am I"}, {"sourceless", true}})));
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"text", "no token"}, {"replyToken", false}})));
}

TEST_F(EventsTest, TheConsolesVerifyIsAnswered200AndNothingElse) {
  chain.control("POST", "/control/verify", json::object());
  EXPECT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("received") == 1; }));
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("events"), 0);
}

TEST_F(EventsTest, AForeignButtonSaysThatItsAnswerIsGone) {
  EXPECT_EQ(chain.awaitAnswer(
                chain.happen({{"user", "ann"}, {"type", "postback"}, {"with", {{"postback", {{"data", "x=1"}}}}}})),
            "That answer is no longer kept. Please ask again.");
}

}  // namespace
}  // namespace tsunagi::test
