// A sockaddr_storage as the stacks write it, without socket headers.
#pragma once

#include <cstddef>
#include <span>

#include "lksctp/decoder/address.h"

namespace lksctp {

// The address in a sockaddr: AF_INET or AF_INET6, AddressFamily::kNone for any
// other family and for bytes that end early. The scope is kept for link-local
// addresses only: the kernel fills it with the receiving interface for all.
[[nodiscard]] Address load_sockaddr(std::span<const std::byte> sockaddr);

}  // namespace lksctp
