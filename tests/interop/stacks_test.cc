// Our two stacks as each other's peers: usrsctp and the kernel's SCTP, over UDP
// (RFC 6951), each in both roles.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <set>
#include <string>
#include <tuple>

#include "capture.h"
#include "interop.h"

namespace lksctp::test {
namespace {

constexpr std::uint16_t kKernelUdpPort = 9899;

enum class Client : std::uint8_t { kUsrsctp, kKernel };

void PrintTo(Client client, std::ostream* out) {
  *out << (client == Client::kUsrsctp ? "usrsctp" : "kernel");
}

// Two reactors in one network namespace; the stacks share no ports.
class TwoStacks : public Interop {
 protected:
  void SetUp() override {
    Interop::SetUp();
    set_sctp_sysctl("udp_port", kKernelUdpPort);
    auto created = Reactor::create({.stack = StackChoice::kUsrsctp});
    ASSERT_TRUE(created.has_value()) << created.error().to_string();
    userland_ = std::move(*created);
    userland_recorder_.emplace(*userland_);
  }

  void TearDown() override {
    if (userland_) {
      run_pending(*userland_);
      userland_recorder_->expect_replay_equal();
      userland_recorder_.reset();
      userland_.reset();
    }
    Interop::TearDown();
  }

  // Runs both loops.
  bool wait_both(const std::function<bool()>& done) {
    return run_until(*reactor_, [&] {
      userland_->run_once(std::chrono::milliseconds(1));
      reactor_->run_once(std::chrono::milliseconds(1));
      return done();
    });
  }

  // Nobody was asked to listen on the UDP port of usrsctp: it chooses.
  std::shared_ptr<Endpoint> listen_on(Client client, ListenOptions options) {
    const bool kernel = client == Client::kUsrsctp;
    options.local = {loopback(0)};
    options.udp.local_port = kernel ? kKernelUdpPort : std::uint16_t{0};
    auto endpoint = (kernel ? *reactor_ : *userland_)
                        .listen(std::move(options), [this](const auto& one) {
                          server.association = one;
                          return server.handlers();
                        });
    EXPECT_TRUE(endpoint.has_value()) << endpoint.error().to_string();
    return endpoint.value_or(nullptr);
  }

  void connect_to(Client from, const Endpoint& endpoint,
                  ConnectOptions options = {}) {
    if (options.remote.empty()) options.remote = {endpoint.local().front()};
    options.udp.remote_port = endpoint.udp_port();
    auto association = (from == Client::kKernel ? *reactor_ : *userland_)
                           .connect(std::move(options), client.handlers());
    ASSERT_TRUE(association.has_value()) << association.error().to_string();
    client.association = *association;
  }

  const Recorder& recorder_of(StackKind stack) const {
    return stack == StackKind::kKernel ? *recorder_ : *userland_recorder_;
  }

  std::unique_ptr<Reactor> userland_;
  std::optional<Recorder> userland_recorder_;
  End client;
  End server;
};

class Stacks : public TwoStacks, public testing::WithParamInterface<Client> {
 protected:
  static StackKind client_stack() {
    return GetParam() == Client::kKernel ? StackKind::kKernel
                                         : StackKind::kUsrsctp;
  }
  static StackKind server_stack() {
    return GetParam() == Client::kKernel ? StackKind::kUsrsctp
                                         : StackKind::kKernel;
  }

  const Recorder& recorder_of(const End& end) const {
    return TwoStacks::recorder_of(&end == &client ? client_stack()
                                                  : server_stack());
  }

  // What the stacks tell in the same words; usrsctp confirms the path, the kernel
  // says that the peer has no authentication.
  Strings story(const End& end) const {
    Strings all = recorder_of(end).kinds(end.association->id());
    std::erase(all, "authentication");
    std::erase(all, "peer_address_change");
    return all;
  }

  void connect(const SocketOptions& options = {}) {
    endpoint_ = listen_on(GetParam(), {.association = {.options = options}});
    ASSERT_NE(endpoint_, nullptr);
    connect_to(GetParam(), *endpoint_, {.association = {.options = options}});
    ASSERT_TRUE(wait_both([&] { return client.up && server.up; }));
  }

  // Waits for room where needed.
  void send(End& from, const Bytes& data, const SendOptions& options = {}) {
    const auto taken = [&] {
      return from.association->send(data, options).has_value();
    };
    if (taken()) return;
    ASSERT_TRUE(wait_both(taken));
  }

  bool wait_until_closed() {
    return wait_both([&] { return client.closed && server.closed; });
  }

  static void expect_sizes(const End& end,
                           const std::vector<std::size_t>& sizes) {
    ASSERT_EQ(end.messages.size(), sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const Message& message = end.messages[i];
      EXPECT_TRUE(std::ranges::equal(message.payload(), pattern(sizes[i], i)))
          << i << ": " << message.payload().size();
      EXPECT_EQ(message.info.stream.value(), i % 4);
      EXPECT_EQ(message.info.ppid.value(), 0xa0b0c000 + i);
      EXPECT_EQ(message.info.unordered, i % 2 == 1);
    }
  }

  void expect_traffic(const End& end, Traffic sent, Traffic received) {
    const auto samples =
        recorder_of(end).all<TrafficSampled>(end.association->id());
    ASSERT_FALSE(samples.empty());
    EXPECT_EQ(samples.back().sent, sent);
    EXPECT_EQ(samples.back().received, received);
  }

  std::shared_ptr<Endpoint> endpoint_;
};

TEST_P(Stacks, MessagesOfEverySizeBothWays) {
  connect();
  const std::vector<std::size_t> sizes = {
      1, 2, 3, 4, 100, 1200, 1452, 1453, 9000, 16384, 32768, 65535, 65536, 1};
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const SendOptions options{
        .stream = StreamId(static_cast<std::uint16_t>(i % 4)),
        .ppid = Ppid(0xa0b0c000 + static_cast<std::uint32_t>(i)),
        .unordered = i % 2 == 1};
    send(client, pattern(sizes[i], i), options);
    send(server, pattern(sizes[i], i), options);
    // One at a time: what is unordered must not overtake.
    ASSERT_TRUE(wait_both([&] {
      return client.messages.size() == i + 1 && server.messages.size() == i + 1;
    })) << sizes[i];
    bytes += sizes[i];
  }
  expect_sizes(client, sizes);
  expect_sizes(server, sizes);
  ASSERT_TRUE(client.association->shutdown().has_value());
  ASSERT_TRUE(wait_until_closed());
  const Traffic all{.messages = sizes.size(), .bytes = bytes};
  expect_traffic(client, all, all);
  expect_traffic(server, all, all);
}

TEST_P(Stacks, ManyMessagesOnManyStreamsKeepTheirOrder) {
  SocketOptions options;
  options.initiation = {.outbound_streams = 64, .max_inbound_streams = 64};
  connect(options);
  constexpr std::size_t kCount = 2000;
  for (std::size_t i = 0; i < kCount; ++i) {
    const SendOptions stream{.stream =
                                 StreamId(static_cast<std::uint16_t>(i % 64))};
    send(client, pattern(270, i), stream);
    send(server, pattern(270, i), stream);
  }
  ASSERT_TRUE(wait_both([&] {
    return client.messages.size() == kCount && server.messages.size() == kCount;
  }));
  for (const End* end : {&client, &server}) {
    std::vector<std::size_t> next(64);
    for (const Message& message : end->messages) {
      const std::size_t stream = message.info.stream.value();
      const std::size_t seed = stream + 64 * next[stream]++;
      ASSERT_TRUE(std::ranges::equal(message.payload(), pattern(270, seed)))
          << "stream " << stream;
    }
  }
}

TEST_P(Stacks, ShutdownByTheClientLosesNothing) {
  connect();
  for (std::size_t i = 0; i < 200; ++i) send(client, pattern(1000, i));
  ASSERT_TRUE(client.association->shutdown().has_value());
  ASSERT_TRUE(wait_until_closed());
  EXPECT_EQ(server.messages.size(), 200u);
  EXPECT_EQ(client.closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(server.closed->reason, CloseReason::kShutdownRemote);
  EXPECT_EQ(story(client),
            (Strings{"connect_requested", "comm_up", "shutdown_requested",
                     "shutdown_complete", "association_closed"}));
  EXPECT_EQ(story(server),
            (Strings{"association_accepted", "comm_up", "shutdown",
                     "shutdown_complete", "association_closed"}));
}

TEST_P(Stacks, ShutdownByTheServerLosesNothing) {
  connect();
  for (std::size_t i = 0; i < 200; ++i) send(server, pattern(1000, i));
  ASSERT_TRUE(server.association->shutdown().has_value());
  ASSERT_TRUE(wait_until_closed());
  EXPECT_EQ(client.messages.size(), 200u);
  EXPECT_EQ(server.closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(client.closed->reason, CloseReason::kShutdownRemote);
  EXPECT_EQ(story(server),
            (Strings{"association_accepted", "comm_up", "shutdown_requested",
                     "shutdown_complete", "association_closed"}));
  EXPECT_EQ(story(client),
            (Strings{"connect_requested", "comm_up", "shutdown",
                     "shutdown_complete", "association_closed"}));
}

TEST_P(Stacks, AbortByTheClientCarriesItsReason) {
  connect();
  ASSERT_TRUE(client.association->abort("going down").has_value());
  ASSERT_TRUE(wait_until_closed());
  EXPECT_EQ(client.closed->reason, CloseReason::kAbortLocal);
  EXPECT_EQ(server.closed->reason, CloseReason::kAbortRemote);
  EXPECT_EQ(server.closed->cause, CauseCode::kUserInitiatedAbort);
  EXPECT_EQ(server.closed->error->errno_value, ECONNRESET);
  EXPECT_EQ(story(server), (Strings{"association_accepted", "comm_up",
                                    "comm_lost", "association_closed"}));
  const auto changes =
      recorder_of(server).all<AssociationChange>(server.association->id());
  ASSERT_EQ(changes.back().causes.size(), 1u);
  EXPECT_EQ(text_of(changes.back().causes[0].information),
            client_stack() == StackKind::kUsrsctp ? "going down" : "");
}

TEST_P(Stacks, AbortByTheServerCarriesItsReason) {
  connect();
  ASSERT_TRUE(server.association->abort("overload").has_value());
  ASSERT_TRUE(wait_until_closed());
  EXPECT_EQ(server.closed->reason, CloseReason::kAbortLocal);
  EXPECT_EQ(client.closed->reason, CloseReason::kAbortRemote);
  EXPECT_EQ(client.closed->cause, CauseCode::kUserInitiatedAbort);
  EXPECT_EQ(story(client), (Strings{"connect_requested", "comm_up", "comm_lost",
                                    "association_closed"}));
  const auto changes =
      recorder_of(client).all<AssociationChange>(client.association->id());
  ASSERT_EQ(changes.back().causes.size(), 1u);
  EXPECT_EQ(text_of(changes.back().causes[0].information),
            server_stack() == StackKind::kUsrsctp ? "overload" : "");
}

TEST_P(Stacks, EverythingGoesOverUdp) {
  Capture capture("lo");
  connect();
  send(client, pattern(3000),
       {.stream = StreamId(2), .ppid = Ppid(60), .unordered = true});
  send(server, pattern(10), {.stream = StreamId(5), .ppid = Ppid(0x01020304)});
  ASSERT_TRUE(wait_both([&] {
    return client.messages.size() == 1 && server.messages.size() == 1;
  }));
  ASSERT_TRUE(client.association->shutdown().has_value());
  ASSERT_TRUE(wait_until_closed());
  const std::uint16_t sctp = endpoint_->local().front().port;
  std::set<std::pair<unsigned, unsigned>> ports;  // UDP: client's, server's
  std::set<std::tuple<unsigned, std::uint32_t, bool>> data;
  const auto packets = capture.packets();
  for (const Packet& packet : packets) {
    const bool to_server = packet.to_port == sctp;
    ports.emplace(to_server ? packet.from_udp_port : packet.to_udp_port,
                  to_server ? packet.to_udp_port : packet.from_udp_port);
    for (const Chunk& chunk : packet.chunks) {
      if (chunk.type == kData) {
        data.emplace(chunk.stream, chunk.ppid, (chunk.flags & 0x4) != 0);
      }
    }
  }
  ASSERT_EQ(ports.size(), 1u) << "one pair of UDP ports, none without";
  EXPECT_EQ(ports.begin()->second, endpoint_->udp_port());
  if (client_stack() == StackKind::kKernel) {
    EXPECT_EQ(ports.begin()->first, kKernelUdpPort);
  } else {
    EXPECT_NE(ports.begin()->first, 0u);
  }
  using Data = std::tuple<unsigned, std::uint32_t, bool>;
  EXPECT_EQ(data, (std::set{Data{2, 60, true}, Data{5, 0x01020304, false}}));
  EXPECT_EQ(count(packets, kIData), 0u);
  EXPECT_EQ(count(packets, kShutdownComplete), 1u);
  EXPECT_EQ(count(packets, kAbort), 0u);
}

TEST_P(Stacks, RefusedWhenNothingListensOnTheSctpPort) {
  endpoint_ = listen_on(GetParam(), {});
  ASSERT_NE(endpoint_, nullptr);
  const Address nobody = endpoint_->local().front().with_port(
      static_cast<std::uint16_t>(endpoint_->local().front().port ^ 1));
  connect_to(GetParam(), *endpoint_, {.remote = {nobody}});
  ASSERT_TRUE(wait_both([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kRefused);
  EXPECT_EQ(client.closed->error->errno_value, ECONNREFUSED);
  EXPECT_EQ(client.closed->error->address, nobody);
  EXPECT_EQ(story(client), (Strings{"connect_requested", "cant_start",
                                    "connect_failed", "association_closed"}));
}

TEST_P(Stacks, BothLoseAPeerThatIsSilent) {
  connect(fast_failure());
  network_drops_everything();
  send(client, bytes_of("anyone?"), {.context = 7});
  ASSERT_TRUE(wait_until_closed());
  network_works();
  for (const End* end : {&client, &server}) {
    EXPECT_EQ(end->closed->reason, CloseReason::kTimeout);
    EXPECT_EQ(end->closed->error->errno_value, ETIMEDOUT);
    const auto changes =
        recorder_of(*end).all<PeerAddressChange>(end->association->id());
    ASSERT_FALSE(changes.empty());
    EXPECT_EQ(changes.back().state, PeerAddressState::kUnreachable);
    EXPECT_EQ(changes.back().address.ip_string(), "127.0.0.1");
  }
  ASSERT_EQ(client.failed.size(), 1u);
  EXPECT_EQ(client.failed[0].first.context, 7u);
  EXPECT_EQ(client.failed[0].second, "anyone?");
}

TEST_P(Stacks, NothingIsLostInAnOutage) {
  SocketOptions patient = fast_failure();
  patient.association.max_retransmissions = 100;
  connect(patient);
  network_drops_everything();
  for (std::size_t i = 0; i < 50; ++i) {
    send(client, pattern(100, i));
    send(server, pattern(100, i));
  }
  const auto unreachable = [&](const End& end) {
    const auto changes =
        recorder_of(end).all<PeerAddressChange>(end.association->id());
    return std::ranges::any_of(changes, [](const auto& change) {
      return change.state == PeerAddressState::kUnreachable;
    });
  };
  ASSERT_TRUE(
      wait_both([&] { return unreachable(client) && unreachable(server); }));
  network_works();
  ASSERT_TRUE(wait_both([&] {
    return client.messages.size() == 50 && server.messages.size() == 50;
  }));
  EXPECT_FALSE(client.closed || server.closed);
}

INSTANTIATE_TEST_SUITE_P(Clients, Stacks,
                         testing::Values(Client::kUsrsctp, Client::kKernel),
                         [](const auto& test) {
                           return test.param == Client::kUsrsctp
                                      ? "UsrsctpConnects"
                                      : "KernelConnects";
                         });

// A usrsctp process that dies says nothing, and its UDP port is closed: packets
// come back as ICMP errors, which prove nothing about the peer (RFC 6951 §5.5).
TEST_F(TwoStacks, AKilledUsrsctpProcessIsLost) {
  Program peer(
      {"env", "LKSCTP_TEST_STACK=usrsctp", LKSCTP_SCENARIO_PEER, "serve"});
  ASSERT_TRUE(wait_for_output(peer, "\n"));
  unsigned sctp = 0;
  unsigned udp = 0;
  ASSERT_EQ(std::sscanf(peer.output().c_str(), "listening %u %u", &sctp, &udp),
            2);
  ConnectOptions options;
  options.remote = {loopback(static_cast<std::uint16_t>(sctp))};
  options.udp.remote_port = static_cast<std::uint16_t>(udp);
  options.association.options = fast_failure();
  auto association = reactor_->connect(options, client.handlers());
  ASSERT_TRUE(association.has_value()) << association.error().to_string();
  client.association = *association;
  ASSERT_TRUE(wait([&] { return client.up; }));
  ASSERT_TRUE(client.association->send(bytes_of("ping")).has_value());
  ASSERT_TRUE(wait([&] { return client.messages.size() == 1; }));
  peer.kill(SIGKILL);
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kTimeout);
  EXPECT_EQ(client.closed->error->errno_value, ETIMEDOUT);
}

}  // namespace
}  // namespace lksctp::test
