// Conversion between `Address` and the sockaddr of UDP sockets.
//
// Threads: pure functions.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "lksctp/decoder/address.h"

namespace lksctp {

// As large as an IP address needs: one is made per packet.
struct SocketAddress {
  union {
    sockaddr generic;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
  };
  socklen_t length;
};

// REQUIRES: `address.family` is not kNone.
[[nodiscard]] SocketAddress to_socket_address(const Address& address);

// Family kNone for anything but AF_INET and AF_INET6.
[[nodiscard]] Address to_address(const sockaddr_storage& storage);

}  // namespace lksctp
