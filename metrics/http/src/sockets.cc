#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace lksctp {
namespace {

socklen_t to_sockaddr(const Address& address, sockaddr_storage& storage) {
  storage = {};
  if (address.family == AddressFamily::kIpv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    std::memcpy(&in.sin_addr, address.ip.data(), sizeof in.sin_addr);
    std::memcpy(&storage, &in, sizeof in);
    return sizeof in;
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(address.port);
  in6.sin6_scope_id = address.scope_id;
  std::memcpy(&in6.sin6_addr, address.ip.data(), sizeof in6.sin6_addr);
  std::memcpy(&storage, &in6, sizeof in6);
  return sizeof in6;
}

std::uint16_t port_of(const sockaddr_storage& storage) {
  // The port stands at the same place in both families.
  sockaddr_in in{};
  std::memcpy(&in, &storage, sizeof in);
  return ntohs(in.sin_port);
}

std::string_view bind_advice(int error) {
  if (error == EADDRINUSE) {
    return "another program serves there: choose another port, or 0 for any";
  }
  if (error == EACCES) return "ports below 1024 need CAP_NET_BIND_SERVICE";
  return {};
}

// Errno of the first step that failed, 0 when the socket listens.
int prepare(int descriptor, const Address& address,
            const char*& failed_operation) {
  const int one = 1;
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr(address, storage);
  failed_operation = "setsockopt";
  if (::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) <
      0) {
    return errno;
  }
  if (address.family == AddressFamily::kIpv6 &&
      ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) <
          0) {
    return errno;
  }
  failed_operation = "bind";
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&storage), size) <
      0) {
    return errno;
  }
  failed_operation = "listen";
  if (::listen(descriptor, SOMAXCONN) < 0) return errno;
  return 0;
}

}  // namespace

bool is_loopback(const Address& address) {
  if (address.family == AddressFamily::kIpv4) return address.ip[0] == 127;
  return address == *Address::parse("::1", address.port);
}

Result<Address> parse_host(const std::string& host, std::uint16_t port,
                           bool allow_public) {
  const std::optional<Address> address =
      Address::parse(host == "localhost" ? "127.0.0.1" : host, port);
  if (!address) {
    return tl::unexpected(Error::invalid_argument(
        "metrics host must be an IP address or \"localhost\", not \"" + host +
        '"'));
  }
  if (!allow_public && !is_loopback(*address)) {
    return tl::unexpected(Error::invalid_argument(
        "metrics would be readable from the network at " +
        address->to_string() +
        ": bind a loopback address, ask for a password (auth), or set "
        "allow_public to mean it"));
  }
  return *address;
}

Result<ListeningSocket> listen_tcp(const Address& address) {
  const int family =
      address.family == AddressFamily::kIpv4 ? AF_INET : AF_INET6;
  const int descriptor =
      ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) {
    return tl::unexpected(Error::system(errno, "socket", address));
  }
  const char* failed_operation = "";
  if (const int error = prepare(descriptor, address, failed_operation);
      error != 0) {
    ::close(descriptor);
    return tl::unexpected(
        Error::system(error, failed_operation, address, bind_advice(error)));
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) <
      0) {
    const int error = errno;
    ::close(descriptor);
    return tl::unexpected(Error::system(error, "getsockname", address));
  }
  return ListeningSocket{descriptor, address.with_port(port_of(bound))};
}

}  // namespace lksctp
