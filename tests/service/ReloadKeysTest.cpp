// Each key of the conversation that can change while the bridge runs does so with the next message; a wrong value of
// any keeps the old. The keys of relay, direct, line and log are in ReloadWiringTest, those of files and notify in
// ReloadFilesTest and ReloadNotifyTest.
#include "app/BridgeSchema.h"
#include "tests/service/ReloadCases.h"
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using namespace std::chrono_literals;

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::vector<ReloadKey> keys() {
  service::ConfigSchema schema;
  app::defineBridgeSchema(schema);
  return keysOf(schema, [](const std::string& section) {
    return section != "relay" && section != "direct" && section != "line" && section != "files" && section != "notify";
  });
}

class Reloaded : public Talk {
 public:
  void set(const std::string& section, const std::string& key, const std::string& value) {
    ini[section][key] = value;
    rewriteBridgeIni();
  }
  void openGroup() { EXPECT_THAT(askInGroup("owner", "/allow"), HasSubstr("I may answer in this group now")); }
  // A question whose answer is held back until the test goes on.
  std::string askAndHold(const std::string& user, const std::string& text) {
    const int before = timesAsked();
    hold();
    const std::string id = send(user, text);
    asked(before + 1);
    return id;
  }
  // A question whose answer came when its token was dead: is it pushed?
  bool pushes(const std::string& text) {
    const std::string question = askAndHold("ann", text);
    outlive(1s);
    release();
    awaitSettled();
    return event(question).at("answered").get<bool>();
  }
  void pushSlowAnswers() {
    set("reply", "token_life", "1s");
    set("reply", "slow", "push");
    EXPECT_TRUE(pushes("before"));
  }
  // Waits behind a question that takes longer than the life of both tokens; afterwards tokens live long again.
  void missed(const std::string& text) {
    set("reply", "token_life", "1s");
    const std::string first = askAndHold("ann", "slow question");
    const std::string second = send("ann", text);
    awaitAccepted(second);
    outlive(2s);
    release();
    EXPECT_TRUE(silent(second));
    set("reply", "token_life", "60s");
  }
  // A message as LINE would have written it so long ago; taken when this returns.
  void wrote(std::chrono::minutes age, const std::string& user, const std::string& text) {
    const auto now = std::chrono::system_clock::now().time_since_epoch() - age;
    const nlohmann::json event{{"type", "message"},
                               {"mode", "active"},
                               {"timestamp", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
                               {"source", {{"type", "user"}, {"userId", lineId(user)}}},
                               {"webhookEventId", "before-" + std::to_string(++_before)},
                               {"deliveryContext", {{"isRedelivery", false}}},
                               {"replyToken", "unknown-to-line"},
                               {"message", {{"type", "text"}, {"id", std::to_string(1000 + _before)}, {"text", text}}}};
    const std::string bot = control("GET", "/control/state").at("bot").at("userId");
    control("POST", "/control/raw", {{"body", nlohmann::json{{"destination", bot}, {"events", {event}}}.dump()}});
  }
  std::string lastOutcome() { return lookUp("SELECT outcome FROM inbox ORDER BY id DESC LIMIT 1"); }
  size_t animations() {
    size_t count = 0;
    const nlohmann::json ledger = control("GET", "/control/ledger?limit=5000");
    for (const auto& entry : ledger.at("entries")) count += entry.at("kind") == "loading" ? 1 : 0;
    return count;
  }

 private:
  int _before = 0;
};

bool isButton(const nlohmann::json& messages) { return messages.at(0).at("type") == "template"; }
int hourOf(const std::string& asked) { return std::stoi(asked.substr(asked.find("now ") + 4, 2)); }

const ReloadCases<Reloaded>& cases() {
  static const ReloadCases<Reloaded> all{
      {"bridge.responder",
       [](Reloaded& t) {
         t.ini["responder.other"] = {
             {"plugin", "witness"}, {"folder", t.folder.file("witness")}, {"answer", "from the other"}};
         EXPECT_EQ(t.ask("ann", "who?"), "who?");
         t.set("bridge", "responder", "other, main");
         EXPECT_EQ(t.ask("ann", "who?"), "from the other");
       }},
      {"bridge.language",
       [](Reloaded& t) {
         EXPECT_THAT(t.ask("ann", "/new"), HasSubstr("topic"));
         t.set("bridge", "language", "ja");
         EXPECT_THAT(t.ask("ann", "/new"), AllOf(Not(HasSubstr("topic")), HasSubstr("話題")));
       }},
      {"bridge.timezone",
       [](Reloaded& t) {
         t.set("reply", "prompt", "now {time}");
         t.ask("ann", "one");
         t.set("bridge", "timezone", "+09:00");
         t.ask("ann", "two");
         const int later = (hourOf(t.asked(2)) - hourOf(t.asked(1)) + 24) % 24;
         EXPECT_TRUE(later == 9 || later == 10) << later;
       }},
      {"responder.plugin",
       [](Reloaded& t) {
         EXPECT_EQ(t.ask("ann", "one"), "one");
         t.ini["responder.main"] = {{"plugin", "echo"}, {"prefix", "echo:"}};
         t.rewriteBridgeIni();
         EXPECT_EQ(t.ask("ann", "two"), "echo:two");
       }},
      {"responder.min_role",
       [](Reloaded& t) {
         t.set("responder.main", "min_role", "owner");
         EXPECT_EQ(t.ask("ann", "and now"), "Only members and owners can do that.");
         EXPECT_EQ(t.ask("owner", "and I"), "and I");
         t.set("responder.main", "min_role", "guest");
         EXPECT_EQ(t.ask("ann", "and now"), "and now");
       }},
      {"responder.ca_file",
       [](Reloaded& t) {
         t.folder.write("ca.pem", "no certificate");
         t.ini["responder.main"]["answer"] = "by the new settings";
         t.set("responder.main", "ca_file", t.folder.file("ca.pem"));
         EXPECT_EQ(t.ask("ann", "refused"), "refused");
         t.set("responder.main", "ca_file", "");
         EXPECT_EQ(t.ask("ann", "taken"), "by the new settings");
       }},
      {"responder.allow_plaintext",
       [](Reloaded& t) {
         t.folder.write("key", "k3y", 0600);
         t.ini["responder.far"] = {
             {"plugin", "openai"}, {"base_url", "http://192.0.2.1/v1"}, {"api_key_file", t.folder.file("key")}};
         t.ini["responder.main"]["answer"] = "by the new settings";
         t.set("bridge", "responder", "main, far");
         EXPECT_EQ(t.ask("ann", "refused"), "refused");
         t.set("responder.far", "allow_plaintext", "yes");
         EXPECT_EQ(t.ask("ann", "taken"), "by the new settings");
       }},
      {"access.users",
       [](Reloaded& t) {
         t.set("access", "users", "paired");
         EXPECT_THAT(t.ask("ann", "hello"), HasSubstr("This account is for invited people"));
         t.set("access", "users", "everyone");
         EXPECT_EQ(t.ask("ann", "hello again"), "hello again");
       }},
      {"access.mention",
       [](Reloaded& t) {
         t.openGroup();
         EXPECT_TRUE(t.silent(t.inGroup("ann", "anything")));
         t.set("access", "mention", "off");
         EXPECT_THAT(t.askInGroup("ann", "anything"), HasSubstr("anything"));
       }},
      {"access.prefixes",
       [](Reloaded& t) {
         t.openGroup();
         EXPECT_TRUE(t.silent(t.inGroup("ann", "robot, hello")));
         t.set("access", "prefixes", "robot");
         EXPECT_THAT(t.askInGroup("ann", "robot, hello"), HasSubstr("hello"));
       }},
      {"access.record",
       [](Reloaded& t) {
         const auto kept = [&] { return t.lookUp("SELECT count(*) FROM line_messages WHERE content LIKE '%aside%'"); };
         t.openGroup();
         EXPECT_TRUE(t.silent(t.inGroup("ann", "an aside")));
         EXPECT_EQ(kept(), "0");
         t.set("access", "record", "all");
         t.askInGroup("owner", "/deny");
         t.openGroup();
         EXPECT_TRUE(t.silent(t.inGroup("ann", "an aside")));
         EXPECT_EQ(kept(), "1");
       }},
      {"access.rate_user",
       [](Reloaded& t) {
         EXPECT_EQ(t.ask("ann", "zero"), "zero");
         t.set("access", "rate_user", "1");
         EXPECT_EQ(t.ask("ben", "one"), "one");
         EXPECT_THAT(t.ask("ben", "two"), HasSubstr("That was a lot of messages"));
       }},
      {"access.rate_group",
       [](Reloaded& t) {
         t.set("access", "mention", "off");
         t.openGroup();
         t.set("access", "rate_group", "1");
         EXPECT_THAT(t.askInGroup("ann", "one"), HasSubstr("one"));
         EXPECT_THAT(t.askInGroup("ben", "two"), HasSubstr("That was a lot of messages"));
       }},
      {"access.calls_user_day",
       [](Reloaded& t) {
         t.set("access", "calls_user_day", "1");
         EXPECT_EQ(t.ask("ann", "one"), "one");
         EXPECT_THAT(t.ask("ann", "two"), HasSubstr("Today's allowance is used up"));
         EXPECT_EQ(t.ask("ben", "mine"), "mine");
       }},
      {"access.calls_day",
       [](Reloaded& t) {
         t.set("access", "calls_day", "1");
         EXPECT_EQ(t.ask("ann", "one"), "one");
         EXPECT_THAT(t.ask("ben", "two"), HasSubstr("Today's allowance is used up"));
       }},
      {"access.tokens_day",
       [](Reloaded& t) {
         t.set("responder.main", "tokens", "1000");
         t.set("access", "tokens_day", "900");
         EXPECT_EQ(t.ask("ann", "one"), "one");
         EXPECT_THAT(t.ask("ann", "two"), HasSubstr("Today's allowance is used up"));
         t.set("access", "tokens_day", "5000");
         EXPECT_EQ(t.ask("ann", "three"), "three");
       }},
      {"access.max_event_age",
       [](Reloaded& t) {
         t.wrote(2min, "owner", "a while ago");
         t.awaitSettled();
         EXPECT_NE(t.lastOutcome(), "stale");
         t.set("access", "max_event_age", "1m");
         t.wrote(2min, "owner", "as long ago");
         t.awaitSettled();
         EXPECT_EQ(t.lastOutcome(), "stale");
       }},
      {"reply.token_life",
       [](Reloaded& t) {
         t.set("reply", "slow", "hold");
         t.set("reply", "token_life", "1s");
         const std::string question = t.askAndHold("ann", "first");
         t.outlive(2s);
         t.release();
         EXPECT_TRUE(t.silent(question)) << "the token counts as dead";
       }},
      {"reply.answer_limit",
       [](Reloaded& t) {
         t.set("reply", "answer_limit", "200ms");
         t.hold();
         EXPECT_THAT(t.ask("ann", "first"), Not(HasSubstr("first")));
         t.release();
       }},
      {"reply.slow",
       [](Reloaded& t) {
         t.set("reply", "button_at", "100ms");
         t.hold();
         EXPECT_TRUE(isButton(t.sent(t.send("ann", "one"))));
         t.release();
         t.awaitSettled();
         t.set("reply", "slow", "hold");
         const std::string question = t.askAndHold("ben", "two");
         t.outlive(1s);
         t.release();
         EXPECT_EQ(t.awaitAnswer(question), "two");
       }},
      {"reply.button_at",
       [](Reloaded& t) {
         t.set("reply", "button_at", "100ms");
         t.hold();
         EXPECT_TRUE(isButton(t.sent(t.send("ann", "one"))));
         t.release();
       }},
      {"reply.late",
       [](Reloaded& t) {
         t.set("reply", "slow", "hold");
         t.missed("are you there?");
         t.ask("ann", "good morning");
         EXPECT_THAT(t.talkOf(2), HasSubstr("are you there?"));
         t.set("reply", "late", "drop");
         t.missed("and now?");
         t.ask("ann", "good evening");
         EXPECT_THAT(t.talkOf(4), EndsWith("\nuser: good evening\n"));
       }},
      {"reply.late_max",
       [](Reloaded& t) {
         t.set("reply", "slow", "hold");
         const auto lateBy = [&](std::chrono::minutes age, const std::string& text) {
           t.set("reply", "token_life", "1s");
           t.askAndHold("ann", "slow question");
           t.wrote(age, "ann", text);
           t.outlive(2s);
           t.release();
           t.awaitSettled();
           t.set("reply", "token_life", "60s");
         };
         lateBy(2min, "two minutes ago");
         t.ask("ann", "good morning");
         EXPECT_THAT(t.talkOf(2), HasSubstr("two minutes ago"));
         t.set("reply", "late_max", "1m");
         lateBy(2min, "as long ago");
         t.ask("ann", "good evening");
         EXPECT_THAT(t.talkOf(4), EndsWith("\nuser: good evening\n"));
       }},
      {"reply.push_budget_month",
       [](Reloaded& t) {
         t.pushSlowAnswers();
         t.set("reply", "push_budget_month", "11");  // ten of them are the reserve
         EXPECT_FALSE(t.pushes("after"));
       }},
      {"reply.push_per_user_day",
       [](Reloaded& t) {
         t.pushSlowAnswers();
         t.set("reply", "push_per_user_day", "1");
         EXPECT_FALSE(t.pushes("after"));
       }},
      {"reply.push_reserve",
       [](Reloaded& t) {
         t.pushSlowAnswers();
         t.set("reply", "push_reserve", "99");
         EXPECT_FALSE(t.pushes("after"));
       }},
      {"reply.merge",
       [](Reloaded& t) {
         t.set("reply", "merge", "yes");
         t.askAndHold("ann", "first");
         t.awaitAccepted(t.send("ann", "one"));
         const std::string last = t.send("ann", "two");
         t.awaitAccepted(last);
         t.release();
         EXPECT_EQ(t.awaitAnswer(last), "one\ntwo");
       }},
      {"reply.loading",
       [](Reloaded& t) {
         std::string question = t.askAndHold("ann", "one");
         EXPECT_TRUE(eventually([&] { return t.animations() == 1; }));
         t.release();
         t.awaitReply(question);
         t.set("reply", "loading", "no");
         t.set("reply", "button_at", "1s");  // far behind the moment an animation begins
         t.hold();
         t.awaitReply(t.send("ann", "two"));
         EXPECT_EQ(t.animations(), 1u);
         t.release();
       }},
      {"reply.quote",
       [](Reloaded& t) {
         t.set("access", "mention", "off");
         t.openGroup();
         EXPECT_TRUE(t.sent(t.inGroup("ann", "one")).at(0).contains("quoteToken"));
         t.set("reply", "quote", "no");
         EXPECT_FALSE(t.sent(t.inGroup("ann", "two")).at(0).contains("quoteToken"));
       }},
      {"reply.links",
       [](Reloaded& t) {
         EXPECT_EQ(t.ask("ann", "see https://example.com/a"), "see https://example.com/a");
         t.set("reply", "links", "strip");
         EXPECT_THAT(t.ask("ann", "see https://example.com/a"), Not(HasSubstr("https://")));
       }},
      {"reply.prompt",
       [](Reloaded& t) {
         t.set("reply", "prompt", "Talk like a pirate at {time}.");
         t.ask("ann", "one");
         EXPECT_THAT(t.asked(1), AllOf(HasSubstr("Talk like a pirate at "), Not(HasSubstr("{time}"))));
       }},
      {"reply.context",
       [](Reloaded& t) {
         t.ask("ann", std::string(150, 'y'));
         t.set("reply", "context", "200");
         t.ask("ann", "two");
         EXPECT_EQ(t.talkOf(2), "user: two\n") << "the long turn is over the budget";
       }},
      {"reply.idle_reset",
       [](Reloaded& t) {
         t.ask("ann", "one");
         t.set("reply", "idle_reset", "1ms");
         t.outlive(10ms);
         t.ask("ann", "two");
         EXPECT_EQ(t.talkOf(2), "user: two\n");
       }},
      {"store.keep_messages",
       [](Reloaded& t) {
         t.ask("ann", "one");
         t.outlive(10ms);
         t.set("store", "keep_messages", "1ms");
         EXPECT_TRUE(eventually([&] { return t.lookUp("SELECT count(*) FROM line_messages") == "0"; }));
       }},
      {"store.keep_files",
       [](Reloaded& t) {
         t.awaitReply(t.happen({{"user", "ann"}, {"message", {{"type", "image"}}}}));
         EXPECT_EQ(t.lookUp("SELECT count(*) FROM line_files"), "1");
         t.outlive(10ms);
         t.set("store", "keep_files", "1ms");
         EXPECT_TRUE(eventually([&] { return t.lookUp("SELECT count(*) FROM line_files") == "0"; }));
         EXPECT_EQ(t.lookUp("SELECT count(*) FROM line_messages WHERE message_type='image'"), "1");
       }},
  };
  return all;
}

class ReloadKeysTest : public testing::TestWithParam<std::string> {};

TEST_P(ReloadKeysTest, HoldsWithTheNextMessage) {
  Reloaded talk;
  if (GetParam() == "access.max_event_age")
    talk.startAll();  // the relay vouches for the clock
  else
    talk.start();
  talk.know("owner", Talk::Role::owner);
  runReloadCase(cases(), GetParam(), talk);
}

INSTANTIATE_TEST_SUITE_P(Key, ReloadKeysTest, testing::ValuesIn(changeable(keys())), testName);

TEST(ReloadWrongKeysTest, EveryCaseIsOfAKey) { expectNoCaseLeftOver(cases(), changeable(keys())); }

// Also of those that are read at the start only: the next start would fail.
TEST(ReloadWrongKeysTest, AWrongValueOfAnyKeepsTheOldOnes) {
  const std::map<std::string, std::string> special{{"bridge.responder", "nobody"},
                                                   {"bridge.timezone", "Mars/Olympus"},
                                                   {"responder.plugin", "../../etc"},
                                                   {"responder.ca_file", "/dev/null"},
                                                   // Whatever stands there is taken, or shows at the start.
                                                   {"bridge.data_dir", ""},
                                                   {"access.prefixes", ""},
                                                   {"reply.prompt", ""}};
  Reloaded talk;
  talk.start();
  EXPECT_EQ(talk.ask("ann", "hello"), "hello");
  for (const ReloadKey& key : keys()) {
    const std::string wrong = wrongValue(key, special);
    if (wrong.empty()) {
      EXPECT_EQ(special.count(key.name()), 1u) << "what is a wrong value of " << key.name() << "?";
      continue;
    }
    const auto good = talk.ini;
    const std::string section = key.section == "responder" ? "responder.main" : key.section;
    talk.set(section, key.key.name, wrong);
    EXPECT_EQ(talk.ask("ann", "still here"), "still here") << key.name();
    const std::string told = talk.bridge().waitForLine("[" + section + "] " + key.key.name);
    EXPECT_THAT(told, AllOf(HasSubstr("bridge.ini:"), HasSubstr("the settings in use stay"))) << told;
    talk.ini = good;
    talk.rewriteBridgeIni();
    EXPECT_EQ(talk.ask("ann", "and still"), "and still") << key.name();
  }
}

}  // namespace
}  // namespace tsunagi::test
