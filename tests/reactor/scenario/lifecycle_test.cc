// How associations begin and end.
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>

#include "peer_process.h"
#include "scenario.h"

namespace lksctp::test {
namespace {

class Lifecycle : public Scenario {};

TEST_F(Lifecycle, ConnectAndShutDown) {
  connect_pair();
  ASSERT_TRUE(client->association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_EQ(client->closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(server->closed->reason, CloseReason::kShutdownRemote);
  EXPECT_EQ(client->calls, (Strings{"up", "closed"}));
  EXPECT_EQ(server->calls, (Strings{"up", "peer_shutdown", "closed"}));
  const Strings client_kinds = kinds(*client);
  EXPECT_EQ(client_kinds.front(), "connect_requested");
  EXPECT_EQ(client_kinds.back(), "association_closed");
  EXPECT_EQ(std::ranges::count(client_kinds, "comm_up"), 1);
  EXPECT_EQ(std::ranges::count(client_kinds, "shutdown_requested"), 1);
  EXPECT_EQ(std::ranges::count(client_kinds, "shutdown_complete"), 1);
  EXPECT_EQ(std::ranges::count(kinds(*server), "shutdown"), 1);
}

TEST_F(Lifecycle, BothShutDownAtOnce) {
  connect_pair();
  ASSERT_TRUE(client->association->shutdown().has_value());
  ASSERT_TRUE(server->association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_FALSE(client->closed->error.has_value());
  EXPECT_FALSE(server->closed->error.has_value());
}

// Everything queued before the shutdown arrives, in both directions.
void expect_all_delivered(const End& end, std::size_t count) {
  ASSERT_EQ(end.messages.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_TRUE(
        std::ranges::equal(end.messages[i].payload(), pattern(1000, i)));
  }
}

TEST_F(Lifecycle, ShutdownByTheClientLosesNothing) {
  connect_pair();
  send_all(*client, 500, [](std::size_t i) { return pattern(1000, i); });
  ASSERT_TRUE(client->association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  expect_all_delivered(*server, 500);
  EXPECT_TRUE(client->failed.empty());
}

TEST_F(Lifecycle, ShutdownByTheServerLosesNothing) {
  connect_pair();
  send_all(*server, 500, [](std::size_t i) { return pattern(1000, i); });
  ASSERT_TRUE(server->association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  expect_all_delivered(*client, 500);
}

TEST_F(Lifecycle, WhatThePeerHadHandedOverIsStillReceivedAfterOurShutdown) {
  connect_pair();
  for (std::size_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(server->association->send(pattern(1000, i)).has_value());
  }
  reactor_->run_once(std::chrono::milliseconds(0));
  ASSERT_TRUE(client->association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  // Each message was delivered or reported, none is missing.
  EXPECT_EQ(client->messages.size() + server->failed.size(), 100u);
  EXPECT_GT(client->messages.size(), 0u);
}

TEST_F(Lifecycle, AbortByTheClientCarriesItsReason) {
  connect_pair();
  ASSERT_TRUE(client->association->abort("going down").has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_EQ(client->closed->reason, CloseReason::kAbortLocal);
  EXPECT_EQ(server->closed->reason, CloseReason::kAbortRemote);
  EXPECT_EQ(server->closed->cause, CauseCode::kUserInitiatedAbort);
  EXPECT_EQ(server->closed->error->errno_value, ECONNRESET);
  const auto changes =
      recorder_->all<AssociationChange>(server->association->id());
  ASSERT_FALSE(changes.empty());
  ASSERT_EQ(changes.back().causes.size(), 1u);
  EXPECT_EQ(text_of(changes.back().causes[0].information),
            reactor_->capabilities().abort_reason ? "going down" : "");
}

TEST_F(Lifecycle, AbortByTheServerCarriesItsReason) {
  connect_pair();
  ASSERT_TRUE(server->association->abort("overload").has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_EQ(client->closed->reason, CloseReason::kAbortRemote);
  const auto changes =
      recorder_->all<AssociationChange>(client->association->id());
  ASSERT_EQ(changes.back().causes.size(), 1u);
  EXPECT_EQ(text_of(changes.back().causes[0].information),
            reactor_->capabilities().abort_reason ? "overload" : "");
}

TEST_F(Lifecycle, AbortReportsWhatWasNotAcknowledged) {
  connect_pair();
  network_drops_everything();
  // More than one read takes; as many as usrsctp's receive buffer has room to
  // report.
  constexpr std::uint32_t kCount = 300;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(client->association->send(pattern(300, i), {.context = i + 1})
                    .has_value());
  }
  reactor_->run_once(std::chrono::milliseconds(0));
  ASSERT_TRUE(client->association->abort().has_value());
  ASSERT_TRUE(wait([&] { return client->closed.has_value(); }));
  EXPECT_EQ(client->closed->reason, CloseReason::kAbortLocal);
  if (on_kernel()) {
    // A socket that was aborted has nothing more to read: only what it had not
    // taken yet is known to be lost.
    EXPECT_LT(client->failed.size(), kCount);
    for (const auto& [failed, data] : client->failed) {
      EXPECT_EQ(failed.kind, SendFailedKind::kUnsent);
    }
    EXPECT_EQ(std::ranges::count(kinds(*client), "comm_lost"), 0);
    network_works();
    return;
  }
  ASSERT_EQ(client->failed.size(), kCount);
  for (const auto& [failed, data] : client->failed) {
    EXPECT_EQ(failed.size, 300u);
    EXPECT_EQ(data, text_of(pattern(300, failed.context - 1)));
  }
  EXPECT_EQ(std::ranges::count(kinds(*client), "comm_lost"), 1);
  network_works();
}

TEST_F(Lifecycle, RefusedWhenNothingListensOnTheSctpPort) {
  const auto endpoint = listen();
  const Address nobody = endpoint->local().front().with_port(
      static_cast<std::uint16_t>(endpoint->local().front().port ^ 1));
  End& client = connect(*endpoint, {.remote = {nobody}});
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kRefused);
  EXPECT_EQ(client.closed->error->errno_value, ECONNREFUSED);
  EXPECT_EQ(client.closed->error->address, nobody);
  EXPECT_EQ(client.calls, Strings{"closed"});
  EXPECT_EQ(kinds(client), (Strings{"connect_requested", "cant_start",
                                    "connect_failed", "association_closed"}));
}

TEST_F(Lifecycle, RefusedWhenNothingListensOnTheUdpPort) {
  const auto endpoint = listen();
  if (on_kernel()) {
    // Without the sysctl the kernel speaks no encapsulation.
    const auto refused = reactor_->connect(
        {.remote = endpoint->local(), .udp = {.remote_port = 9899}}, {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kNotSupported);
    EXPECT_NE(refused.error().message.find("net.sctp.udp_port"),
              std::string::npos)
        << refused.error().message;
    return;
  }
  const std::uint16_t udp_port = *endpoint->udp_port();
  const Address remote = endpoint->local().front();
  endpoint->close();
  settle();
  ConnectOptions options;
  options.remote = {remote};
  options.udp.remote_port = udp_port;
  End& client = connect(*endpoint, options);
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kRefused);
  const std::string& message = client.closed->error->message;
  EXPECT_NE(message.find("UDP"), std::string::npos) << message;
  EXPECT_NE(message.find(std::to_string(udp_port)), std::string::npos)
      << message;
}

TEST_F(Lifecycle, TheAttemptTimesOut) {
  const auto endpoint = listen();
  network_drops_everything();
  End& client = connect(*endpoint, {.timeout = std::chrono::milliseconds(200)});
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kTimeout);
  EXPECT_EQ(client.closed->error->errno_value, ETIMEDOUT);
  EXPECT_NE(client.closed->error->message.find("UDP"), std::string::npos);
  network_works();
}

TEST_F(Lifecycle, TheStackTimesOutAfterItsAttempts) {
  const auto endpoint = listen();
  network_drops_everything();
  ConnectOptions options;
  options.association.options = fast_failure();
  options.association.options.initiation.max_attempts = 2;
  options.timeout = {};
  End& client = connect(*endpoint, options);
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kTimeout);
  network_works();
}

TEST_F(Lifecycle, SeveralRemoteAddressesAreTriedInTurn) {
  const auto endpoint = listen();
  const std::uint16_t port = endpoint->local().front().port;
  // Nothing receives UDP on the first address.
  End& client =
      connect(*endpoint,
              {.remote = {*Address::parse("127.0.0.3", port), loopback(port)}});
  ASSERT_TRUE(wait([&] { return client.up; }));
  EXPECT_EQ(client.association->peer_name(),
            "127.0.0.3:" + std::to_string(port));
}

TEST_F(Lifecycle, ASilentAddressLeavesTimeForTheNext) {
  const auto endpoint = listen();
  const std::uint16_t port = endpoint->local().front().port;
  network_drops_packets_to("127.0.0.3");
  End& client =
      connect(*endpoint,
              {.remote = {*Address::parse("127.0.0.3", port), loopback(port)},
               .timeout = std::chrono::milliseconds(1000)});
  ASSERT_TRUE(wait([&] { return client.up; }));
  network_works();
}

TEST_F(Lifecycle, ThePeersAbortIsFoundBehindMessagesNobodyReads) {
  ListenOptions listening;
  listening.association.receive_high_water_mark = 10'000;
  connect_pair({}, listening);
  server->association->pause();
  for (int quiet = 0; quiet < 10;) {
    if (client->association->send(pattern(1000)).has_value()) {
      quiet = 0;
    } else {
      reactor_->run_once(std::chrono::milliseconds(10));
      ++quiet;
    }
  }
  ASSERT_TRUE(client->association->abort("enough").has_value());
  ASSERT_TRUE(wait([&] { return server->association->record() == nullptr; }));
  EXPECT_FALSE(server->closed.has_value());
  server->association->resume();
  ASSERT_TRUE(wait([&] { return server->closed.has_value(); }));
  EXPECT_EQ(server->closed->reason, CloseReason::kAbortRemote);
}

TEST_F(Lifecycle, ManyAssociations) {
  constexpr std::size_t kCount = 1000;
  const auto endpoint =
      listen({.backlog = static_cast<int>(kCount)}, /*echo=*/true);
  for (std::size_t i = 0; i < kCount; ++i) connect(*endpoint);
  ASSERT_TRUE(wait([&] {
    return std::ranges::all_of(clients_, [](const End& e) { return e.up; });
  }));
  for (End& client : clients_) {
    ASSERT_TRUE(client.association->send(bytes_of("hello")).has_value());
  }
  ASSERT_TRUE(wait([&] {
    return std::ranges::all_of(
        clients_, [](const End& e) { return e.messages.size() == 1; });
  }));
  EXPECT_EQ(reactor_->table().associations().size(), 2 * kCount);
  for (End& client : clients_) {
    ASSERT_TRUE(client.association->shutdown().has_value());
  }
  const auto closed = [](const End& e) { return e.closed.has_value(); };
  ASSERT_TRUE(wait([&] {
    return std::ranges::all_of(clients_, closed) &&
           std::ranges::all_of(accepted_, closed);
  }));
  run_pending(*reactor_);
  EXPECT_TRUE(reactor_->table().associations().empty());
  const PeerRecord* peer =
      reactor_->table().peer(endpoint->name(), "127.0.0.1");
  ASSERT_NE(peer, nullptr);
  EXPECT_EQ(peer->closed.at(CloseReason::kShutdownRemote), kCount);
  EXPECT_EQ(peer->received, (Traffic{kCount, 5 * kCount}));
}

TEST_F(Lifecycle, StatusAndPathsAreSampledAtConnect) {
  connect_pair();
  run_pending(*reactor_);
  const auto* record = client->association->record();
  ASSERT_TRUE(record->status.has_value());
  EXPECT_EQ(record->status->state, AssociationState::kEstablished);
  EXPECT_GT(record->status->peer_receive_window, 0u);
  EXPECT_GT(record->status->fragmentation_point, 500u);
  ASSERT_EQ(record->paths.size(), 1u);
  const auto& [address, path] = *record->paths.begin();
  EXPECT_EQ(address, endpoints_.front()->local().front());
  EXPECT_EQ(path.info.state, PathState::kActive);
  EXPECT_TRUE(path.info.primary);
  EXPECT_GT(path.info.congestion_window, 0u);
  EXPECT_GT(path.info.rto.count(), 0u);
  EXPECT_GT(path.info.mtu, 500u);
  ASSERT_EQ(record->local.size(), 1u);
  EXPECT_EQ(record->local.front().ip_string(), "127.0.0.1");
}

TEST_F(Lifecycle, APortInUseSaysWhich) {
  const auto endpoint = listen();
  const Address bound = endpoint->local().front();
  ListenOptions again;
  again.local = {bound};
  if (!on_kernel()) again.udp.local_port = 0;
  const auto taken = reactor_->listen(again, nullptr);
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().errno_value, EADDRINUSE);
  EXPECT_NE(
      taken.error().message.find("SCTP port " + std::to_string(bound.port)),
      std::string::npos)
      << taken.error().message;
}

TEST_F(Lifecycle, AddressFamiliesMustMatch) {
  const auto endpoint = listen();
  ConnectOptions options;
  options.remote = {endpoint->local().front()};
  options.local = {*Address::parse("::1", 0)};
  if (!on_kernel()) options.udp.remote_port = endpoint->udp_port();
  const auto refused = reactor_->connect(options, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument)
      << refused.error().to_string();
}

TEST_F(Lifecycle, APrivilegedPortNeedsPrivileges) {
  std::ifstream file("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  int first_free = 1024;
  file >> first_free;
  if (first_free <= 80) GTEST_SKIP() << "every port is free to all here";
  // In a process of its own: privileges do not come back.
  PeerProcess peer({"listen-unprivileged", "80"});
  EXPECT_NE(peer.line().find("EACCES"), std::string::npos);
}

TEST_F(Lifecycle, AnAddressThatIsNotOursCannotBeBound) {
  ListenOptions options;
  options.local = {*Address::parse("192.0.2.1", 0)};
  if (!on_kernel()) options.udp.local_port = 0;
  const auto endpoint = reactor_->listen(options, nullptr);
  ASSERT_FALSE(endpoint.has_value());
  EXPECT_EQ(endpoint.error().errno_value, EADDRNOTAVAIL);
}

}  // namespace
}  // namespace lksctp::test
