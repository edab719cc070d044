// Plugins that break the ABI's rules: the answer is as good as it can be, the breach is counted and logged.
#include <future>
#include <thread>

#include "Fixture.h"

namespace tsunagi::responder {
namespace {

using Code = ChatOutcome::Code;

struct Case {
  const char* how;
  Code code;
  const char* text;
  uint64_t misbehaviours;
  const char* logged;
};

class RuleTest : public ResponderTest, public testing::WithParamInterface<Case> {};

TEST_P(RuleTest, IsNoticedCountedAndLogged) {
  const Case& expected = GetParam();
  const auto responder = misbehaving(expected.how);
  const auto outcome = say(*responder, ask("x"));
  EXPECT_EQ(codeName(outcome.code), std::string(codeName(expected.code))) << outcome.message;
  EXPECT_EQ(outcome.text, expected.text);
  EXPECT_EQ(responder->counters().misbehaviours, expected.misbehaviours) << _log->text();
  if (expected.misbehaviours != 0) {
    EXPECT_NE(_log->text().find("plugin misbehaving: "), std::string::npos);
    EXPECT_NE(_log->text().find(expected.logged), std::string::npos) << _log->text();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RuleTest,
    testing::Values(Case{"well", Code::Ok, "done", 0, ""},
                    Case{"throw", Code::Internal, "", 1, "an exception left the plugin"},
                    Case{"no_finish", Code::Ok, "done", 1, "without a finish event"},
                    Case{"two_finishes", Code::Ok, "done", 1, "a second finish event"},
                    Case{"text_after_finish", Code::Ok, "done", 1, "an event after the finish event"},
                    Case{"other_thread", Code::Internal, "done", 1, "on a thread that is not inside chat()"},
                    Case{"bad_utf8", Code::Ok, "a\uFFFD\uFFFD(done", 1, "text that is not UTF-8"},
                    Case{"split_utf8", Code::Ok, "つ🙂done", 2, "ends inside a character"},
                    Case{"cut_utf8", Code::Ok, "ok\uFFFD\uFFFDdone", 2, "text that is not UTF-8"},
                    Case{"unknown_kind", Code::Ok, "done", 0, ""},
                    Case{"null_event", Code::Ok, "done", 1, "an event without content"},
                    Case{"own_cancel", Code::Internal, "", 1, "although the host did not cancel"},
                    Case{"unknown_code", Code::Internal, "", 0, ""}),
    [](const auto& test) { return std::string(test.param.how); });

TEST_F(ResponderTest, ALateEventFindsNothing) {
  const auto responder = misbehaving("late");
  EXPECT_EQ(say(*responder, ask("x")).text, "done");
  EXPECT_EQ(say(*responder, ask("x")).text, "done");
  EXPECT_EQ(responder->counters().misbehaviours, 1u);
  EXPECT_NE(_log->text().find("an event after chat() had returned"), std::string::npos);
  EXPECT_EQ(_log->text().find("a late event was taken"), std::string::npos);
}

TEST_F(ResponderTest, APluginThatStreamsOnAfterStopIsNoticed) {
  const auto responder = misbehaving("ignore_stop");
  const auto outcome = responder->chat(responder->beginCall(), ask("x"), [](std::string_view) { return false; });
  EXPECT_EQ(outcome.code, Code::Cancelled);
  EXPECT_EQ(outcome.text, "more");
  EXPECT_EQ(responder->counters().misbehaviours, 1u);
}

TEST_F(ResponderTest, TheFlagIsUpBeforeCancelIsCalledAndTheHostsReasonWins) {
  const auto responder = misbehaving("wait_for_cancel");
  const uint64_t id = responder->beginCall();
  const auto outcome = responder->chat(id, ask("x"), [&](std::string_view) {
    responder->cancel(id);  // of the thread that is inside chat(): must not lock up
    return true;
  });
  EXPECT_EQ(outcome.code, Code::Cancelled) << "not the unavailable that the cut connection gave";
  EXPECT_EQ(_log->text().find("cancel before the flag"), std::string::npos);
}

TEST_F(ResponderTest, TheMessageOfAnUnknownCodeIsBounded) {
  const auto outcome = say(*misbehaving("unknown_code"), ask("x"));
  EXPECT_EQ(outcome.code, Code::Internal);
  EXPECT_EQ(outcome.message, std::string(256, 'x'));
}

TEST_F(ResponderTest, SecretsAndControlCharactersNeverReachTheOperator) {
  ResponderSettings wanted = settings("misbehaving", {{"how", "refuse"}});
  wanted.secrets.emplace("key", SecretString("canary-4711"));
  const auto created = Responder::create(_host, wanted);
  EXPECT_EQ(created.responder, nullptr);
  ASSERT_EQ(created.problems.size(), 1u);
  EXPECT_EQ(created.problems[0].kind, SetupProblem::Kind::Create);
  EXPECT_EQ(created.problems[0].message, "plugin misbehaving refuses its settings: the key is [secret]\\u{a}and wrong");
}

TEST_F(ResponderTest, AnExceptionInCreateIsAProblem) {
  const auto created = Responder::create(_host, settings("misbehaving", {{"how", "throw_in_create"}}));
  EXPECT_EQ(created.responder, nullptr);
  ASSERT_EQ(created.problems.size(), 1u);
  EXPECT_NE(_log->text().find("an exception left create()"), std::string::npos);
}

TEST_F(ResponderTest, InfoCannotTakeBackHostToolsNorInventCapabilities) {
  const auto responder = misbehaving("many_caps");
  EXPECT_TRUE(responder->capabilities().hostTools);
  EXPECT_FALSE(responder->capabilities().audio);
  EXPECT_EQ(responder->counters().misbehaviours, 1u);
}

}  // namespace
}  // namespace tsunagi::responder
