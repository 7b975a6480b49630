#include "stack/kernel/kernel_stack.h"

#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "stack/kernel/kernel_options.h"
#include "stack/kernel/kernel_socket.h"
#include "stack/socket_address.h"

namespace lksctp {
namespace {

// Address sets as libsctp takes them: packed, each as long as its family says.
class AddressSet {
 public:
  explicit AddressSet(const std::vector<Address>& addresses)
      : count_(static_cast<int>(addresses.size())) {
    for (const Address& address : addresses) {
      const SocketAddress one = to_socket_address(address);
      const auto bytes = std::as_bytes(std::span(&one, 1)).first(one.length);
      packed_.insert(packed_.end(), bytes.begin(), bytes.end());
    }
  }

  [[nodiscard]] sockaddr* data() {
    return reinterpret_cast<sockaddr*>(packed_.data());
  }
  [[nodiscard]] int count() const { return count_; }

 private:
  std::vector<std::byte> packed_;
  int count_;
};

// A wildcard of IPv6 takes IPv4, too.
bool share_a_family(const std::vector<Address>& local,
                    const std::vector<Address>& remote) {
  return std::ranges::any_of(local, [&](const Address& mine) {
    return (mine.is_any() && mine.family == AddressFamily::kIpv6) ||
           std::ranges::any_of(remote, [&](const Address& theirs) {
             return mine.family == theirs.family;
           });
  });
}

bool any_ipv6(const std::vector<Address>& addresses) {
  return std::ranges::any_of(addresses, [](const Address& address) {
    return address.family == AddressFamily::kIpv6;
  });
}

Error not_supported(std::string message) {
  return Error::make(ErrorCode::kNotSupported, std::move(message), EOPNOTSUPP);
}

// The kernel receives encapsulated packets on one UDP port, the same for every
// socket of the network namespace. Errors: kNotSupported.
Result<void> check_udp_ports(const std::optional<std::uint16_t>& local,
                             bool needed) {
  const int port = sctp_sysctl("udp_port");
  if (needed && port == 0) {
    return tl::unexpected(not_supported(
        "the kernel speaks UDP encapsulation when its own port is set: sysctl "
        "net.sctp.udp_port=9899"));
  }
  if (local && *local != port) {
    return tl::unexpected(
        not_supported("on the kernel stack the local UDP port is the sysctl "
                      "net.sctp.udp_port, which is " +
                      std::to_string(port) + ": set it to " +
                      std::to_string(*local) + " or leave udp.local_port out"));
  }
  return {};
}

// The kernel's own defaults, 208 KiB, hold two packets of the size that loopback
// has: windows close and buffers are full all the time. This much is granted with
// CAP_NET_ADMIN, up to net.core.wmem_max and rmem_max without.
constexpr std::uint32_t kSendBuffer = 2 * 1024 * 1024;
constexpr std::uint32_t kReceiveBuffer = 4 * 1024 * 1024;

SocketOptions with_buffers(SocketOptions options) {
  if (!options.send_buffer) options.send_buffer = kSendBuffer;
  if (!options.receive_buffer) options.receive_buffer = kReceiveBuffer;
  return options;
}

Result<FileDescriptor> open_socket(bool ipv6, const SocketOptions& options) {
  FileDescriptor fd(::socket(ipv6 ? AF_INET6 : AF_INET,
                             SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                             IPPROTO_SCTP));
  if (!fd.valid()) return tl::unexpected(Error::system(errno, "socket"));
  if (auto done = configure_kernel_socket(fd.get(), with_buffers(options));
      !done) {
    return tl::unexpected(done.error());
  }
  return fd;
}

std::string port_advice(int error_number, const Address& local) {
  const std::string port = "SCTP port " + std::to_string(local.port);
  if (error_number == EADDRINUSE) {
    return port + " is taken on this host (ss --sctp -lna shows by whom)";
  }
  if (error_number == EACCES) {
    return port +
           " is below net.ipv4.ip_unprivileged_port_start: it needs root or "
           "CAP_NET_BIND_SERVICE";
  }
  return {};
}

// Binds to all of `local`. Port 0: the first address chooses for the others.
Result<void> bind_all(int fd, const std::vector<Address>& local) {
  const SocketAddress first = to_socket_address(local.front());
  if (::bind(fd, &first.generic, first.length) != 0) {
    const int error_number = errno;
    return tl::unexpected(
        Error::system(error_number, "bind", local.front(),
                      port_advice(error_number, local.front())));
  }
  if (local.size() == 1) return {};
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) {
    return tl::unexpected(Error::system(errno, "getsockname", local.front()));
  }
  const std::uint16_t port = to_address(bound).port;
  for (auto one = local.begin() + 1; one != local.end(); ++one) {
    // One by one, so that the error names the address.
    AddressSet address({one->with_port(port)});
    if (::sctp_bindx(fd, address.data(), address.count(),
                     SCTP_BINDX_ADD_ADDR) != 0) {
      return tl::unexpected(Error::system(errno, "bind", *one));
    }
  }
  return {};
}

Capabilities capabilities_here() {
  Capabilities here = capabilities_of(StackKind::kKernel);
  here.udp_encapsulation = sctp_sysctl("udp_port") != 0;
  return here;
}

class KernelStack final : public Stack {
 public:
  explicit KernelStack(Loop& loop)
      : shared_{.loop = loop, .receive_batch = {}, .send_batch = {}},
        capabilities_(capabilities_here()) {}

  const Capabilities& capabilities() const override { return capabilities_; }
  Abi abi() const override { return Abi::kLinux; }
  bool sends_without_system_call() const override { return false; }
  std::size_t pieces_per_read() const override { return ReceiveBatch::kSize; }

  Result<std::unique_ptr<StackSocket>> listen(
      const StackListen& request, StackSocketObserver& observer) override;
  Result<std::unique_ptr<StackSocket>> connect(
      const StackConnect& request, StackSocketObserver& observer) override;
  void flush() override {}  // the kernel sends by itself
  std::string advice(int error_number,
                     const StackConnect* connect) const override;

 private:
  Result<std::unique_ptr<StackSocket>> finish(FileDescriptor fd,
                                              KernelSocket::Role role,
                                              bool encapsulated,
                                              StackSocketObserver& observer);

  KernelShared shared_;
  const Capabilities capabilities_;
};

Result<std::unique_ptr<StackSocket>> KernelStack::finish(
    FileDescriptor fd, KernelSocket::Role role, bool encapsulated,
    StackSocketObserver& observer) {
  auto socket = KernelSocket::open(shared_, std::move(fd), role, observer);
  if (!socket) return tl::unexpected(socket.error());
  if (encapsulated) {
    (*socket)->set_udp_port(
        static_cast<std::uint16_t>(sctp_sysctl("udp_port")));
  }
  return std::move(*socket);
}

Result<std::unique_ptr<StackSocket>> KernelStack::listen(
    const StackListen& request, StackSocketObserver& observer) {
  if (request.local.empty()) {
    return tl::unexpected(
        Error::invalid_argument("listen needs a local address"));
  }
  // Encapsulated packets reach every socket once the port is set.
  const bool encapsulated =
      request.udp_local_port.has_value() || sctp_sysctl("udp_port") != 0;
  if (auto checked = check_udp_ports(request.udp_local_port, encapsulated);
      !checked) {
    return tl::unexpected(checked.error());
  }
  auto fd = open_socket(any_ipv6(request.local), request.options);
  if (!fd) return tl::unexpected(fd.error());
  // As servers on TCP have it: a port is free again when its listener is gone,
  // whatever associations of old are still ending.
  const int on = 1;
  ::setsockopt(fd->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (request.ipv6_only &&
      ::setsockopt(fd->get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
    return tl::unexpected(
        Error::system(errno, "setsockopt IPV6_V6ONLY", request.local.front()));
  }
  if (auto bound = bind_all(fd->get(), request.local); !bound) {
    return tl::unexpected(bound.error());
  }
  if (::listen(fd->get(), std::max(request.backlog, 1)) != 0) {
    const int error_number = errno;
    return tl::unexpected(
        Error::system(error_number, "listen", request.local.front(),
                      error_number == ENOSYS
                          ? "the kernel has no hash for SCTP's cookies: "
                            "modprobe sha1_generic md5 hmac"
                          : port_advice(error_number, request.local.front())));
  }
  return finish(std::move(*fd), KernelSocket::Role::kListening, encapsulated,
                observer);
}

Result<std::unique_ptr<StackSocket>> KernelStack::connect(
    const StackConnect& request, StackSocketObserver& observer) {
  if (request.remote.empty() ||
      request.remote.front().family == AddressFamily::kNone ||
      request.remote.front().port == 0) {
    return tl::unexpected(
        Error::invalid_argument("connect needs a remote address and port"));
  }
  if (!request.local.empty() &&
      !share_a_family(request.local, request.remote)) {
    return tl::unexpected(
        Error::invalid_argument("no local address is of the family of " +
                                request.remote.front().to_string()));
  }
  const bool encapsulated = request.udp_remote_port.has_value();
  if (auto checked = check_udp_ports(request.udp_local_port, encapsulated);
      !checked) {
    return tl::unexpected(checked.error());
  }
  auto fd = open_socket(any_ipv6(request.remote) || any_ipv6(request.local),
                        request.options);
  if (!fd) return tl::unexpected(fd.error());
  if (encapsulated) {
    if (auto set = set_remote_udp_port(fd->get(), *request.udp_remote_port);
        !set) {
      return tl::unexpected(set.error());
    }
  }
  if (!request.local.empty()) {
    if (auto bound = bind_all(fd->get(), request.local); !bound) {
      return tl::unexpected(bound.error());
    }
  }
  AddressSet remote(request.remote);
  if (::sctp_connectx(fd->get(), remote.data(), remote.count(), nullptr) < 0 &&
      errno != EINPROGRESS) {
    return tl::unexpected(
        Error::system(errno, "connect", request.remote.front()));
  }
  return finish(std::move(*fd), KernelSocket::Role::kAssociation, encapsulated,
                observer);
}

std::string KernelStack::advice(int error_number,
                                const StackConnect* connect) const {
  if (connect == nullptr) return {};
  if (connect->udp_remote_port &&
      (error_number == ETIMEDOUT || error_number == ECONNREFUSED)) {
    return "SCTP over UDP (RFC 6951) was sent to UDP port " +
           std::to_string(*connect->udp_remote_port) +
           ": the peer must receive it there";
  }
  if (error_number == ETIMEDOUT) {
    return "nothing answered: firewalls and address translators often drop IP "
           "protocol 132; UDP encapsulation (udp.remote_port) gets through";
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Stack>> make_kernel_stack(Loop& loop) {
  const auto probe = open_socket(/*ipv6=*/false, {});
  if (probe) return std::make_unique<KernelStack>(loop);
  const Error& error = probe.error();
  if (error.operation != "socket") {
    return tl::unexpected(Error::make(
        ErrorCode::kStackUnavailable,
        "the kernel's SCTP is older than Linux 5.5: " + error.to_string(),
        error.errno_value));
  }
  if (error.errno_value != EPROTONOSUPPORT &&
      error.errno_value != ESOCKTNOSUPPORT) {
    return tl::unexpected(error);
  }
  return tl::unexpected(Error::make(
      ErrorCode::kStackUnavailable,
      "the kernel has no SCTP: load it on the host (modprobe sctp; in a "
      "container the host's kernel counts), or choose usrsctp, which speaks "
      "SCTP over UDP (RFC 6951)",
      error.errno_value));
}

}  // namespace lksctp
