// An SCTP transport address as a value: IP address, port and, for link-local
// IPv6, scope. No socket headers; the reactor converts to and from sockaddr.
//
// Threads: values; thread-compatible.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lksctp {

enum class AddressFamily : std::uint8_t {
  kNone,  // no address: the stack gave none, or a family unknown to us
  kIpv4,
  kIpv6,
};

// A transport address. IPv4-mapped IPv6 addresses (::ffff:a.b.c.d) are always
// held as IPv4, so the same peer compares equal whatever socket it was seen on.
struct Address {
  AddressFamily family = AddressFamily::kNone;
  std::uint16_t port = 0;             // host byte order; 0 = unset / any
  std::uint32_t scope_id = 0;         // IPv6 link-local interface index
  std::array<std::uint8_t, 16> ip{};  // network order; IPv4 uses the first 4

  friend constexpr auto operator<=>(const Address&, const Address&) = default;

  // Parses an IPv4 or IPv6 literal (RFC 4291 §2.2 text forms, optional numeric
  // `%scope`), without brackets or port. Returns nullopt for anything else.
  static std::optional<Address> parse(std::string_view ip, std::uint16_t port);

  // "192.0.2.1", "2001:db8::1" (RFC 5952 form), "fe80::1%2"; "" for kNone.
  [[nodiscard]] std::string ip_string() const;

  // "192.0.2.1:2905", "[2001:db8::1]:2905"; "" for kNone.
  [[nodiscard]] std::string to_string() const;

  // The same address with another port.
  [[nodiscard]] constexpr Address with_port(std::uint16_t new_port) const {
    Address copy = *this;
    copy.port = new_port;
    return copy;
  }

  // True for 0.0.0.0 and ::.
  [[nodiscard]] constexpr bool is_any() const {
    for (std::uint8_t byte : ip) {
      if (byte != 0) return false;
    }
    return family != AddressFamily::kNone;
  }
};

}  // namespace lksctp
