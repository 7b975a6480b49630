#include "stack/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace lksctp {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0,    0,
                                                        0, 0, 0, 0, 0xff, 0xff};

}  // namespace

SocketAddress to_socket_address(const Address& address) {
  SocketAddress result;
  if (address.family == AddressFamily::kIpv4) {
    result.ipv4 = {};
    result.ipv4.sin_family = AF_INET;
    result.ipv4.sin_port = htons(address.port);
    std::memcpy(&result.ipv4.sin_addr, address.ip.data(),
                sizeof result.ipv4.sin_addr);
    result.length = sizeof result.ipv4;
  } else {
    result.ipv6 = {};
    result.ipv6.sin6_family = AF_INET6;
    result.ipv6.sin6_port = htons(address.port);
    result.ipv6.sin6_scope_id = address.scope_id;
    std::memcpy(&result.ipv6.sin6_addr, address.ip.data(),
                sizeof result.ipv6.sin6_addr);
    result.length = sizeof result.ipv6;
  }
  return result;
}

Address to_address(const sockaddr_storage& storage) {
  Address address;
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    address.family = AddressFamily::kIpv4;
    address.port = ntohs(in.sin_port);
    std::memcpy(address.ip.data(), &in.sin_addr, sizeof in.sin_addr);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &storage, sizeof in6);
    address.family = AddressFamily::kIpv6;
    address.port = ntohs(in6.sin6_port);
    // The kernel gives every address the interface a packet came in on, as if
    // the same one were another on each.
    if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr)) {
      address.scope_id = in6.sin6_scope_id;
    }
    std::memcpy(address.ip.data(), &in6.sin6_addr, sizeof in6.sin6_addr);
    if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(),
                   address.ip.begin())) {
      address.family = AddressFamily::kIpv4;
      std::array<std::uint8_t, 16> ip{};
      std::copy_n(address.ip.begin() + 12, 4, ip.begin());
      address.ip = ip;
    }
  }
  return address;
}

}  // namespace lksctp
