// Options, samples, ports and ownership.
#include <dlfcn.h>
#include <sys/resource.h>

#include <cerrno>

#include "harness.h"
#include "udp_probe.h"

namespace lksctp::testing {
namespace {

using Options = UsrsctpTest;
using Ports = UsrsctpTest;
using Ownership = UsrsctpTest;

SocketOptions everything() {
  SocketOptions options;
  options.initiation = {.outbound_streams = 17,
                        .max_inbound_streams = 23,
                        .max_attempts = 5,
                        .max_timeout = Milliseconds(4000)};
  options.delayed_sack = {.delay = Milliseconds(100), .frequency = 3};
  options.no_delay = false;
  options.rto = {.initial = Milliseconds(600),
                 .minimum = Milliseconds(300),
                 .maximum = Milliseconds(9000)};
  options.association = {.max_retransmissions = 7,
                         .cookie_life = Milliseconds(30000)};
  options.path = {.heartbeat = true,
                  .heartbeat_interval = Milliseconds(5000),
                  .max_retransmissions = 3,
                  .path_mtu = 1400};
  options.max_segment = 900;
  options.max_burst = 9;
  options.fragment_interleave = 1;
  options.send_buffer = 300000;
  options.receive_buffer = 200000;
  options.sender_dry = true;
  return options;
}

TEST_F(Options, ReadBackAsSet) {
  auto listener = listen("127.0.0.1", everything());
  EXPECT_EQ(listener->socket->options().value(), everything());
}

TEST_F(Options, AcceptedSocketsInherit) {
  auto pair = connected("127.0.0.1", everything());
  for (Endpoint* one : {pair.client.get(), pair.server}) {
    SocketOptions read = one->get()->options().value();
    EXPECT_EQ(read.rto, everything().rto);
    EXPECT_EQ(read.delayed_sack, everything().delayed_sack);
    EXPECT_EQ(read.association, everything().association);
    EXPECT_EQ(read.path, everything().path);
    EXPECT_EQ(read.max_segment, everything().max_segment);
    EXPECT_EQ(read.send_buffer, everything().send_buffer);
    EXPECT_EQ(read.receive_buffer, everything().receive_buffer);
    EXPECT_EQ(read.no_delay, everything().no_delay);
    const StatusSampled status = one->get()->status().value();
    EXPECT_EQ(status.outbound_streams, 17);
  }
}

TEST_F(Options, ChangeAtRunTime) {
  auto pair = connected();
  SocketOptions change;
  change.rto.minimum = Milliseconds(150);
  change.path.heartbeat = false;
  change.no_delay = false;
  ASSERT_TRUE(pair.client->get()->set_options(change));
  const SocketOptions read = pair.client->get()->options().value();
  EXPECT_EQ(read.rto.minimum, Milliseconds(150));
  EXPECT_EQ(read.rto.initial, Milliseconds(3000));
  EXPECT_EQ(read.path.heartbeat, false);
  EXPECT_EQ(read.no_delay, false);
  change = {};
  change.rto = {.initial = Milliseconds(10),
                .minimum = Milliseconds(20),
                .maximum = Milliseconds(15)};
  EXPECT_FALSE(pair.client->get()->set_options(change));
  change = {};
  change.path.path_mtu = 30;
  EXPECT_EQ(pair.client->get()->set_options(change).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(Options, StatusAndPaths) {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    auto pair = connected(ip);
    const StatusSampled status = pair.client->get()->status().value();
    EXPECT_EQ(status.state, AssociationState::kEstablished);
    EXPECT_EQ(status.outbound_streams, 10);
    EXPECT_GT(status.peer_receive_window, 100000U);
    EXPECT_GT(status.fragmentation_point, 1300U);
    const auto paths = pair.client->get()->paths().value();
    ASSERT_EQ(paths.size(), 1U);
    EXPECT_EQ(paths.front().address,
              Address::parse(ip, pair.listener->port()).value());
    EXPECT_EQ(paths.front().state, PathState::kActive);
    EXPECT_TRUE(paths.front().primary);
    EXPECT_EQ(paths.front().mtu, 1500U);
    EXPECT_GT(paths.front().congestion_window, 0U);
    EXPECT_GT(paths.front().rto.count(), 0U);
  }
}

TEST_F(Options, LargePathMtu) {
  SocketOptions options;
  options.path.path_mtu = 65535;
  options.send_buffer = 1 << 20;
  auto pair = connected("127.0.0.1", options);
  EXPECT_GT(pair.client->get()->status().value().fragmentation_point, 65000U);
  pair.client->send(std::string(200000, 'x'));
  ASSERT_TRUE(run_until([&] { return !pair.server->messages.empty(); }));
  EXPECT_EQ(pair.server->messages.front().data.size(), 200000U);
}

TEST_F(Options, CapabilitiesTellTheTruth) {
  const Capabilities& can = stack_->capabilities();
  EXPECT_EQ(can.stack, StackKind::kUsrsctp);
  EXPECT_FALSE(can.multihoming);
  EXPECT_FALSE(can.plain_ip);
  EXPECT_TRUE(can.udp_encapsulation);
  EXPECT_TRUE(can.abort_reason);
}

TEST_F(Ports, UdpPortTaken) {
  UdpProbe taken("127.0.0.1");
  StackListen request;
  request.local = {Address::parse("127.0.0.1", 0).value()};
  request.udp_local_port = taken.port();
  Listener listener;
  auto refused = stack_->listen(request, listener);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().errno_value, EADDRINUSE);
  EXPECT_NE(refused.error().message.find("UDP port"), std::string::npos);
}

TEST_F(Ports, SctpPortTakenInThisProcess) {
  auto first = listen();
  StackListen request;
  request.local = {Address::parse("::1", first->port()).value()};
  request.udp_local_port = 0;
  Listener listener;
  auto refused = stack_->listen(request, listener);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().errno_value, EADDRINUSE);
  EXPECT_NE(refused.error().message.find("process"), std::string::npos);
}

TEST_F(Ports, OneUdpPortServesSeveralListeners) {
  auto first = listen();
  auto second = std::make_unique<Listener>();
  StackListen request;
  request.local = {Address::parse("127.0.0.1", 0).value()};
  request.udp_local_port = first->udp_port();
  second->socket = stack_->listen(request, *second).value();
  auto one = connect(to(*first));
  auto two = connect(to(*second));
  ASSERT_TRUE(run_until([&] { return one->up() && two->up(); }));
  EXPECT_EQ(first->accepted.size(), 1U);
  EXPECT_EQ(second->accepted.size(), 1U);
}

TEST_F(Ports, SeveralLocalAddressesShareTheUdpPort) {
  auto listener = std::make_unique<Listener>();
  StackListen request;
  request.local = {Address::parse("127.0.0.1", 0).value(),
                   Address::parse("127.0.0.2", 0).value(),
                   Address::parse("::1", 0).value()};
  request.udp_local_port = 0;
  listener->socket = stack_->listen(request, *listener).value();
  const auto addresses = listener->socket->local_addresses().value();
  ASSERT_EQ(addresses.size(), 3U);
  for (const Address& address : addresses) {
    StackConnect connect_request = to(*listener);
    connect_request.remote = {address};
    auto client = connect(connect_request);
    ASSERT_TRUE(run_until([&] { return client->up(); })) << address.to_string();
  }
}

TEST_F(Ports, ClientPortsAreAsAsked) {
  auto listener = listen();
  const std::uint16_t udp = UdpProbe("127.0.0.1").port();
  StackConnect request = to(*listener);
  request.local = {Address::parse("127.0.0.1", 40123).value()};
  request.udp_local_port = udp;
  auto client = connect(request);
  ASSERT_TRUE(run_until([&] { return client->up(); }));
  EXPECT_EQ(client->get()->udp_port(), udp);
  EXPECT_EQ(listener->remotes.front().to_string(), "127.0.0.1:40123");
  auto second = std::make_unique<Endpoint>();
  const auto refused = stack_->connect(request, *second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().errno_value, EADDRINUSE);
  // Given back with the association.
  client->close();
  ASSERT_TRUE(run_until([&] { return listener->accepted.front()->ended; }));
  auto third = connect(request);
  ASSERT_TRUE(run_until([&] { return third->up(); }));
}

TEST_F(Ports, BadRequestsAreRefused) {
  Listener listener;
  Endpoint endpoint;
  EXPECT_EQ(stack_->listen({}, listener).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(stack_->connect({}, endpoint).error().code,
            ErrorCode::kInvalidArgument);
  StackConnect mixed;
  mixed.remote = {Address::parse("127.0.0.1", 1).value()};
  mixed.local = {Address::parse("::1", 0).value()};
  EXPECT_EQ(stack_->connect(mixed, endpoint).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(Ports, OutOfDescriptors) {
  Listener listener;
  StackListen request;
  request.local = {Address::parse("127.0.0.1", 0).value()};
  request.udp_local_port = 0;
  // Once with descriptors: UBSan needs some when it first sees a type's virtual
  // call.
  EXPECT_NE(stack_->listen(request, listener).value(), nullptr);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none = limit;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto failed = stack_->listen(request, listener);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().errno_value, EMFILE);
  EXPECT_NE(stack_->listen(request, listener).value(), nullptr);
}

TEST_F(Ownership, OneOwnerAtATime) {
  auto loop = Loop::create(nullptr).value();
  auto second = make_usrsctp_stack(*loop, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kStackInUse);
}

TEST_F(Ownership, PassesOnWithAssociationsOpen) {
  for (int i = 0; i < 5; ++i) {
    auto pair = connected();
    pair.client->send("left behind");
    start({});
    EXPECT_TRUE(pair.client->get()->status().error().errno_value == ENOTCONN);
  }
  auto pair = connected();
  pair.server->echo = true;
  pair.client->send("fresh");
  ASSERT_TRUE(run_until([&] { return !pair.client->messages.empty(); }));
}

TEST(OwnershipDeathTest, AnotherCopyIsAClearError) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ::dlopen("libusrsctp.so.2", RTLD_NOW | RTLD_LOCAL);
        auto loop = Loop::create(nullptr).value();
        auto stack = make_usrsctp_stack(*loop, {});
        const bool refused =
            !stack && stack.error().code == ErrorCode::kStackInUse &&
            stack.error().message.find("another copy") != std::string::npos;
        std::_Exit(refused ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace lksctp::testing
