#include "net/DeadlineQueue.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

namespace tsunagi::net {
namespace {

struct Waiter : DeadlineOwner {
  explicit Waiter(std::vector<int>& to, int as) : list(to), number(as) {}
  void onDeadline(Deadline&) override {
    list.push_back(number);
    if (action) action();
  }
  std::vector<int>& list;
  int number;
  std::function<void()> action;
  Deadline deadline{*this};
};

class DeadlineQueueTest : public ::testing::Test {
 protected:
  // Runs the loop until done is set, then takes the queues down on it.
  void run(std::promise<void>& done) {
    _loop.start();
    done.get_future().wait();
    _loop.runSync([&] { _queues.clear(); });
    _loop.stop();
  }
  DeadlineQueue& queue(int64_t lengthMs) {
    _queues.push_back(std::make_unique<DeadlineQueue>(_loop, lengthMs));
    return *_queues.back();
  }

  EventLoop _loop{"deadlines"};
  std::vector<std::unique_ptr<DeadlineQueue>> _queues;
  std::vector<int> _fired;
};

TEST_F(DeadlineQueueTest, FireInOrderOnceAndNeverEarly) {
  DeadlineQueue& shortOnes = queue(20);
  DeadlineQueue& longOnes = queue(60);
  Waiter a(_fired, 1), b(_fired, 2), c(_fired, 3);
  std::promise<void> done;
  const int64_t start = _loop.nowMs();
  longOnes.arm(c.deadline);
  shortOnes.arm(a.deadline);
  shortOnes.arm(b.deadline);
  a.action = [&] { EXPECT_GE(_loop.nowMs() - start, 20); };
  c.action = [&] {
    EXPECT_GE(_loop.nowMs() - start, 60);
    EXPECT_FALSE(c.deadline.armed());
    done.set_value();
  };
  run(done);
  EXPECT_EQ(_fired, (std::vector<int>{1, 2, 3}));
}

TEST_F(DeadlineQueueTest, ArmingAgainMovesToTheEndAndCancelTakesOut) {
  DeadlineQueue& one = queue(20);
  DeadlineQueue& other = queue(50);
  Waiter moved(_fired, 1), cancelled(_fired, 2), stays(_fired, 3), last(_fired, 4);
  std::promise<void> done;
  one.arm(moved.deadline);
  one.arm(cancelled.deadline);
  one.arm(stays.deadline);
  one.arm(moved.deadline);
  cancelled.deadline.cancel();
  EXPECT_FALSE(cancelled.deadline.armed());
  EXPECT_TRUE(moved.deadline.armedIn(one));
  other.arm(last.deadline);
  last.action = [&] { done.set_value(); };
  run(done);
  EXPECT_EQ(_fired, (std::vector<int>{3, 1, 4}));
}

TEST_F(DeadlineQueueTest, ADueOwnerMayTakeDownTheNextOneOrItself) {
  DeadlineQueue& one = queue(20);
  DeadlineQueue& other = queue(60);
  auto first = std::make_unique<Waiter>(_fired, 1);
  auto second = std::make_unique<Waiter>(_fired, 2);
  Waiter last(_fired, 3);
  std::promise<void> done;
  one.arm(first->deadline);
  one.arm(second->deadline);
  other.arm(last.deadline);
  first->action = [&] { second.reset(); };
  last.action = [&] { done.set_value(); };
  run(done);
  EXPECT_EQ(_fired, (std::vector<int>{1, 3}));
}

TEST_F(DeadlineQueueTest, ADestroyedQueueLeavesItsWaitersDisarmed) {
  Waiter waiter(_fired, 1);
  {
    DeadlineQueue gone(_loop, 10);
    gone.arm(waiter.deadline);
  }
  EXPECT_FALSE(waiter.deadline.armed());
}

}  // namespace
}  // namespace tsunagi::net
