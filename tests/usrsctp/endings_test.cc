// How attempts and associations end.
#include <algorithm>
#include <cerrno>

#include "harness.h"
#include "udp_probe.h"

namespace lksctp::testing {
namespace {

using Endings = UsrsctpTest;

int last_error(const Endpoint& endpoint) {
  return endpoint.errors.empty() ? 0 : endpoint.errors.front();
}

// Silences both directions while `silent`.
UsrsctpStackOptions switchable(const bool& silent) {
  return {.packet_filter = [&silent](PacketDirection, const Address&,
                                     std::span<const std::byte>) {
    return silent ? PacketVerdict::kDrop : PacketVerdict::kPass;
  }};
}

TEST_F(Endings, RefusedWithoutAnSctpListener) {
  auto listener = listen();
  StackConnect request = to(*listener);
  ++request.remote.front().port;
  auto client = connect(request);
  ASSERT_TRUE(run_until([&] { return client->ended; }));
  EXPECT_EQ(client->count(AssociationChangeState::kCantStart), 1);
  EXPECT_EQ(last_error(*client), ECONNREFUSED);
  EXPECT_NE(stack_->advice(ECONNREFUSED, &request)
                .find(std::to_string(*request.udp_remote_port)),
            std::string::npos);
}

TEST_F(Endings, RefusedWithNobodyOnTheUdpPort) {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    StackConnect request;
    request.remote = {Address::parse(ip, 2905).value()};
    request.udp_remote_port = UdpProbe(ip).port();  // closed again
    auto client = connect(request);
    ASSERT_TRUE(run_until([&] { return client->ended; })) << ip;
    EXPECT_EQ(client->count(AssociationChangeState::kCantStart), 1);
    EXPECT_EQ(last_error(*client), ECONNREFUSED);
  }
}

// An ICMP error about an association that is up changes nothing: its peer may
// come back.
TEST_F(Endings, ClosedUdpPortDoesNotEndAnAssociation) {
  auto listener = listen();
  listener->echo = true;
  StackConnect request = to(*listener);
  UdpRelay relay(*loop_,
                 request.remote.front().with_port(listener->udp_port()));
  request.udp_remote_port = relay.port();
  request.options = impatient();
  request.options.association.max_retransmissions = 1000;
  auto client = connect(request);
  ASSERT_TRUE(run_until([&] { return client->up(); }));

  relay.close();
  client->send("anybody?");
  ASSERT_TRUE(run_until(
      [&] { return client->count(PeerAddressState::kUnreachable) == 1; }));
  EXPECT_FALSE(client->ended);
  relay.reopen();
  ASSERT_TRUE(run_until([&] { return !client->messages.empty(); }));
  EXPECT_EQ(client->messages.front().data, "anybody?");
}

TEST_F(Endings, TimesOutWhenNobodyAnswers) {
  bool silent = true;
  start(switchable(silent));
  auto listener = listen();
  StackConnect request = to(*listener);
  request.options = impatient();
  auto client = connect(request);
  ASSERT_TRUE(run_until([&] { return client->ended; }));
  EXPECT_EQ(client->count(AssociationChangeState::kCantStart), 1);
  EXPECT_EQ(last_error(*client), ETIMEDOUT);
  EXPECT_NE(stack_->advice(ETIMEDOUT, &request).find("RFC 6951"),
            std::string::npos);
}

TEST_F(Endings, SilentPeerIsLost) {
  bool silent = false;
  start(switchable(silent));
  auto pair = connected("127.0.0.1", impatient());
  silent = true;
  pair.client->send("into the void");
  ASSERT_TRUE(run_until([&] { return pair.client->ended; }));
  EXPECT_EQ(pair.client->count(AssociationChangeState::kCommLost), 1);
  EXPECT_EQ(last_error(*pair.client), ECONNABORTED);
  EXPECT_GE(pair.client->count(PeerAddressState::kUnreachable), 1);
  EXPECT_NE(pair.client->find<SendFailed>(), nullptr);
}

TEST_F(Endings, PathUnreachableAndRestored) {
  bool silent = false;
  start(switchable(silent));
  SocketOptions options = impatient();
  options.association.max_retransmissions = 1000;
  auto pair = connected("127.0.0.1", options);
  silent = true;
  // Nothing but timers tells: no upcall comes for it.
  ASSERT_TRUE(run_until(
      [&] { return pair.client->count(PeerAddressState::kUnreachable) == 1; }));
  const auto* change = pair.client->find<PeerAddressChange>();
  ASSERT_NE(change, nullptr);
  EXPECT_EQ(change->address.to_string(),
            "127.0.0.1:" + std::to_string(pair.listener->port()));
  EXPECT_EQ(pair.client->get()->paths().value().front().state,
            PathState::kInactive);
  silent = false;
  ASSERT_TRUE(run_until(
      [&] { return pair.client->count(PeerAddressState::kAvailable) == 1; }));
  EXPECT_FALSE(pair.client->ended);
}

class Aborts : public UsrsctpTest,
               public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(By, Aborts, ::testing::Values(true, false),
                         [](const auto& info) {
                           return info.param ? "Client" : "Server";
                         });

TEST_P(Aborts, WithAReason) {
  auto pair = connected();
  Endpoint& active = GetParam() ? *pair.client : *pair.server;
  Endpoint& passive = GetParam() ? *pair.server : *pair.client;
  ASSERT_TRUE(active.get()->abort("maintenance"));
  ASSERT_TRUE(run_until([&] { return active.ended && passive.ended; }));
  EXPECT_EQ(active.count(AssociationChangeState::kCommLost), 1);
  EXPECT_EQ(passive.count(AssociationChangeState::kCommLost), 1);
  EXPECT_EQ(last_error(active), ECONNABORTED);
  EXPECT_EQ(last_error(passive), ECONNRESET);
  const auto& lost = std::get<AssociationChange>(passive.notifications.back());
  EXPECT_EQ(lost.error, CauseCode::kUserInitiatedAbort);
  ASSERT_EQ(lost.causes.size(), 1U);
  const auto reason = std::as_bytes(std::span("maintenance", 11));
  EXPECT_TRUE(std::ranges::equal(lost.causes.front().information, reason));
}

TEST_P(Aborts, ByDestruction) {
  auto pair = connected();
  Endpoint& active = GetParam() ? *pair.client : *pair.server;
  Endpoint& passive = GetParam() ? *pair.server : *pair.client;
  active.send("unread");
  active.close();
  ASSERT_TRUE(run_until([&] { return passive.ended; }));
  EXPECT_EQ(last_error(passive), ECONNRESET);
}

TEST_F(Endings, AbortBeforeItIsUp) {
  bool silent = true;
  start(switchable(silent));
  auto listener = listen();
  auto client = connect(to(*listener));
  ASSERT_TRUE(client->get()->abort("changed my mind"));
  ASSERT_TRUE(run_until([&] { return client->ended; }));
  EXPECT_EQ(client->get()->status().error().errno_value, ENOTCONN);
}

class Shutdowns : public UsrsctpTest,
                  public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(By, Shutdowns, ::testing::Values(true, false),
                         [](const auto& info) {
                           return info.param ? "Client" : "Server";
                         });

TEST_P(Shutdowns, DeliverWhatIsInFlight) {
  auto pair = connected();
  Endpoint& active = GetParam() ? *pair.client : *pair.server;
  Endpoint& passive = GetParam() ? *pair.server : *pair.client;
  for (int i = 0; i < 20; ++i) {
    active.send(std::string(5000, 'a'));
    passive.send(std::string(3000, 'b'));
  }
  ASSERT_TRUE(active.get()->shutdown());
  ASSERT_TRUE(run_until([&] { return active.ended && passive.ended; }));
  EXPECT_EQ(passive.messages.size(), 20U);
  EXPECT_EQ(active.messages.size(), 20U);
  EXPECT_EQ(active.count(AssociationChangeState::kShutdownComplete), 1);
  EXPECT_EQ(passive.count(AssociationChangeState::kShutdownComplete), 1);
  EXPECT_NE(passive.find<ShutdownEvent>(), nullptr);
  EXPECT_TRUE(active.errors.empty());
  EXPECT_TRUE(passive.errors.empty());
  active.send("too late");
  EXPECT_TRUE(active.send_error == EPIPE || active.send_error == ENOTCONN)
      << active.send_error;
}

TEST_F(Endings, ListenerClosesAndAssociationsStay) {
  auto pair = connected();
  pair.listener->socket.reset();
  pair.server->echo = true;
  pair.client->send("on");
  ASSERT_TRUE(run_until([&] { return !pair.client->messages.empty(); }));
}

TEST_F(Endings, ClosedListenerAbortsWhatNobodyAccepted) {
  auto listener = listen();
  listener->accepting = false;
  auto client = connect(to(*listener));
  ASSERT_TRUE(run_until([&] { return client->up(); }));
  listener->socket.reset();
  ASSERT_TRUE(run_until([&] { return client->ended; }));
  EXPECT_EQ(last_error(*client), ECONNRESET);
}

TEST_F(Endings, StackGoesFirst) {
  auto pair = connected();
  stack_.reset();
  EXPECT_EQ(pair.client->get()->shutdown().error().errno_value, ENOTCONN);
  EXPECT_EQ(pair.client->get()->options().error().errno_value, ENOTCONN);
  EXPECT_EQ(pair.client->get()->receive({}).end, ReceiveEnd::kEndOfFile);
  OutgoingMessage message;
  EXPECT_EQ(pair.client->get()->send({&message, 1}, false).error_number,
            ENOTCONN);
  pair.client->get()->want_ready(true, true);
}

// A message whose time ran out before it could be sent again is reported.
TEST_F(Endings, TimeToLiveGivesUp) {
  bool silent = false;
  start(switchable(silent));
  SocketOptions options = impatient();
  options.association.max_retransmissions = 1000;
  auto pair = connected("127.0.0.1", options);
  silent = true;
  pair.client->time_to_live = Milliseconds(50);
  pair.client->send("perishable");
  ASSERT_TRUE(
      run_until([&] { return pair.client->find<SendFailed>() != nullptr; }));
  silent = false;
  pair.client->time_to_live.reset();
  pair.client->send("lasting");
  ASSERT_TRUE(run_until([&] { return !pair.server->messages.empty(); }));
  EXPECT_EQ(pair.server->messages.front().data, "lasting");
}

}  // namespace
}  // namespace lksctp::testing
