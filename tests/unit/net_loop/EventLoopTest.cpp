#include "net/EventLoop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "base/UniqueFd.h"

namespace tsunagi::net {
namespace {

struct Pair {
  Pair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    a.reset(fds[0]);
    b.reset(fds[1]);
  }
  UniqueFd a, b;
};

struct Recorder : FdHandler {
  std::function<void(uint32_t)> action;
  int calls = 0;
  void onReady(uint32_t events) override {
    ++calls;
    if (action) action(events);
  }
};

TEST(EventLoop, TasksRunInTheOrderOfPostingFromManyThreads) {
  EventLoop loop("order");
  std::vector<std::vector<int>> seen(4);
  loop.start();
  {
    std::vector<std::thread> threads;
    for (size_t t = 0; t < seen.size(); ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 5000; ++i) loop.post([&, t, i] { seen[t].push_back(i); });
      });
    }
    for (auto& thread : threads) thread.join();
  }
  loop.stop();
  for (const auto& list : seen) {
    ASSERT_EQ(list.size(), 5000u);
    EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
  }
}

TEST(EventLoop, PostIsNeverInlineAndStopRunsWhatWasPosted) {
  EventLoop loop("post");
  bool inside = false, ran = false;
  loop.start();
  loop.post([&] {
    inside = true;
    loop.post([&] {
      EXPECT_FALSE(inside);
      ran = true;
    });
    inside = false;
  });
  loop.stop();
  EXPECT_TRUE(ran);
  EXPECT_FALSE(loop.post([] { FAIL(); }));
}

TEST(EventLoop, TasksPostedBeforeStartWaitForIt) {
  EventLoop loop("early");
  std::promise<bool> current;
  loop.post([&] { current.set_value(loop.isCurrent()); });
  loop.start();
  EXPECT_FALSE(loop.isCurrent());
  EXPECT_TRUE(current.get_future().get());
}

TEST(EventLoop, RunSyncWorksFromOutsideInsideAndAfterTheEnd) {
  EventLoop loop("sync");
  std::thread::id first, second, third;
  loop.start();
  loop.runSync([&] {
    first = std::this_thread::get_id();
    loop.runSync([&] { second = std::this_thread::get_id(); });
  });
  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
  loop.stop();
  loop.runSync([&] { third = std::this_thread::get_id(); });
  EXPECT_EQ(third, std::this_thread::get_id());
}

TEST(EventLoop, TimersFireInOrderNeverEarlyAndNotWhenCancelled) {
  EventLoop loop("timers");
  std::vector<int> fired;
  std::promise<void> done;
  loop.start();
  loop.runSync([&] {
    const int64_t start = loop.nowMs();
    loop.callAfter(60, [&, start] {
      EXPECT_GE(loop.nowMs() - start, 60);
      fired.push_back(60);
      done.set_value();
    });
    loop.callAfter(20, [&, start] {
      EXPECT_GE(loop.nowMs() - start, 20);
      fired.push_back(20);
    });
    const TimerId cancelled = loop.callAfter(30, [&] { fired.push_back(30); });
    loop.callAfter(10, [&, cancelled] {
      loop.cancel(cancelled);
      loop.cancel(cancelled);
      loop.cancel(0);
      fired.push_back(10);
    });
  });
  done.get_future().wait();
  loop.stop();
  EXPECT_EQ(fired, (std::vector<int>{10, 20, 60}));
}

TEST(EventLoop, ARemovedHandlerHearsNothingMoreEvenInTheSameTurn) {
  EventLoop loop("removed");
  Pair one, two;
  Recorder first, second;
  ASSERT_EQ(::write(one.b.get(), "x", 1), 1);
  ASSERT_EQ(::write(two.b.get(), "x", 1), 1);
  ASSERT_TRUE(loop.add(one.a.get(), EPOLLIN, &first));
  ASSERT_TRUE(loop.add(two.a.get(), EPOLLIN, &second));
  // Both are ready in the first turn; whichever is called first takes both away.
  const auto removeBoth = [&](uint32_t) {
    loop.remove(one.a.get(), &first);
    loop.remove(two.a.get(), &second);
  };
  first.action = second.action = removeBoth;
  loop.start();
  loop.runSync([] {});
  loop.runSync([] {});
  loop.stop();
  EXPECT_EQ(first.calls + second.calls, 1);
}

TEST(EventLoop, ADescriptorMayChangeItsHandler) {
  EventLoop loop("modify");
  Pair pair;
  Recorder first, second;
  std::promise<void> done;
  ASSERT_TRUE(loop.add(pair.a.get(), EPOLLIN, &first));
  loop.start();
  second.action = [&](uint32_t events) {
    EXPECT_TRUE(events & EPOLLIN);
    loop.remove(pair.a.get(), &second);
    done.set_value();
  };
  loop.runSync([&] { loop.modify(pair.a.get(), EPOLLIN, &second); });
  ASSERT_EQ(::write(pair.b.get(), "x", 1), 1);
  done.get_future().wait();
  loop.stop();
  EXPECT_EQ(first.calls, 0);
}

TEST(EventLoop, AddTellsWhenTheKernelRefuses) {
  EventLoop loop("refuse");
  Recorder handler;
  EXPECT_FALSE(loop.add(-1, EPOLLIN, &handler));
}

TEST(EventLoop, TurnEndTasksRunInTheSameTurnAfterEverythingElse) {
  EventLoop loop("turnend");
  std::vector<std::string> order;
  uint64_t turn = 0, endTurn = 0, nestedTurn = 0;
  loop.post([&] {
    turn = loop.turn();
    loop.atTurnEnd([&] {
      endTurn = loop.turn();
      order.push_back("end");
      loop.atTurnEnd([&] {
        nestedTurn = loop.turn();
        order.push_back("nested");
      });
    });
    order.push_back("first");
  });
  loop.post([&] { order.push_back("second"); });
  loop.start();
  loop.stop();
  EXPECT_EQ(order, (std::vector<std::string>{"first", "second", "end", "nested"}));
  EXPECT_EQ(turn, endTurn);
  EXPECT_EQ(turn, nestedTurn);
}

TEST(EventLoop, WhatIsLeftIsReleasedWithTheLoop) {
  const auto token = std::make_shared<int>(0);
  {
    EventLoop loop("left");
    loop.start();
    loop.runSync([&] {
      loop.callAfter(3'600'000, [token] {});
      loop.attachment() = token;
    });
    EXPECT_EQ(token.use_count(), 3);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(EventLoop, ATaskThatKeepsPostingDoesNotKeepStopFromEnding) {
  EventLoop loop("endless");
  std::function<void()> again = [&] { loop.post(again); };
  loop.start();
  loop.post(again);
  loop.stop();
}

}  // namespace
}  // namespace tsunagi::net
