// Conversion between `Address` and the sockaddr of UDP sockets.
//
// Threads: pure functions.
#pragma once

#include <sys/socket.h>

#include "lksctp/decoder/address.h"

namespace lksctp {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// REQUIRES: `address.family` is not kNone.
[[nodiscard]] SocketAddress to_socket_address(const Address& address);

// Family kNone for anything but AF_INET and AF_INET6.
[[nodiscard]] Address to_address(const sockaddr_storage& storage);

}  // namespace lksctp
