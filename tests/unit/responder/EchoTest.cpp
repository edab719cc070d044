#include <future>
#include <thread>

#include "Fixture.h"

namespace tsunagi::responder {
namespace {

using Code = ChatOutcome::Code;

TEST_F(ResponderTest, EchoAnswersWithTheLastMessageOfTheUserInWholeCharacters) {
  const auto responder = echo({{"chunk", "4"}, {"prefix", "つ:"}});
  ChatRequest request = ask("first");
  request.messages.push_back({ChatMessage::Role::Assistant, {{ChatPart::Kind::Text, "no", {}, {}}}});
  request.messages.push_back(
      {ChatMessage::Role::User,
       {{ChatPart::Kind::Text, "a🙂なぎ", {}, {}}, {ChatPart::Kind::Image, "\xFF\xD8", "image/jpeg", "x.jpg"}}});
  std::vector<std::string> pieces;
  const auto outcome = responder->chat(responder->beginCall(), request, [&](std::string_view piece) {
    pieces.emplace_back(piece);
    return true;
  });
  EXPECT_EQ(outcome.code, Code::Ok) << outcome.message;
  EXPECT_EQ(outcome.text, "つ:a🙂なぎ\n[image]");
  EXPECT_EQ(outcome.finish, ChatOutcome::kFinishStop);
  EXPECT_EQ(pieces, (std::vector<std::string>{"つ:", "a", "🙂", "な", "ぎ\n", "[ima", "ge]"}));
  EXPECT_EQ(responder->counters().misbehaviours, 0u);
  EXPECT_EQ(responder->counters().calls, 1u);
}

TEST_F(ResponderTest, EchoFailsAsConfigured) {
  const std::map<std::string, Code> codes = {{"invalid", Code::Invalid},          {"unsupported", Code::Unsupported},
                                             {"unavailable", Code::Unavailable},  {"auth", Code::Auth},
                                             {"rate_limited", Code::RateLimited}, {"too_long", Code::TooLong},
                                             {"bad_reply", Code::BadReply},       {"internal", Code::Internal}};
  for (const auto& [name, code] : codes) {
    const auto responder = echo({{"fail", name}, {"retry_after_ms", "1500"}});
    const auto outcome = say(*responder, ask("x"));
    EXPECT_FALSE(outcome.ok);
    EXPECT_EQ(outcome.code, code);
    EXPECT_STREQ(codeName(outcome.code), name.c_str());
    EXPECT_EQ(outcome.retryAfterMs, 1500);
    EXPECT_EQ(outcome.message, "echo is configured to fail");
    EXPECT_EQ(responder->counters().misbehaviours, 0u);
  }
}

TEST_F(ResponderTest, EchoWithoutAMessageOfTheUserIsInvalid) {
  EXPECT_EQ(say(*echo(), ChatRequest()).code, Code::Invalid);
}

TEST_F(ResponderTest, CancelEndsAWaitingCallOfThePlugin) {
  const auto responder = echo({{"delay_ms", "3600000"}});
  const CallHandle call(responder);
  auto outcome = std::async(std::launch::async, [&] { return responder->chat(call.id(), ask("x"), nullptr); });
  while (responder->counters().running == 0) std::this_thread::yield();
  responder->cancel(call.id());
  EXPECT_EQ(outcome.get().code, Code::Cancelled);
  EXPECT_EQ(responder->counters().misbehaviours, 0u);
}

TEST_F(ResponderTest, CancelBeforeTheCallMakesItReturnAtOnceAndUnknownIdsAreNoOps) {
  const auto responder = echo({{"delay_ms", "3600000"}});
  const CallHandle call(responder);
  responder->cancel(call.id());
  responder->cancel(12345);
  EXPECT_EQ(responder->chat(call.id(), ask("x"), nullptr).code, Code::Cancelled);
  responder->cancel(call.id());
  const auto again = responder->chat(call.id(), ask("x"), nullptr);
  EXPECT_EQ(again.code, Code::Internal);
  EXPECT_NE(again.message.find("used before"), std::string::npos);
}

TEST_F(ResponderTest, TheDeadlineEndsACall) {
  const auto responder = echo({{"delay_ms", "3600000"}});
  ChatRequest request = ask("x");
  request.deadlineSteadyMs = Clock::system().steadyMs() + 50;
  const auto outcome = say(*responder, request);
  EXPECT_EQ(outcome.code, Code::Deadline);
  EXPECT_GE(Clock::system().steadyMs(), request.deadlineSteadyMs);
  request.deadlineSteadyMs = 1;
  EXPECT_EQ(say(*responder, request).code, Code::Deadline);
}

TEST_F(ResponderTest, NoCallOutlivesTheInstancesOwnLimit) {
  ResponderSettings wanted = settings("echo", {{"delay_ms", "3600000"}});
  wanted.maxCallMs = 30;
  const auto created = Responder::create(_echoHost, wanted);
  ASSERT_NE(created.responder, nullptr);
  EXPECT_EQ(say(*created.responder, ask("x")).code, Code::Deadline);
}

TEST_F(ResponderTest, CallsBeyondTheConcurrencyWaitInOrderAndHeedCancelAndDeadline) {
  const auto responder = echo({{"delay_ms", "3600000"}, {"max_concurrency", "1"}});
  EXPECT_EQ(responder->capabilities().maxConcurrency, 1u);
  const auto start = [&](uint64_t id, ChatRequest request) {
    return std::async(std::launch::async, [&responder, id, request] { return responder->chat(id, request, nullptr); });
  };
  const uint64_t first = responder->beginCall();
  auto firstOutcome = start(first, ask("1"));
  while (responder->counters().running != 1) std::this_thread::yield();
  const uint64_t second = responder->beginCall();
  auto secondOutcome = start(second, ask("2"));
  while (responder->counters().waiting != 1) std::this_thread::yield();
  ChatRequest hurried = ask("3");
  hurried.deadlineSteadyMs = Clock::system().steadyMs() + 20;
  const auto outcome = say(*responder, hurried);
  EXPECT_EQ(outcome.code, Code::Deadline);
  EXPECT_EQ(outcome.message, "no free place at the responder before the deadline");
  EXPECT_EQ(responder->counters().running, 1u);
  EXPECT_EQ(responder->health(responder->beginCall(), 0).state, HealthReport::State::Ready) << "while all is taken";
  responder->cancel(second);
  EXPECT_EQ(secondOutcome.get().code, Code::Cancelled);
  const uint64_t third = responder->beginCall();
  auto thirdOutcome = start(third, ask("4"));
  while (responder->counters().waiting != 1) std::this_thread::yield();
  responder->cancel(first);
  EXPECT_EQ(firstOutcome.get().code, Code::Cancelled);
  while (responder->counters().running != 1) std::this_thread::yield();
  EXPECT_EQ(responder->counters().waiting, 0u);
  responder->cancelAll();
  EXPECT_EQ(thirdOutcome.get().code, Code::Cancelled);
}

TEST_F(ResponderTest, TheReaderCanStopTheAnswer) {
  const auto responder = echo({{"chunk", "1"}});
  int pieces = 0;
  const auto outcome =
      responder->chat(responder->beginCall(), ask("abcdef"), [&](std::string_view) { return ++pieces < 3; });
  EXPECT_EQ(outcome.code, Code::Cancelled);
  EXPECT_EQ(outcome.text, "abc");
  EXPECT_EQ(pieces, 3);
  EXPECT_EQ(responder->counters().misbehaviours, 0u);
}

TEST_F(ResponderTest, AnExceptionOfTheReaderComesOutOfChat) {
  const auto responder = echo();
  const auto reader = [](std::string_view) -> bool { throw std::runtime_error("of the reader"); };
  EXPECT_THROW(responder->chat(responder->beginCall(), ask("x"), reader), std::runtime_error);
  EXPECT_EQ(say(*responder, ask("still there")).text, "still there");
}

TEST_F(ResponderTest, AnAnswerIsCutAtItsLimitBetweenCharacters) {
  ResponderSettings wanted = settings("echo", {{"chunk", "7"}});
  wanted.maxAnswerBytes = 11;
  const auto responder = Responder::create(_echoHost, wanted).responder;
  ASSERT_NE(responder, nullptr);
  const auto outcome = say(*responder, ask("つなぎつなぎ"));
  EXPECT_TRUE(outcome.ok);
  EXPECT_TRUE(outcome.truncated);
  EXPECT_EQ(outcome.text, "つなぎ");
  EXPECT_EQ(outcome.finish, ChatOutcome::kFinishLength);
  const auto fits = say(*responder, ask("abcdefghijk"));
  EXPECT_EQ(fits.text, "abcdefghijk");
  EXPECT_FALSE(fits.truncated);
}

TEST_F(ResponderTest, EchoTellsHealthModelsAndWhatItIs) {
  const auto responder = echo();
  EXPECT_EQ(responder->pluginVersion(), "org.tsunagi.echo 0.1.0");
  EXPECT_TRUE(responder->capabilities().streams);
  EXPECT_FALSE(responder->capabilities().hostTools);
  EXPECT_EQ(responder->health(responder->beginCall(), 0).state, HealthReport::State::Ready);
  const auto models = responder->models(responder->beginCall(), 0);
  EXPECT_EQ(models.code, Code::Ok);
  ASSERT_EQ(models.models.size(), 1u);
  EXPECT_EQ(models.models[0].id, "echo");
  const auto failing = echo({{"fail", "auth"}})->health(1, 0);
  EXPECT_EQ(failing.state, HealthReport::State::Unknown) << "the id was never begun";
  const auto down = echo({{"fail", "auth"}});
  const auto report = down->health(down->beginCall(), 0);
  EXPECT_EQ(report.state, HealthReport::State::Down);
  EXPECT_EQ(report.detail, "echo is configured to fail");
}

TEST_F(ResponderTest, ManyCallsAtOnceAllGetTheirOwnAnswer) {
  const auto responder = echo({{"chunk", "3"}, {"max_concurrency", "4"}});
  std::vector<std::future<void>> workers;
  for (int worker = 0; worker < 8; ++worker)
    workers.push_back(std::async(std::launch::async, [&, worker] {
      for (int i = 0; i < 50; ++i) {
        const std::string text = "worker " + std::to_string(worker) + " call " + std::to_string(i);
        const CallHandle call(responder);
        EXPECT_EQ(responder->chat(call.id(), ask(text), nullptr).text, text);
      }
    }));
  for (auto& worker : workers) worker.get();
  EXPECT_EQ(responder->counters().calls, 400u);
  EXPECT_EQ(responder->counters().misbehaviours, 0u);
}

using EchoDeathTest = ResponderTest;
TEST_F(EchoDeathTest, EchoCrashesOnlyWhenTold) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(say(*echo({{"crash", "yes"}}), ask("x")), "");
  EXPECT_TRUE(say(*echo({{"crash", "no"}}), ask("x")).ok);
}

}  // namespace
}  // namespace tsunagi::responder
