// The reactor on a thread of its own and on a borrowed base: who may call what.
#include <event2/event.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "scenario.h"

namespace lksctp::test {
namespace {

std::unique_ptr<Reactor> make_reactor(event_base* base = nullptr) {
  auto reactor = Reactor::create({.base = base, .stack = stack_under_test()});
  EXPECT_TRUE(reactor.has_value()) << reactor.error().to_string();
  return std::move(*reactor);
}

// Echoes between two associations of the same reactor, for ever.
struct PingPong {
  explicit PingPong(Reactor& reactor) {
    ListenOptions listening;
    listening.local = {loopback(0)};
    if (!on_kernel()) listening.udp.local_port = 0;
    const auto endpoint =
        reactor.listen(listening, [this](const auto&) { return handlers(); });
    ConnectOptions options;
    options.remote = {(*endpoint)->local().front()};
    options.udp.remote_port = (*endpoint)->udp_port();
    AssociationHandlers client = handlers();
    client.on_established = [](Association& self) {
      EXPECT_TRUE(self.send(bytes_of("ball")));
    };
    association = *reactor.connect(options, client);
  }

  AssociationHandlers handlers() {
    return {.on_message = [this](Association& self, Message message) {
      ++messages;
      EXPECT_TRUE(self.send(message.payload()));
      const std::lock_guard lock(mutex);
      kept.push_back(std::move(message));
    }};
  }

  std::shared_ptr<Association> association;
  std::atomic<std::uint64_t> messages{0};
  std::mutex mutex;
  std::vector<Message> kept;  // dropped by another thread
};

TEST(Threads, OthersPostAskAndLookWhileTheLoopRuns) {
  const auto reactor = make_reactor();
  PingPong game(*reactor);
  std::thread loop([&] { reactor->run(); });

  std::vector<std::thread> others;
  std::atomic<int> posted{0};
  for (int t = 0; t < 3; ++t) {
    others.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        reactor->post([&] { ++posted; });
        EXPECT_NE(reactor->snapshot(), nullptr);
        std::promise<SnapshotPtr> promise;
        reactor->request_snapshot(
            [&](SnapshotPtr ready) { promise.set_value(std::move(ready)); });
        const SnapshotPtr snapshot = promise.get_future().get();
        // Reading it races with nothing.
        std::uint64_t total = 0;
        for (const auto& [id, record] : snapshot->table.associations()) {
          total += record->sent.messages;
        }
        EXPECT_LE(total, game.messages + 3);
        std::vector<Message> dropped;
        const std::lock_guard lock(game.mutex);
        dropped.swap(game.kept);
      }
    });
  }
  for (auto& other : others) other.join();
  while (game.messages < 1000) std::this_thread::yield();
  reactor->stop();
  loop.join();
  EXPECT_EQ(posted, 600);
  EXPECT_GE(game.messages, 1000u);
}

TEST(Threads, LivesInABaseThatHasItsOwnWork) {
  struct Free {
    void operator()(event_base* base) const { event_base_free(base); }
  };
  const std::unique_ptr<event_base, Free> base(event_base_new());
  const auto reactor = make_reactor(base.get());
  PingPong game(*reactor);
  struct Timer {
    event_base* base;
    PingPong* game;
    int ticks = 0;
  } timer{base.get(), &game};
  event* tick = event_new(
      base.get(), -1, EV_PERSIST,
      [](evutil_socket_t, short, void* pointer) {
        auto& self = *static_cast<Timer*>(pointer);
        ++self.ticks;
        if (self.game->messages > 100 && self.ticks > 10) {
          event_base_loopbreak(self.base);
        }
      },
      &timer);
  const timeval period{.tv_sec = 0, .tv_usec = 1000};
  event_add(tick, &period);
  event_base_dispatch(base.get());
  event_free(tick);
  EXPECT_GT(game.messages, 100u);
  EXPECT_GT(timer.ticks, 10);
}

TEST(Threads, MessagesMayOutliveTheReactor) {
  std::vector<Message> kept;
  {
    const auto reactor = make_reactor();
    PingPong game(*reactor);
    ASSERT_TRUE(run_until(*reactor, [&] { return game.messages > 10; }));
    kept.swap(game.kept);
  }
  EXPECT_EQ(text_of(kept.front().payload()), "ball");
  std::thread([moved = std::move(kept)]() mutable { moved.clear(); }).join();
}

#ifndef NDEBUG
TEST(ThreadsDeathTest, TheWrongThreadIsAnAssertion) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        const auto reactor = make_reactor();
        std::thread([&] { reactor->expect_peer("e", "p"); }).join();
      },
      "loop thread");
}
#endif

TEST(Threads, SignalsAreLeftToTheProgramsThreads) {
  const auto reactor = make_reactor();
  const std::string self = std::to_string(::gettid());
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == self) continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("SigBlk:")) continue;
      const auto blocked = std::stoull(line.substr(7), nullptr, 16);
      EXPECT_TRUE((blocked >> (SIGINT - 1)) & 1) << line;
      EXPECT_TRUE((blocked >> (SIGTERM - 1)) & 1) << line;
    }
  }
}

TEST(Threads, OnlyTheKernelServesTwoReactors) {
  auto first = make_reactor();
  const auto second = Reactor::create({.stack = stack_under_test()});
  if (on_kernel()) {
    EXPECT_TRUE(second.has_value());
    return;
  }
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kStackInUse);
  first.reset();
  EXPECT_TRUE(Reactor::create({.stack = StackChoice::kUsrsctp}).has_value());
}

// A program asks for what there is, or for the kernel and gets it or an answer.
TEST(Threads, TheStackIsChosen) {
  const bool kernel_has_sctp = [] {
    const int fd = ::socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
    if (fd >= 0) ::close(fd);
    return fd >= 0;
  }();
  {
    const auto reactor = Reactor::create({.stack = StackChoice::kKernel});
    ASSERT_EQ(reactor.has_value(), kernel_has_sctp);
    if (!reactor) {
      EXPECT_EQ(reactor.error().code, ErrorCode::kStackUnavailable);
      EXPECT_NE(reactor.error().message.find("modprobe sctp"),
                std::string::npos);
      EXPECT_NE(reactor.error().message.find("usrsctp"), std::string::npos);
    }
  }
  const auto reactor = Reactor::create();
  ASSERT_TRUE(reactor.has_value()) << reactor.error().to_string();
  EXPECT_EQ((*reactor)->capabilities().stack,
            kernel_has_sctp ? StackKind::kKernel : StackKind::kUsrsctp);
}

}  // namespace
}  // namespace lksctp::test
