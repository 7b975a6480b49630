#include "loop.h"

#include <event2/event.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace lksctp {
namespace {

using std::chrono::milliseconds;

std::unique_ptr<Loop> make_loop(event_base* base = nullptr) {
  auto loop = Loop::create(base);
  EXPECT_TRUE(loop.has_value());
  return std::move(*loop);
}

TEST(Loop, TasksOfOneThreadKeepTheirOrder) {
  const auto loop = make_loop();
  std::vector<int> order;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      loop->post([&order, i] { order.push_back(i); });
    }
    loop->post([&] { loop->stop(); });
  });
  loop->run();
  other.join();
  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(Loop, TasksFromManyThreadsAllRunOnTheLoopThread) {
  const auto loop = make_loop();
  std::atomic<int> left{4 * 500};
  std::atomic<bool> elsewhere{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        loop->post([&] {
          if (!loop->in_loop_thread()) elsewhere = true;
          if (--left == 0) loop->stop();
        });
      }
    });
  }
  loop->run();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(left, 0);
  EXPECT_FALSE(elsewhere);
}

TEST(Loop, ATaskMayPost) {
  const auto loop = make_loop();
  int depth = 0;
  std::function<void()> again = [&] {
    if (++depth == 10) {
      loop->stop();
    } else {
      loop->post(again);
    }
  };
  loop->post(again);
  loop->run();
  EXPECT_EQ(depth, 10);
}

TEST(Loop, AStopBeforeRunCounts) {
  const auto loop = make_loop();
  loop->stop();
  loop->run();  // would hang otherwise
}

TEST(Loop, TheTurnEndRunsAfterEverythingReadyInTheTurn) {
  const auto loop = make_loop();
  std::vector<std::string> order;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  auto watch = loop->watch(ends[0], [&](bool readable, bool) {
    EXPECT_TRUE(readable);
    char byte = 0;
    ASSERT_EQ(::read(ends[0], &byte, 1), 1);
    order.push_back("input");
    loop->request_turn_end();
  });
  ASSERT_TRUE(watch.has_value());
  (*watch)->want(true, false);
  loop->post([&] {
    order.push_back("task");
    loop->request_turn_end();
  });
  loop->set_turn_end([&] { order.push_back("end"); });
  loop->run_once(milliseconds(1000));
  loop->run_once(milliseconds(0));
  ASSERT_EQ(order.size(), 3u);
  EXPECT_EQ(order.back(), "end");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Loop, AWatchMayDestroyItselfInsideItsCallback) {
  const auto loop = make_loop();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  std::unique_ptr<FileWatch> watch;
  std::string note(100, 'n');  // owned by the callback that goes away
  int calls = 0;
  auto made = loop->watch(ends[0], [&, note](bool, bool) {
    watch.reset();
    calls += note.size() == 100 ? 1 : 0;
  });
  ASSERT_TRUE(made.has_value());
  watch = std::move(*made);
  watch->want(true, false);
  for (int i = 0; i < 3; ++i) loop->run_once(milliseconds(10));
  EXPECT_EQ(calls, 1);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Loop, ATimerMayStartAndDestroyItselfInsideItsCallback) {
  const auto loop = make_loop();
  std::unique_ptr<LoopTimer> timer;
  int fired = 0;
  timer = loop->timer([&] {
    if (++fired < 3) {
      timer->start({});
    } else {
      timer.reset();
      loop->stop();
    }
  });
  timer->start(milliseconds(1));
  loop->run();
  EXPECT_EQ(fired, 3);
}

TEST(Loop, AStoppedTimerDoesNotFire) {
  const auto loop = make_loop();
  bool fired = false;
  auto stopped = loop->timer([&] { fired = true; });
  auto last = loop->timer([&] { loop->stop(); });
  stopped->start({});
  stopped->stop();
  last->start(milliseconds(5));
  loop->run();
  EXPECT_FALSE(fired);
}

TEST(Loop, LivesOnABorrowedBaseAndLearnsItsThread) {
  const std::unique_ptr<event_base, EventBaseFree> base(event_base_new());
  const auto loop = make_loop(base.get());
  bool on_loop_thread = false;
  loop->post([&] {
    on_loop_thread = loop->in_loop_thread();
    event_base_loopbreak(base.get());
  });
  std::thread dispatching([&] { event_base_dispatch(base.get()); });
  dispatching.join();
  EXPECT_TRUE(on_loop_thread);
  EXPECT_FALSE(loop->in_loop_thread());
}

TEST(Loop, ABackgroundTimerStartsStopsAndGoesInItsOwnCallback) {
  const auto loop = make_loop();
  int ticks = 0;
  std::unique_ptr<LoopTimer> timer;
  timer = loop->background_timer([&] {
    if (++ticks < 3) {
      timer->start(milliseconds(1));
    } else {
      timer.reset();
      loop->stop();
    }
  });
  bool stopped_one_ran = false;
  const auto stopped = loop->background_timer([&] { stopped_one_ran = true; });
  stopped->start(milliseconds(0));
  stopped->stop();
  timer->start(milliseconds(0));
  loop->run();
  EXPECT_EQ(ticks, 3);
  EXPECT_FALSE(stopped_one_ran);
}

TEST(Loop, ABackgroundTimerNeedsNoDescriptor) {
  const auto loop = make_loop();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none = limit;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto timer = loop->background_timer([&] { loop->stop(); });
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  timer->start(milliseconds(1));
  loop->run();
}

}  // namespace
}  // namespace lksctp
