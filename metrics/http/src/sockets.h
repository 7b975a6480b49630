// The listening socket of the HTTP endpoint.
#pragma once

#include <cstdint>
#include <string>

#include "lksctp/decoder/address.h"
#include "lksctp/reactor/error.h"

namespace lksctp {

struct ListeningSocket {
  int descriptor = -1;  // non-blocking; the caller closes it
  Address address;      // with the port in use
};

[[nodiscard]] bool is_loopback(const Address& address);

// The address to bind: an IP literal or "localhost". Refuses everything that is
// not loopback unless `allow_public`. Errors: kInvalidArgument.
[[nodiscard]] Result<Address> parse_host(const std::string& host,
                                         std::uint16_t port, bool allow_public);

// Binds and listens on TCP; an IPv6 address serves IPv6 alone. Errors: kSystem.
[[nodiscard]] Result<ListeningSocket> listen_tcp(const Address& address);

}  // namespace lksctp
