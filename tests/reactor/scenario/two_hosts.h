// Two hosts joined by two links, for scenarios with several paths: the test runs
// in one network namespace, the peer's sockets are in another. Both ends are on
// the one reactor of the test. Kernel stack only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenario.h"

namespace lksctp::test {

// One of the two links. Its addresses are 10.<n>.0.1 and, on demand, fd00:<n>::1
// on the near host, which connects, .2 and ::2 on the far host, which listens.
enum class Link : std::uint8_t { kFirst = 1, kSecond = 2 };

Address near4(Link link);
Address far4(Link link);
Address near6(Link link);
Address far6(Link link);

using PathStates = std::vector<PeerAddressState>;

class TwoHosts : public Scenario {
 protected:
  void SetUp() override;

  // Runs a command on one host; the test itself is on the near one.
  void near_command(const std::string& command) const;
  void far_command(const std::string& command) const;
  // net.sctp.<name> of both hosts.
  void set_sysctls(const std::string& name, int value) const;

  // The hosts get their IPv6 addresses.
  void add_ipv6() const;

  // Listens on the far host; by default on the IPv4 addresses of both links.
  std::shared_ptr<Endpoint> listen_far(ListenOptions options = {});
  // From the near host to the port of an endpoint; by default from and to the
  // IPv4 addresses of both links.
  End& connect_near(const Endpoint& to, ConnectOptions options = {});
  // Connects the hosts: `client` is near, `server` far, both are up and have
  // confirmed both paths. With fast_failover() unless the options say otherwise.
  void connect_hosts(ConnectOptions connect = {}, ListenOptions listen = {});

  // What netem is to do with the packets of a link, in both directions, from now
  // on.
  void disturb(Link link, const std::string& netem) const;
  void silence(Link link) const { disturb(link, "loss 100%"); }
  void restore(Link link) const;

  // The notifications about one address of an end's peer, those of `which` only.
  [[nodiscard]] PathStates path_events(const End& end, const Address& address,
                                       const PathStates& which) const;
  // The path in the table; nullptr when there is none.
  [[nodiscard]] static const PathInfo* path(const End& end,
                                            const Address& address);
  // The table knows exactly these paths, all active.
  [[nodiscard]] static bool has_paths(const End& end,
                                      std::vector<Address> addresses);

  // Sends a message per turn until `done`; counts them in `streamed_`.
  void stream_until(End& from, const std::function<bool()>& done);
  // `to` receives what was streamed, once and in order.
  void expect_streamed(End& to);

  std::size_t streamed_ = 0;
  std::optional<NetworkNamespace> far_host_;
};

// A failure of a path shows within a second, and the association outlives it.
SocketOptions fast_failover();

}  // namespace lksctp::test
