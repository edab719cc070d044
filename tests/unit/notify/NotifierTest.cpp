#include "notify/Notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/Eventually.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::notify {
namespace {

using testing::ElementsAre;
using Outcome = NoticeSink::Outcome;

struct FakeSink : NoticeSink {
  explicit FakeSink(std::string given) : called(std::move(given)) {}
  std::string name() const override { return called; }
  Outcome deliver(const NoticeEntry& entry, net::CancelToken&) override {
    got.push_back(entry.notice.cause + entry.notice.about);
    keys.push_back(entry.key);
    return outcome;
  }
  const std::string called;
  Outcome outcome = Outcome::Done;
  std::vector<std::string> got, keys;
};

class NotifierTest : public testing::Test {
 protected:
  NotifierTest() { restart(); }
  void restart() {
    _notifier.reset();
    _notifier = std::make_unique<Notifier>(
        _folder.file("notices.json"), [this] { return _day; }, _clock);
    _notifier->setSinks({_sink});
  }
  void raise(const std::string& cause, const std::string& about = "") {
    _notifier->raise({cause, about, "look at " + cause});
    run();
  }
  void run() {
    while (_notifier->step()) {
    }
  }
  void nextDay() {
    ++_day;
    _clock.advance(24 * 3'600'000LL);
  }

  const test::TempFolder _folder;
  ManualClock _clock;
  int64_t _day = 20'000;
  std::shared_ptr<FakeSink> _sink = std::make_shared<FakeSink>("url");
  std::unique_ptr<Notifier> _notifier;
};

TEST_F(NotifierTest, EachCauseIsToldOnceADayAlsoAfterARestart) {
  raise("store"), raise("store"), raise("token", "line"), raise("token", "line.shop");
  EXPECT_THAT(_sink->got, ElementsAre("store", "tokenline", "tokenline.shop"));
  restart();
  raise("store"), raise("token", "line");
  EXPECT_EQ(_sink->got.size(), 3u);
  nextDay();
  raise("store");
  EXPECT_EQ(_sink->got.size(), 4u);
}

TEST_F(NotifierTest, WhatFailsIsTriedAgainWithGrowingWaitsUnderTheSameKeyForADay) {
  _sink->outcome = Outcome::Later;
  raise("store");
  EXPECT_EQ(_sink->got.size(), 1u);
  run();
  EXPECT_EQ(_sink->got.size(), 1u) << "not at once";
  _clock.advance(Notifier::FIRST_WAIT_MS);
  run();
  EXPECT_EQ(_sink->got.size(), 2u);
  _clock.advance(Notifier::FIRST_WAIT_MS);
  run();
  EXPECT_EQ(_sink->got.size(), 2u) << "the waits grow";
  restart();
  run();
  EXPECT_EQ(_sink->got.size(), 3u) << "a restart does not forget it";
  for (const auto& key : _sink->keys) EXPECT_EQ(key, _sink->keys[0]);
  for (int i = 0; i < 100; ++i) {
    _clock.advance(Notifier::LONGEST_WAIT_MS);
    run();
  }
  EXPECT_LT(_sink->got.size(), 35u) << "given up after a day";
  _sink->outcome = Outcome::Done;
  const size_t tries = _sink->got.size();
  run();
  EXPECT_EQ(_sink->got.size(), tries);
}

TEST_F(NotifierTest, EachSinkHasItsOwnBooks) {
  const auto other = std::make_shared<FakeSink>("push");
  other->outcome = Outcome::Never;
  _notifier->setSinks({_sink, other});
  raise("store");
  EXPECT_EQ(other->got.size(), 1u);
  _notifier->setSinks({other});
  run();
  EXPECT_EQ(other->got.size(), 1u) << "of no use is for good";
  EXPECT_EQ(_notifier->missing("reader").size(), 1u);
  _notifier->markDone("reader", {_notifier->missing("reader")[0].key});
  EXPECT_TRUE(_notifier->missing("reader").empty());
  run();
  restart();
  EXPECT_TRUE(_notifier->missing("reader").empty());
}

TEST_F(NotifierTest, WithoutASinkItWaitsForOne) {
  _notifier->setSinks({});
  raise("store");
  EXPECT_TRUE(_sink->got.empty());
  _notifier->setSinks({_sink});
  run();
  EXPECT_THAT(_sink->got, ElementsAre("store"));
}

TEST_F(NotifierTest, NothingGrowsWithoutBound) {
  for (int i = 0; i < 50; ++i) _notifier->raise({"backlog_full", "unit" + std::to_string(i), "look"});
  run();
  EXPECT_EQ(_sink->got.size(), NoticeBook::MOST_OF_ONE_CAUSE);
  for (int day = 0; day < 5; ++day) {
    nextDay();
    for (int i = 0; i < 100; ++i) _notifier->raise({"cause" + std::to_string(i), "", "look"});
  }
  EXPECT_LE(_notifier->missing("reader").size(), NoticeBook::MOST);
}

TEST_F(NotifierTest, ABrokenFileIsAnEmptyOne) {
  for (const char* text : {"", "[", "[]", R"({"notices":7})", R"({"notices":[7,{"cause":5},{"cause":"a"}]})"}) {
    _folder.write("notices.json", text);
    _sink->got.clear();
    restart();
    nextDay();
    raise("store");
    EXPECT_THAT(_sink->got, ElementsAre("store")) << text;
  }
}

TEST_F(NotifierTest, ItsThreadDeliversAndStops) {
  _notifier->start();
  _notifier->raise({"store", "", "look"});
  EXPECT_TRUE(test::eventually([&] { return _notifier->missing("url").empty(); }));
  _notifier->stop();
  EXPECT_THAT(_sink->got, ElementsAre("store"));
  restart();
  run();
  EXPECT_EQ(_sink->got.size(), 1u);
}

}  // namespace
}  // namespace tsunagi::notify
