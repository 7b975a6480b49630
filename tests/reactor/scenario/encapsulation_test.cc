// SCTP over UDP (RFC 6951) on the kernel stack, where the network lets nothing
// else through.
#include <cerrno>
#include <string>

#include "two_hosts.h"

namespace lksctp::test {
namespace {

constexpr std::uint16_t kUdpPort = 9899;

class Encapsulation : public TwoHosts {
 protected:
  // IP protocol 132 is lost on both links.
  void drop_plain_sctp() const {
    for (const char* device : {"near1", "near2"}) {
      const std::string dev(device);
      near_command("tc qdisc replace dev " + dev +
                   " root handle 1: prio && tc qdisc replace dev " + dev +
                   " parent 1:3 netem loss 100% && tc filter add dev " + dev +
                   " parent 1: protocol ip u32 match ip protocol 132 0xff "
                   "flowid 1:3");
    }
  }

  static ConnectOptions to_udp(std::uint16_t port) {
    ConnectOptions options;
    options.udp.remote_port = port;
    options.association.options = fast_failover();
    return options;
  }
};

TEST_F(Encapsulation, BothPathsGoOverUdp) {
  set_sysctls("udp_port", kUdpPort);
  drop_plain_sctp();
  connect_hosts(to_udp(kUdpPort));
  EXPECT_EQ(endpoints_.front()->udp_port(), kUdpPort);
  for (const EndpointBound& bound : recorder_->all<EndpointBound>()) {
    EXPECT_EQ(bound.udp_port, kUdpPort);
  }
  EXPECT_FALSE(reactor_->capabilities().udp_encapsulation)
      << "the port was set after the reactor was made";
  const auto later = Reactor::create({.stack = StackChoice::kKernel});
  EXPECT_TRUE((*later)->capabilities().udp_encapsulation);
  stream_until(*client, [&] { return streamed_ == 100; });
  expect_streamed(*server);
  // Answers find the way back, over either path.
  streamed_ = 0;
  silence(Link::kFirst);
  stream_until(*server, [&] { return streamed_ == 100; });
  expect_streamed(*client);
}

TEST_F(Encapsulation, WithoutItNothingGetsThrough) {
  drop_plain_sctp();
  const auto endpoint = listen_far();
  ConnectOptions options;
  options.association.options = fast_failover();
  options.association.options.initiation.max_attempts = 2;
  End& end = connect_near(*endpoint, options);
  ASSERT_TRUE(wait([&] { return end.closed.has_value(); }));
  EXPECT_EQ(end.closed->reason, CloseReason::kTimeout);
  EXPECT_NE(end.closed->error->message.find("udp.remote_port"),
            std::string::npos)
      << end.closed->error->message;
}

TEST_F(Encapsulation, EachPeerHasAPortOfItsOwn) {
  constexpr std::uint16_t kOther = 9900;
  set_sysctls("udp_port", kUdpPort);
  std::optional<NetworkNamespace> third;
  namespace_->inside([&] { third.emplace(); });
  near_command("ip link add near3 type veth peer name far3 netns " +
               third->path() +
               " && ip link set near3 up && ip addr add 10.3.0.1/24 dev near3");
  third->inside([] {
    set_sctp_sysctl("udp_port", kOther);
    run_command("ip link set far3 up && ip addr add 10.3.0.2/24 dev far3");
  });
  drop_plain_sctp();
  const auto second = listen_far();
  std::shared_ptr<Endpoint> other;
  third->inside(
      [&] { other = listen({.local = {*Address::parse("10.3.0.2", 0)}}); });
  EXPECT_EQ(second->udp_port(), kUdpPort);
  EXPECT_EQ(other->udp_port(), kOther);
  End& one = connect_near(*second, to_udp(kUdpPort));
  End& two = connect(*other, to_udp(kOther));
  ASSERT_TRUE(wait([&] { return one.up && two.up; }));
  for (End* end : {&one, &two}) {
    ASSERT_TRUE(end->association->send(bytes_of("over UDP")));
  }
  EXPECT_TRUE(wait([&] {
    return accepted_.size() == 2 && accepted_[0].messages.size() == 1 &&
           accepted_[1].messages.size() == 1;
  }));
}

TEST_F(Encapsulation, TheSysctlOfTheNamespaceDecides) {
  const auto endpoint = listen_far();
  EXPECT_FALSE(endpoint->udp_port().has_value());
  far_host_->inside([] { set_sctp_sysctl("udp_port", kUdpPort); });
  const auto expect_refused = [](const auto& result) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kNotSupported);
    EXPECT_NE(result.error().message.find("net.sctp.udp_port"),
              std::string::npos)
        << result.error().message;
  };
  // This host's is not set.
  ConnectOptions connecting = to_udp(kUdpPort);
  connecting.remote = endpoint->local();
  expect_refused(reactor_->connect(connecting, {}));
  expect_refused(reactor_->listen(
      {.local = {near4(Link::kFirst)}, .udp = {.local_port = kUdpPort}},
      nullptr));
  // It is, and is another one.
  namespace_->inside([] { set_sctp_sysctl("udp_port", kUdpPort + 1); });
  expect_refused(reactor_->listen(
      {.local = {near4(Link::kFirst)}, .udp = {.local_port = kUdpPort}},
      nullptr));
  connecting.udp.local_port = kUdpPort;
  expect_refused(reactor_->connect(connecting, {}));
}

TEST_F(Encapsulation, ASilentUdpPortIsNamed) {
  set_sysctls("udp_port", kUdpPort);
  const auto endpoint = listen_far();
  ConnectOptions options = to_udp(kUdpPort + 1);
  options.association.options.initiation.max_attempts = 2;
  End& end = connect_near(*endpoint, options);
  ASSERT_TRUE(wait([&] { return end.closed.has_value(); }));
  EXPECT_NE(end.closed->error->message.find(std::to_string(kUdpPort + 1)),
            std::string::npos)
      << end.closed->error->message;
}

}  // namespace
}  // namespace lksctp::test
