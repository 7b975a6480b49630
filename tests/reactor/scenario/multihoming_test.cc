// Associations over two paths: how they come up, what they say and do when a path
// fails, and how they end when both do.
#include <algorithm>
#include <cerrno>
#include <string>

#include "two_hosts.h"

namespace lksctp::test {
namespace {

class Multihoming : public TwoHosts {
 protected:
  // Both ends have two active paths, one of them primary.
  void expect_two_paths(const std::vector<Address>& near,
                        const std::vector<Address>& far) {
    EXPECT_TRUE(has_paths(*client, far));
    EXPECT_TRUE(has_paths(*server, near));
    const auto primaries = [](const End& end) {
      return std::ranges::count_if(
          end.association->record()->paths,
          [](const auto& one) { return one.second.info.primary; });
    };
    EXPECT_EQ(primaries(*client), 1);
    EXPECT_EQ(primaries(*server), 1);
    EXPECT_TRUE(path(*client, far.front())->primary);
    // What the connecting end was given counts as confirmed; what it heard of
    // in the handshake is confirmed by a heartbeat.
    EXPECT_EQ(path_events(*server, near.back(), {PeerAddressState::kConfirmed}),
              PathStates{PeerAddressState::kConfirmed});
  }

  // The local addresses in the table.
  static std::vector<Address> locals(const End& end) {
    std::vector<Address> local = end.association->record()->local;
    for (Address& one : local) one.port = 0;
    return local;
  }

  // A path fails and comes back while messages flow: both ends are told, in the
  // table it is inactive meanwhile, and every message arrives once and in order.
  void fail_and_return(Link link, const std::function<void()>& fail,
                       const std::function<void()>& come_back) {
    connect_hosts();
    const auto changes = [&](const End& end, const Address& address) {
      return path_events(
          end, address,
          {PeerAddressState::kUnreachable, PeerAddressState::kAvailable});
    };
    const auto inactive = [](const End& end, const Address& address) {
      return path(end, address)->state == PathState::kInactive;
    };
    stream_until(*client, [&] { return streamed_ == 100; });
    // The first, unless its INIT was lost.
    const bool first = path(*client, far4(Link::kFirst))->primary;
    fail();
    stream_until(*client, [&] {
      return inactive(*client, far4(link)) && inactive(*server, near4(link));
    });
    EXPECT_FALSE(inactive(*client, far4(other(link))));
    EXPECT_EQ(path(*client, far4(Link::kFirst))->primary, first)
        << "a failure moves the traffic, not the primary";
    come_back();
    stream_until(*client, [&] {
      return has_paths(*client, {far4(link), far4(other(link))}) &&
             has_paths(*server, {near4(link), near4(other(link))});
    });
    const std::size_t enough = streamed_ + 100;
    stream_until(*client, [&] { return streamed_ == enough; });
    expect_streamed(*server);
    const PathStates there_and_back = {PeerAddressState::kUnreachable,
                                       PeerAddressState::kAvailable};
    for (const auto& [end, address] :
         {std::pair(client, far4(link)), {server, near4(link)}}) {
      // A path that was only suspected, before its failure or after it, comes
      // back as available, too.
      PathStates seen = changes(*end, address);
      seen.erase(seen.begin(),
                 std::ranges::find(seen, PeerAddressState::kUnreachable));
      seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
      EXPECT_EQ(seen, there_and_back);
      EXPECT_FALSE(end->closed.has_value());
      EXPECT_TRUE(end->failed.empty());
    }
    EXPECT_EQ(std::ranges::count(changes(*client, far4(other(link))),
                                 PeerAddressState::kUnreachable),
              0);
  }

  static Link other(Link link) {
    return link == Link::kFirst ? Link::kSecond : Link::kFirst;
  }
};

TEST_F(Multihoming, TwoPathsOverIPv4) {
  connect_hosts();
  expect_two_paths({near4(Link::kFirst), near4(Link::kSecond)},
                   {far4(Link::kFirst), far4(Link::kSecond)});
}

TEST_F(Multihoming, TwoPathsOverIPv6) {
  const std::vector near = {near6(Link::kFirst), near6(Link::kSecond)};
  const std::vector far = {far6(Link::kFirst), far6(Link::kSecond)};
  add_ipv6();
  connect_hosts({.remote = far, .local = near}, {.local = far});
  expect_two_paths(near, far);
  EXPECT_EQ(locals(*client), near);
  EXPECT_EQ(locals(*server), far);
}

TEST_F(Multihoming, OnePathOverEachFamily) {
  const std::vector near = {near4(Link::kFirst), near6(Link::kSecond)};
  const std::vector far = {far4(Link::kFirst), far6(Link::kSecond)};
  add_ipv6();
  connect_hosts({.remote = far, .local = near}, {.local = far});
  expect_two_paths(near, far);
  stream_until(*client, [&] { return streamed_ == 10; });
  expect_streamed(*server);
}

TEST_F(Multihoming, WhoNamesNoAddressOffersAllOfThem) {
  connect_hosts({.remote = {far4(Link::kFirst)}},
                {.local = {*Address::parse("0.0.0.0", 0)}});
  expect_two_paths({near4(Link::kFirst), near4(Link::kSecond)},
                   {far4(Link::kFirst), far4(Link::kSecond)});
  // One address was given, the other learned.
  EXPECT_EQ(
      path_events(*client, far4(Link::kSecond), {PeerAddressState::kConfirmed}),
      PathStates{PeerAddressState::kConfirmed});
}

TEST_F(Multihoming, APrimaryThatLosesEverythingLosesNoMessage) {
  fail_and_return(
      Link::kFirst, [&] { silence(Link::kFirst); },
      [&] { restore(Link::kFirst); });
}

TEST_F(Multihoming, ASecondPathThatLosesEverythingLosesNoMessage) {
  fail_and_return(
      Link::kSecond, [&] { silence(Link::kSecond); },
      [&] { restore(Link::kSecond); });
}

TEST_F(Multihoming, APrimaryWhoseLinkGoesDownLosesNoMessage) {
  fail_and_return(
      Link::kFirst, [&] { near_command("ip link set near1 down"); },
      [&] { near_command("ip link set near1 up"); });
}

TEST_F(Multihoming, ASecondLinkDownAtThePeerLosesNoMessage) {
  fail_and_return(
      Link::kSecond, [&] { far_command("ip link set far2 down"); },
      [&] { far_command("ip link set far2 up"); });
}

TEST_F(Multihoming, BothPathsSilentEndInATimeout) {
  connect_hosts();
  silence(Link::kFirst);
  silence(Link::kSecond);
  for (std::uint32_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(client->association->send(pattern(100, i), {.context = i}));
  }
  ASSERT_TRUE(wait([&] { return client->closed.has_value(); }));
  EXPECT_EQ(client->closed->reason, CloseReason::kTimeout);
  EXPECT_EQ(client->closed->error->errno_value, ETIMEDOUT);
  ASSERT_EQ(client->failed.size(), 5u);
  EXPECT_EQ(server->message_count, 0u);
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(client->failed[i].first.context, i);
  }
  for (const Link link : {Link::kFirst, Link::kSecond}) {
    EXPECT_EQ(path_events(*client, far4(link),
                          {PeerAddressState::kUnreachable,
                           PeerAddressState::kAvailable}),
              PathStates{PeerAddressState::kUnreachable});
  }
  // What was not delivered is told after the loss.
  const Strings all = kinds(*client);
  EXPECT_LT(std::ranges::find(all, "comm_lost"),
            std::ranges::find(all, "message_failed"));
}

// ---- potentially failed (RFC 7829) ------------------------------------------

class PotentiallyFailed : public Multihoming {
 protected:
  // The second path falls silent; it is given up after so many time-outs.
  void silence_second_path(std::uint16_t max_retransmissions) {
    SocketOptions options = fast_failover();
    options.path.max_retransmissions = max_retransmissions;
    options.association.max_retransmissions = 1000;
    connect_hosts({.association = {.options = options}});
    // Whatever a busy machine has made of the path until now.
    before_ = events_of(kAll).size();
    silence(Link::kSecond);
  }

  PathStates events_of(const PathStates& which) const {
    return path_events(*client, far4(Link::kSecond), which);
  }
  PathStates since_silence() const {
    PathStates all = events_of(kAll);
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(before_));
    return all;
  }
  const PathStates kAll = {PeerAddressState::kPotentiallyFailed,
                           PeerAddressState::kUnreachable,
                           PeerAddressState::kAvailable};
  std::size_t before_ = 0;
};

TEST_F(PotentiallyFailed, ComesBeforeUnreachable) {
  silence_second_path(5);
  ASSERT_TRUE(wait([&] { return since_silence().size() == 2; }));
  run_pending(*reactor_);
  EXPECT_EQ(path(*client, far4(Link::kSecond))->state, PathState::kInactive);
  restore(Link::kSecond);
  ASSERT_TRUE(wait([&] { return since_silence().size() >= 3; }));
  const PathStates seen = since_silence();
  EXPECT_EQ(PathStates(seen.begin(), seen.begin() + 3), kAll);
}

TEST_F(PotentiallyFailed, EndsWhenThePathReturnsInTime) {
  silence_second_path(100);
  ASSERT_TRUE(wait([&] {
    return path(*client, far4(Link::kSecond))->state ==
           PathState::kPotentiallyFailed;
  }));
  EXPECT_EQ(since_silence(), PathStates{PeerAddressState::kPotentiallyFailed});
  restore(Link::kSecond);
  ASSERT_TRUE(wait([&] { return since_silence().size() >= 2; }));
  EXPECT_EQ(since_silence()[1], PeerAddressState::kAvailable);
  EXPECT_TRUE(events_of({PeerAddressState::kUnreachable}).empty());
}

// RFC 7829 §7.3: a program that does not know the state does not see it.
TEST_F(PotentiallyFailed, CountsAsActiveWhereItIsNotToBeTold) {
  silence_second_path(100);
  const auto state = [&](bool told) {
    EXPECT_TRUE(client->association->set_options({.potentially_failed = told})
                    .has_value());
    const auto sampled = client->association->sample();
    EXPECT_TRUE(sampled.has_value()) << sampled.error().to_string();
    return path(*client, far4(Link::kSecond))->state;
  };
  ASSERT_TRUE(wait([&] {
    const bool failed = state(true) == PathState::kPotentiallyFailed;
    EXPECT_EQ(state(false), PathState::kActive);
    return failed;
  }));
  EXPECT_EQ(client->association->options()->potentially_failed, false);
}

// ---- connecting --------------------------------------------------------------

TEST_F(Multihoming, ASilentFirstAddressDoesNotStopTheConnection) {
  const auto endpoint = listen_far();
  silence(Link::kFirst);
  ConnectOptions options;
  options.association.options = fast_failover();
  End& end = connect_near(*endpoint, options);
  ASSERT_TRUE(wait([&] { return end.up && !accepted_.empty(); }));
  EXPECT_EQ(accepted_.front().association->peer_name(),
            near4(Link::kSecond).ip_string());
  stream_until(end, [&] { return streamed_ == 10; });
  expect_streamed(accepted_.front());
  // The other path is there as soon as it works.
  restore(Link::kFirst);
  EXPECT_TRUE(wait([&] {
    return has_paths(end, {far4(Link::kFirst), far4(Link::kSecond)});
  }));
}

TEST_F(Multihoming, AFirstAddressThatRefusesDoesNotStopTheConnection) {
  const auto endpoint = listen_far({.local = {far4(Link::kSecond)}});
  End& end = connect_near(*endpoint);
  ASSERT_TRUE(wait([&] { return end.up; }));
  EXPECT_TRUE(has_paths(end, {far4(Link::kSecond)}));
  EXPECT_EQ(kinds(end), (Strings{"connect_requested", "cant_start", "comm_up",
                                 "authentication"}));
}

TEST_F(Multihoming, AllAddressesSilentIsATimeout) {
  const auto endpoint = listen_far();
  silence(Link::kFirst);
  silence(Link::kSecond);
  ConnectOptions options;
  options.association.options = fast_failover();
  options.association.options.initiation.max_attempts = 3;
  End& end = connect_near(*endpoint, options);
  ASSERT_TRUE(wait([&] { return end.closed.has_value(); }));
  EXPECT_EQ(end.closed->reason, CloseReason::kTimeout);
  EXPECT_EQ(end.closed->error->errno_value, ETIMEDOUT);
  EXPECT_EQ(end.calls, Strings{"closed"});
  EXPECT_TRUE(accepted_.empty());
}

// SCTP_ADDR_OVER, RFC 6458 §5.3.4. What is lost on the primary stays lost for a
// minute: only the other path delivers.
TEST_F(Multihoming, AMessageTakesThePathItNames) {
  connect_hosts();
  SocketOptions patient;
  patient.rto = {.initial = Milliseconds(60'000),
                 .minimum = Milliseconds(60'000),
                 .maximum = Milliseconds(60'000)};
  ASSERT_TRUE(client->association->set_options(patient).has_value());
  const Link link =
      path(*client, far4(Link::kFirst))->primary ? Link::kFirst : Link::kSecond;
  silence(link);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(
        client->association
            ->send(bytes_of("around"), {.destination = far4(other(link))})
            .has_value());
    ASSERT_TRUE(wait([&] { return server->message_count == i + 1; })) << i;
  }
  restore(link);
}

}  // namespace
}  // namespace lksctp::test
