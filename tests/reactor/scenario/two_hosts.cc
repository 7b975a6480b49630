#include "two_hosts.h"

#include <algorithm>
#include <utility>

namespace lksctp::test {
namespace {

std::string number(Link link) {
  return std::to_string(static_cast<unsigned>(link));
}

Address address(const std::string& ip) { return *Address::parse(ip, 0); }

bool same_ip(const Address& one, const Address& other) {
  return one.with_port(0) == other.with_port(0);
}

// One side of both links, with its addresses.
std::string set_up_links(const char* side, const char* host) {
  std::string commands;
  for (const Link link : {Link::kFirst, Link::kSecond}) {
    const std::string n = number(link);
    const std::string device = side + n;
    commands += "link set " + device + " up\naddr add 10." + n + ".0." + host +
                "/24 dev " + device + "\n";
  }
  return "ip -batch - <<END\n" + commands + "END";
}

}  // namespace

Address near4(Link link) { return address("10." + number(link) + ".0.1"); }
Address far4(Link link) { return address("10." + number(link) + ".0.2"); }
Address near6(Link link) { return address("fd00:" + number(link) + "::1"); }
Address far6(Link link) { return address("fd00:" + number(link) + "::2"); }

void TwoHosts::SetUp() {
  if (!on_kernel()) GTEST_SKIP() << "one path per association on usrsctp";
  Scenario::SetUp();
  namespace_->inside([&] { far_host_.emplace(); });
  for (const Link link : {Link::kFirst, Link::kSecond}) {
    const std::string n = number(link);
    near_command("ip link add near" + n + " type veth peer name far" + n +
                 " netns " + far_host_->path());
  }
  near_command(set_up_links("near", "1"));
  far_command(set_up_links("far", "2"));
}

void TwoHosts::add_ipv6() const {
  for (const Link link : {Link::kFirst, Link::kSecond}) {
    const std::string n = number(link);
    near_command("ip addr add " + near6(link).ip_string() + "/64 dev near" + n +
                 " nodad");
    far_command("ip addr add " + far6(link).ip_string() + "/64 dev far" + n +
                " nodad");
  }
}

void TwoHosts::near_command(const std::string& command) const {
  namespace_->inside([&] { run_command(command); });
}

void TwoHosts::far_command(const std::string& command) const {
  far_host_->inside([&] { run_command(command); });
}

void TwoHosts::set_sysctls(const std::string& name, int value) const {
  for (const auto* host : {&namespace_, &far_host_}) {
    (*host)->inside([&] { set_sctp_sysctl(name, value); });
  }
}

std::shared_ptr<Endpoint> TwoHosts::listen_far(ListenOptions options) {
  if (options.local.empty()) {
    options.local = {far4(Link::kFirst), far4(Link::kSecond)};
  }
  std::shared_ptr<Endpoint> endpoint;
  far_host_->inside([&] { endpoint = listen(std::move(options)); });
  return endpoint;
}

End& TwoHosts::connect_near(const Endpoint& to, ConnectOptions options) {
  if (options.remote.empty()) {
    options.remote = {far4(Link::kFirst), far4(Link::kSecond)};
    if (options.local.empty()) {
      options.local = {near4(Link::kFirst), near4(Link::kSecond)};
    }
  }
  for (Address& remote : options.remote) {
    remote.port = to.local().front().port;
  }
  return connect(to, std::move(options));
}

void TwoHosts::connect_hosts(ConnectOptions connect_options,
                             ListenOptions listen_options) {
  // A second path is confirmed by the first heartbeat, after RTO.initial.
  for (AssociationSettings* settings :
       {&connect_options.association, &listen_options.association}) {
    if (settings->options == SocketOptions{}) {
      settings->options = fast_failover();
    }
  }
  const auto endpoint = listen_far(std::move(listen_options));
  client = &connect_near(*endpoint, std::move(connect_options));
  ASSERT_TRUE(wait([&] { return client->up && !accepted_.empty(); }));
  server = &accepted_.back();
  const auto both_active = [](const End& end) {
    const auto* record = end.association->record();
    return record != nullptr && record->paths.size() == 2 &&
           std::ranges::all_of(record->paths, [](const auto& one) {
             return one.second.info.state == PathState::kActive;
           });
  };
  ASSERT_TRUE(wait([&] {
    return server->up && both_active(*client) && both_active(*server);
  }));
}

void TwoHosts::disturb(Link link, const std::string& netem) const {
  near_command("tc qdisc replace dev near" + number(link) + " root netem " +
               netem);
  far_command("tc qdisc replace dev far" + number(link) + " root netem " +
              netem);
}

void TwoHosts::restore(Link link) const {
  near_command("tc qdisc del dev near" + number(link) + " root");
  far_command("tc qdisc del dev far" + number(link) + " root");
}

PathStates TwoHosts::path_events(const End& end, const Address& address,
                                 const PathStates& which) const {
  PathStates states;
  for (const PeerAddressChange& change :
       recorder_->all<PeerAddressChange>(end.association->id())) {
    if (same_ip(change.address, address) &&
        std::ranges::find(which, change.state) != which.end()) {
      states.push_back(change.state);
    }
  }
  return states;
}

const PathInfo* TwoHosts::path(const End& end, const Address& address) {
  const auto* record = end.association->record();
  if (record == nullptr) return nullptr;
  for (const auto& [key, value] : record->paths) {
    if (same_ip(key, address)) return &value.info;
  }
  return nullptr;
}

bool TwoHosts::has_paths(const End& end, std::vector<Address> addresses) {
  const auto* record = end.association->record();
  return record != nullptr && record->paths.size() == addresses.size() &&
         std::ranges::all_of(addresses, [&](const Address& one) {
           const PathInfo* known = path(end, one);
           return known != nullptr && known->state == PathState::kActive;
         });
}

void TwoHosts::stream_until(End& from, const std::function<bool()>& done) {
  ASSERT_TRUE(wait([&] {
    if (from.association->send(pattern(1000, streamed_))) ++streamed_;
    return done();
  }));
}

void TwoHosts::expect_streamed(End& to) {
  ASSERT_TRUE(wait([&] { return to.messages.size() >= streamed_; }));
  run_pending(*reactor_);
  ASSERT_EQ(to.messages.size(), streamed_);
  for (std::size_t i = 0; i < streamed_; ++i) {
    ASSERT_TRUE(std::ranges::equal(to.messages[i].payload(), pattern(1000, i)))
        << i;
  }
}

SocketOptions fast_failover() {
  SocketOptions options = fast_failure();
  options.association.max_retransmissions = 12;
  return options;
}

}  // namespace lksctp::test
