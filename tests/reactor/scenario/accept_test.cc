// A listener under pressure: peers that are gone before they are accepted, all
// peers at once, no descriptors left, and thousands one after the other.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>

#include "scenario.h"

namespace {

std::atomic<unsigned> accept_calls = 0;

}  // namespace

// In the place of libc's, to count how often the program tries.
extern "C" int accept4(int fd, sockaddr* address, socklen_t* length,
                       int flags) {
  ++accept_calls;
  return static_cast<int>(::syscall(SYS_accept4, fd, address, length, flags));
}

namespace lksctp::test {
namespace {

// All but the files of the fixture's journal, whose thread opens and closes parts.
std::size_t descriptors() {
  const std::filesystem::directory_iterator open("/proc/self/fd");
  return static_cast<std::size_t>(
      std::count_if(begin(open), end(open), [](const auto& descriptor) {
        std::error_code gone;
        const auto file = std::filesystem::read_symlink(descriptor, gone);
        return !gone &&
               file.string().find("/lksctp-journal-") == std::string::npos;
      }));
}

class Accept : public Scenario {
 protected:
  // The listener accepts, and what it accepts works.
  void expect_serves(const Endpoint& endpoint) {
    const std::size_t before = accepted_.size();
    End& end = connect(endpoint);
    ASSERT_TRUE(wait([&] { return end.up && accepted_.size() > before; }));
    expect_echoes(end);
  }

  void expect_echoes(End& end) {
    const std::size_t before = end.message_count;
    ASSERT_TRUE(end.association->send(bytes_of("ping")));
    ASSERT_TRUE(wait([&] { return end.message_count > before; }));
  }
};

TEST_F(Accept, AHundredPeersAbortAtOnce) {
  constexpr std::size_t kCount = 100;
  const auto endpoint = listen({}, /*echo=*/true);
  for (std::size_t i = 0; i < kCount; ++i) connect(*endpoint);
  ASSERT_TRUE(wait([&] {
    return accepted_.size() == kCount &&
           std::ranges::all_of(accepted_, &End::up) &&
           std::ranges::all_of(clients_, &End::up);
  }));
  for (End& end : clients_) ASSERT_TRUE(end.association->abort("flood"));
  ASSERT_TRUE(wait([&] {
    const auto closed = [](const End& end) { return end.closed.has_value(); };
    return std::ranges::all_of(accepted_, closed) &&
           std::ranges::all_of(clients_, closed);
  }));
  for (const End& end : accepted_) {
    EXPECT_EQ(end.closed->reason, CloseReason::kAbortRemote);
    EXPECT_EQ(std::ranges::count(kinds(end), "comm_lost"), 1);
    EXPECT_EQ(end.calls, (Strings{"up", "closed"}));
  }
  EXPECT_TRUE(recorder_->all<AcceptStateChanged>().empty());
  expect_serves(*endpoint);
}

TEST_F(Accept, PeersThatAbortAsSoonAsTheyAreUp) {
  constexpr std::size_t kCount = 100;
  const auto endpoint = listen({}, /*echo=*/true);
  for (std::size_t i = 0; i < kCount; ++i) {
    End& end = connect(*endpoint);
    AssociationHandlers handlers = end.handlers();
    handlers.on_established = [](Association& self) {
      EXPECT_TRUE(self.abort());
    };
    end.association->set_handlers(std::move(handlers));
  }
  ASSERT_TRUE(wait([&] {
    return std::ranges::all_of(
        clients_, [](const End& end) { return end.closed.has_value(); });
  }));
  expect_serves(*endpoint);
  // What was accepted at all has ended; the last is the one that works.
  EXPECT_TRUE(wait([&] {
    return std::ranges::count_if(accepted_, [](const End& end) {
             return end.closed.has_value();
           }) == static_cast<std::ptrdiff_t>(accepted_.size()) - 1;
  }));
  EXPECT_TRUE(recorder_->all<AcceptStateChanged>().empty());
}

TEST_F(Accept, WithoutDescriptorsItWaitsAndGoesOnWhenTheyAreBack) {
  if (!on_kernel()) {
    GTEST_SKIP() << "accepting takes no descriptor on usrsctp";
  }
  connect_pair({}, {}, /*echo=*/true);
  const Endpoint& endpoint = *endpoints_.front();
  // The connecting side has its descriptor, the accepting side gets none.
  End& waiting = connect(endpoint);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none = limit;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const unsigned before = accept_calls;
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(wait([&] { return accept_calls >= before + 4; }));
  const auto states = recorder_->all<AcceptStateChanged>();
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states.front().error->errno_value, EMFILE);
  EXPECT_EQ(reactor_->table().endpoint(endpoint.id())->accept_error,
            states.front().error);
  for (int i = 0; i < 50; ++i) expect_echoes(*client);
  // However long that took: at most one attempt per pause of 100 ms, and one for
  // each time the listener was ready before the first of them.
  const auto pauses = (std::chrono::steady_clock::now() - began) /
                      std::chrono::milliseconds(100);
  EXPECT_LE(accept_calls - before, static_cast<unsigned>(pauses) + 2);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_TRUE(wait([&] { return accepted_.size() == 2 && waiting.up; }));
  expect_echoes(waiting);
  EXPECT_EQ(recorder_->all<AcceptStateChanged>().size(), 2u);
  EXPECT_FALSE(recorder_->all<AcceptStateChanged>().back().error.has_value());
  EXPECT_FALSE(reactor_->table().endpoint(endpoint.id())->accept_error);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kChurn = 1'000;  // these run where everything is slow
#else
constexpr std::size_t kChurn = 10'000;
#endif

TEST_F(Accept, ThousandsComeAndGoAndNothingStays) {
  constexpr std::size_t kBatch = 100;
  const auto endpoint = listen();
  std::size_t before = 0;
  for (std::size_t done = 0; done < kChurn; done += kBatch) {
    for (std::size_t i = 0; i < kBatch; ++i) connect(*endpoint);
    ASSERT_TRUE(wait([&] {
      return accepted_.size() == kBatch &&
             std::ranges::all_of(clients_, &End::up);
    }));
    for (End& end : clients_) ASSERT_TRUE(end.association->shutdown());
    ASSERT_TRUE(wait([&] {
      const auto closed = [](const End& end) {
        return end.closed && end.association->record() == nullptr;
      };
      return std::ranges::all_of(accepted_, closed) &&
             std::ranges::all_of(clients_, closed);
    }));
    for (const End& end : accepted_) {
      ASSERT_EQ(end.closed->reason, CloseReason::kShutdownRemote);
    }
    accepted_.clear();
    clients_.clear();
    run_pending(*reactor_);
    if (done == 0) before = descriptors();
  }
  EXPECT_EQ(descriptors(), before);
  const AssociationTable& table = reactor_->table();
  EXPECT_TRUE(table.associations().empty());
  EXPECT_EQ(table.endpoints().size(), 1u);
  EXPECT_EQ(table.peers().size(), 2u);
  EXPECT_EQ(table.peer(endpoint->name(), "127.0.0.1")
                ->closed.at(CloseReason::kShutdownRemote),
            kChurn);
}

// ---- addresses -------------------------------------------------------------

TEST_F(Accept, TheAnyAddressOfIPv6TakesIPv4PeersToo) {
  const auto endpoint = listen({.local = {*Address::parse("::", 0)}}, true);
  ASSERT_EQ(endpoint->local().size(), 1u);
  EXPECT_EQ(endpoint->local().front().ip_string(), "::");
  for (const char* ip : {"127.0.0.1", "::1"}) {
    const std::size_t before = accepted_.size();
    End& end = connect(
        *endpoint,
        {.remote = {*Address::parse(ip, endpoint->local().front().port)}});
    ASSERT_TRUE(wait([&] { return end.up && accepted_.size() > before; }))
        << ip;
    EXPECT_EQ(accepted_.back().association->peer_name(), ip);
    ASSERT_TRUE(end.association->send(bytes_of("hello")).has_value());
    ASSERT_TRUE(wait([&] { return end.messages.size() == 1; })) << ip;
  }
}

TEST_F(Accept, IPv6OnlyTakesNoIPv4Peers) {
  const auto endpoint =
      listen({.local = {*Address::parse("::", 0)}, .ipv6_only = true});
  const std::uint16_t port = endpoint->local().front().port;
  End& refused = connect(*endpoint, {.remote = {loopback(port)}});
  ASSERT_TRUE(wait([&] { return refused.closed.has_value(); }));
  EXPECT_EQ(refused.closed->reason, CloseReason::kRefused);
  End& taken = connect(*endpoint, {.remote = {*Address::parse("::1", port)}});
  ASSERT_TRUE(wait([&] { return taken.up; }));

  const auto mixed = reactor_->listen(
      {.local = {loopback(0), *Address::parse("::1", 0)}, .ipv6_only = true},
      {});
  ASSERT_FALSE(mixed.has_value());
  EXPECT_EQ(mixed.error().code, ErrorCode::kInvalidArgument);
}

// ---- names that take time ----------------------------------------------------

TEST_F(Accept, AnAssociationWaitsForTheNameOfItsPeer) {
  std::function<void(std::string)> name;
  Address asked;
  ListenOptions options;
  options.peer_name_later = [&](const Address& remote, auto named) {
    asked = remote;
    name = std::move(named);
  };
  const auto endpoint = listen(std::move(options));
  End& end = connect(*endpoint);
  ASSERT_TRUE(wait([&] { return end.up && name; }));
  ASSERT_TRUE(end.association->send(bytes_of("early")).has_value());
  settle();
  EXPECT_TRUE(accepted_.empty());
  EXPECT_EQ(asked.ip_string(), "127.0.0.1");
  name("hss");
  ASSERT_TRUE(wait([&] {
    return !accepted_.empty() && accepted_.back().messages.size() == 1;
  }));
  EXPECT_EQ(accepted_.back().association->peer_name(), "hss");
  EXPECT_EQ(text_of(accepted_.back().messages.front().payload()), "early");
  name("mme");
  run_pending(*reactor_);
  EXPECT_EQ(accepted_.size(), 1u) << "once";
}

TEST_F(Accept, ANameMayBeKnownAtOnce) {
  ListenOptions options;
  options.peer_name_later = [](const Address&, const auto& name) {
    name("now");
  };
  connect_pair({}, std::move(options));
  EXPECT_EQ(server->association->peer_name(), "now");
}

TEST_F(Accept, WhatHasNoNameWhenItsEndpointClosesIsAborted) {
  std::function<void(std::string)> name;
  ListenOptions options;
  options.peer_name_later = [&](const Address&, auto named) {
    name = std::move(named);
  };
  const auto endpoint = listen(std::move(options));
  End& end = connect(*endpoint);
  ASSERT_TRUE(wait([&] { return end.up && name; }));
  endpoint->close();
  ASSERT_TRUE(wait([&] { return end.closed.has_value(); }));
  EXPECT_EQ(end.closed->reason, CloseReason::kAbortRemote);
  name("too late");
  run_pending(*reactor_);
  EXPECT_TRUE(accepted_.empty());
}

}  // namespace
}  // namespace lksctp::test
