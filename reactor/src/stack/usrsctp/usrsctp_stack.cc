#include "stack/usrsctp/usrsctp_stack.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "stack/usrsctp/usrsctp_engine.h"
#include "stack/usrsctp/usrsctp_socket.h"

namespace lksctp {
namespace {

constexpr int kUdpPortAttempts = 16;

using UdpSockets = std::vector<std::shared_ptr<UdpSocket>>;

Address any_address(AddressFamily family) {
  Address address;
  address.family = family;
  return address;
}

// What is bound: the local addresses, and behind them 0.0.0.0 when `::` is one of them
// and takes IPv4 peers, too. (One UDP socket for both would show them as mapped
// addresses.)
std::vector<Address> with_ipv4_of_any(const StackListen& request) {
  std::vector<Address> all = request.local;
  const auto is_any_of = [&](AddressFamily family) {
    return std::ranges::any_of(request.local, [&](const Address& local) {
      return local.family == family && local.is_any();
    });
  };
  if (!request.ipv6_only && is_any_of(AddressFamily::kIpv6) &&
      !is_any_of(AddressFamily::kIpv4)) {
    all.push_back(any_address(AddressFamily::kIpv4));
  }
  return all;
}

std::string udp_in_use(std::uint16_t port) {
  return "UDP port " + std::to_string(port) +
         " is taken on this host; SCTP over usrsctp needs one (RFC 6951): "
         "choose another with the option udp.local_port, and tell the peers "
         "to send there";
}

std::string sctp_in_use(std::uint16_t port) {
  return "SCTP port " + std::to_string(port) +
         " is already bound in this process; on usrsctp the port space is the "
         "process's, whatever the local address";
}

class UsrsctpStack final : public Stack {
 public:
  explicit UsrsctpStack(std::unique_ptr<UsrsctpEngine> engine)
      : engine_(std::move(engine)),
        capabilities_(capabilities_of(StackKind::kUsrsctp)) {}

  const Capabilities& capabilities() const override { return capabilities_; }
  Abi abi() const override { return Abi::kUsrsctp; }
  // usrsctp is a library: its packets leave with `flush`.
  bool sends_without_system_call() const override { return true; }
  std::size_t pieces_per_read() const override { return 16; }

  Result<std::unique_ptr<StackSocket>> listen(
      const StackListen& request, StackSocketObserver& observer) override;
  Result<std::unique_ptr<StackSocket>> connect(
      const StackConnect& request, StackSocketObserver& observer) override;
  void flush() override { engine_->flush(); }
  std::string advice(int error_number,
                     const StackConnect* connect) const override;

 private:
  Result<UdpSockets> listening_sockets(const StackListen& request,
                                       const std::vector<Address>& all);

  std::unique_ptr<UsrsctpEngine> engine_;
  const Capabilities capabilities_;
};

// One UDP socket per local address, all on the same port: with an ephemeral one
// the first chooses, and another try is made when the others cannot follow.
Result<UdpSockets> UsrsctpStack::listening_sockets(
    const StackListen& request, const std::vector<Address>& all) {
  const std::uint16_t wanted =
      request.udp_local_port.value_or(kDefaultUdpEncapsulationPort);
  for (int attempt = 1;; ++attempt) {
    UdpSockets sockets;
    std::uint16_t port = wanted;
    Result<std::shared_ptr<UdpSocket>> opened;
    for (const Address& local : all) {
      opened = engine_->udp_socket(local.with_port(port),
                                   UsrsctpEngine::UdpUse::kListen);
      if (!opened) break;
      port = (*opened)->local().port;
      sockets.push_back(std::move(*opened));
    }
    if (sockets.size() == all.size()) return sockets;
    Error error = opened.error();
    if (error.errno_value != EADDRINUSE) return tl::unexpected(error);
    if (wanted != 0 || sockets.empty() || attempt == kUdpPortAttempts) {
      return tl::unexpected(Error::system(
          EADDRINUSE, "bind", all[sockets.size()], udp_in_use(port)));
    }
  }
}

Result<std::unique_ptr<StackSocket>> UsrsctpStack::listen(
    const StackListen& request, StackSocketObserver& observer) {
  if (request.local.empty()) {
    return tl::unexpected(
        Error::invalid_argument("listen needs a local address"));
  }
  AddressFamily family = AddressFamily::kIpv4;
  for (const Address& local : request.local) {
    if (local.family == AddressFamily::kNone) {
      return tl::unexpected(
          Error::invalid_argument("a local address has no family"));
    }
    if (local.port != request.local.front().port) {
      return tl::unexpected(Error::invalid_argument(
          "the local addresses of an endpoint share one SCTP port"));
    }
    // The larger header decides what fits a packet.
    if (local.family == AddressFamily::kIpv6) family = local.family;
  }
  auto udp = listening_sockets(request, with_ipv4_of_any(request));
  if (!udp) return tl::unexpected(udp.error());
  auto socket =
      UsrsctpSocket::open(*engine_, observer, request.options, family);
  if (!socket) return tl::unexpected(socket.error());
  const std::uint16_t port = request.local.front().port;
  const auto listening = (*socket)->start_listening(
      std::move(*udp), request.local.size(), port, request.backlog);
  if (!listening) {
    if (listening.error().errno_value == EADDRINUSE) {
      return tl::unexpected(Error::system(
          EADDRINUSE, "bind", request.local.front(), sctp_in_use(port)));
    }
    return tl::unexpected(listening.error());
  }
  return std::move(*socket);
}

Result<std::unique_ptr<StackSocket>> UsrsctpStack::connect(
    const StackConnect& request, StackSocketObserver& observer) {
  if (request.remote.empty() ||
      request.remote.front().family == AddressFamily::kNone ||
      request.remote.front().port == 0) {
    return tl::unexpected(
        Error::invalid_argument("connect needs a remote address and port"));
  }
  const Address& remote = request.remote.front();
  Address local = any_address(remote.family);
  if (!request.local.empty()) {
    local.port = request.local.front().port;
    bool found = false;
    for (const Address& one : request.local) {
      if (found || one.family != remote.family) continue;
      local = one;
      found = true;
    }
    if (!found) {
      return tl::unexpected(Error::invalid_argument(
          "no local address is of the family of " + remote.to_string()));
    }
  }
  // Says at once that there is no route, and which address of ours the peer
  // will see.
  const auto source = route_source(remote);
  if (!source) return tl::unexpected(source.error());

  const std::uint16_t udp_local = request.udp_local_port.value_or(0);
  auto udp = engine_->udp_socket(local.with_port(udp_local),
                                 UsrsctpEngine::UdpUse::kConnect);
  if (!udp) {
    Error error = udp.error();
    if (error.errno_value == EADDRINUSE) {
      error = Error::system(EADDRINUSE, "bind", local, udp_in_use(udp_local));
    }
    return tl::unexpected(error);
  }
  auto socket =
      UsrsctpSocket::open(*engine_, observer, request.options, remote.family);
  if (!socket) return tl::unexpected(socket.error());
  Flow* flow = engine_->acquire_flow(
      **udp, remote.with_port(request.udp_remote_port.value_or(
                 kDefaultUdpEncapsulationPort)));
  if (flow == nullptr) {
    return tl::unexpected(Error::system(EADDRNOTAVAIL, "connect", remote));
  }
  if (flow->local.family == AddressFamily::kNone) {
    flow->local = local.is_any() ? *source : local.with_port(0);
  }
  const auto connecting =
      (*socket)->start_connecting(*flow, local.port, remote.port);
  if (!connecting) {
    if (connecting.error().errno_value == EADDRINUSE) {
      return tl::unexpected(
          Error::system(EADDRINUSE, "bind", local, sctp_in_use(local.port)));
    }
    return tl::unexpected(connecting.error());
  }
  return std::move(*socket);
}

std::string UsrsctpStack::advice(int error_number,
                                 const StackConnect* connect) const {
  if (connect == nullptr ||
      (error_number != ETIMEDOUT && error_number != ECONNREFUSED)) {
    return {};
  }
  const std::uint16_t udp =
      connect->udp_remote_port.value_or(kDefaultUdpEncapsulationPort);
  std::string text =
      error_number == ECONNREFUSED
          ? "no SCTP listener answered there, or nothing listens on UDP port "
          : "nothing answered on UDP port ";
  text += std::to_string(udp);
  return text +
         ": with usrsctp the peer must speak SCTP over UDP (RFC 6951) on that "
         "port; choose its port with udp.remote_port, or load the kernel's "
         "SCTP on both sides (modprobe sctp)";
}

}  // namespace

Result<std::unique_ptr<Stack>> make_usrsctp_stack(Loop& loop,
                                                  UsrsctpStackOptions options) {
  auto engine = UsrsctpEngine::create(loop, std::move(options));
  if (!engine) return tl::unexpected(engine.error());
  return std::make_unique<UsrsctpStack>(std::move(*engine));
}

}  // namespace lksctp
