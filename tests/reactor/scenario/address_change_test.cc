// A peer that adds, removes and prefers addresses while the association lives
// (RFC 5061): the kernel does it by itself, and a program by bindx.
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "stack/socket_address.h"
#include "two_hosts.h"

namespace lksctp::test {
namespace {

// A socket of the near host whose addresses change as its program likes; the
// library has no call for that.
class RawPeer {
 public:
  RawPeer(const Address& local, const Address& remote)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP)) {
    const SocketAddress from = to_socket_address(local);
    const SocketAddress to = to_socket_address(remote);
    expect_success(::bind(fd_, &from.generic, from.length));
    expect_success(::connect(fd_, &to.generic, to.length));
  }
  ~RawPeer() { ::close(fd_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void add(const Address& address) const {
    change(SCTP_SOCKOPT_BINDX_ADD, address);
  }
  void remove(const Address& address) const {
    change(SCTP_SOCKOPT_BINDX_REM, address);
  }
  // Asks the other side to send to `address` from now on.
  void prefer(const Address& address) const {
    const SocketAddress packed = to_socket_address(address.with_port(port()));
    sctp_setpeerprim primary{};
    std::memcpy(&primary.sspp_addr, &packed.generic, packed.length);
    expect_success(::setsockopt(fd_, IPPROTO_SCTP, SCTP_SET_PEER_PRIMARY_ADDR,
                                &primary, sizeof primary));
  }

 private:
  static void expect_success(int result) {
    EXPECT_EQ(result, 0) << std::strerror(errno);
  }
  std::uint16_t port() const {
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    expect_success(
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &length));
    return to_address(bound).port;
  }
  void change(int option, const Address& address) const {
    const SocketAddress packed = to_socket_address(address.with_port(port()));
    expect_success(::setsockopt(fd_, IPPROTO_SCTP, option, &packed.generic,
                                packed.length));
  }

  int fd_;
};

class AddressChange : public TwoHosts {
 protected:
  void SetUp() override {
    TwoHosts::SetUp();
    if (!on_kernel()) return;
    set_sysctls("addip_enable", 1);
    set_sysctls("addip_noauth_enable", 1);
  }

  // A raw peer on the first link, and the association accepted from it.
  void connect_peer() {
    const auto endpoint =
        listen_far({.association = {.options = fast_failover()}});
    peer_.emplace(near4(Link::kFirst), endpoint->local().front());
    EXPECT_TRUE(
        wait([&] { return !accepted_.empty() && accepted_.front().up; }));
    server = &accepted_.front();
    EXPECT_TRUE(
        wait([&] { return has_paths(*server, {near4(Link::kFirst)}); }));
  }

  std::optional<RawPeer> peer_;
  const PathStates kAdded = {PeerAddressState::kAdded,
                             PeerAddressState::kConfirmed};
  const PathStates kChanges = {
      PeerAddressState::kAdded, PeerAddressState::kConfirmed,
      PeerAddressState::kRemoved, PeerAddressState::kMadePrimary};
};

TEST_F(AddressChange, AnAddressIsAddedAndRemovedByThePeer) {
  connect_peer();
  const Address second = near4(Link::kSecond);
  peer_->add(second);
  ASSERT_TRUE(wait([&] {
    return has_paths(*server, {near4(Link::kFirst), second});
  }));
  EXPECT_EQ(path_events(*server, second, kChanges), kAdded);
  peer_->remove(second);
  ASSERT_TRUE(wait([&] { return has_paths(*server, {near4(Link::kFirst)}); }));
  EXPECT_EQ(path_events(*server, second, kChanges),
            (PathStates{PeerAddressState::kAdded, PeerAddressState::kConfirmed,
                        PeerAddressState::kRemoved}));
  EXPECT_FALSE(server->closed.has_value());
}

TEST_F(AddressChange, ThePeerChoosesThePrimaryPath) {
  connect_peer();
  const Address first = near4(Link::kFirst);
  const Address second = near4(Link::kSecond);
  peer_->add(second);
  ASSERT_TRUE(wait([&] { return has_paths(*server, {first, second}); }));
  EXPECT_TRUE(path(*server, first)->primary);
  peer_->prefer(second);
  ASSERT_TRUE(wait([&] { return path(*server, second)->primary; }));
  EXPECT_FALSE(path(*server, first)->primary);
  EXPECT_EQ(path_events(*server, second, {PeerAddressState::kMadePrimary}),
            PathStates{PeerAddressState::kMadePrimary});
}

TEST_F(AddressChange, RemovingThePrimaryMakesAnotherOneThePrimary) {
  connect_peer();
  const Address first = near4(Link::kFirst);
  const Address second = near4(Link::kSecond);
  peer_->add(second);
  ASSERT_TRUE(wait([&] { return has_paths(*server, {first, second}); }));
  peer_->remove(first);
  ASSERT_TRUE(wait([&] { return has_paths(*server, {second}); }));
  EXPECT_TRUE(path(*server, second)->primary);
  EXPECT_EQ(path_events(*server, first, {PeerAddressState::kRemoved}),
            PathStates{PeerAddressState::kRemoved});
}

TEST_F(AddressChange, AHostThatGetsAnAddressTellsItsPeers) {
  far_host_->inside([] { set_sctp_sysctl("default_auto_asconf", 1); });
  // The kernel also tells of addresses the host got shortly before the
  // association; 127.0.0.1 among them ends it.
  far_command("ip addr flush dev lo");
  connect_hosts({.remote = {far4(Link::kFirst)}},
                {.local = {*Address::parse("0.0.0.0", 0)}});
  const std::vector<Address> before = {far4(Link::kFirst), far4(Link::kSecond)};
  const Address added = *Address::parse("10.1.0.3", 0);
  std::vector<Address> with_added = before;
  with_added.push_back(added);
  far_command("ip addr add 10.1.0.3/24 dev far1");
  ASSERT_TRUE(wait([&] { return has_paths(*client, with_added); }));
  EXPECT_EQ(path_events(*client, added, kChanges), kAdded);
  stream_until(*client, [&] { return streamed_ == 50; });
  far_command("ip addr del 10.1.0.3/24 dev far1");
  ASSERT_TRUE(wait([&] { return has_paths(*client, before); }));
  EXPECT_EQ(path_events(*client, added, kChanges),
            (PathStates{PeerAddressState::kAdded, PeerAddressState::kConfirmed,
                        PeerAddressState::kRemoved}));
  expect_streamed(*server);
}

}  // namespace
}  // namespace lksctp::test
