// Strong integer types: SCTP is all small integers, and swapping two of them
// must not compile.
//
// Threads: values; everything here is immutable or thread-compatible.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace lksctp {

// An integer of type `T` that only compares with, and assigns from, its own
// kind. Construction is explicit; `value()` gives the plain integer.
template <typename Tag, typename T>
class StrongType {
 public:
  using ValueType = T;

  constexpr StrongType() = default;
  constexpr explicit StrongType(T value) : value_(value) {}

  [[nodiscard]] constexpr T value() const { return value_; }

  friend constexpr auto operator<=>(StrongType, StrongType) = default;

 private:
  T value_{};
};

// A stream identifier, 0 to 65534 (RFC 9260 §3.3.1).
using StreamId = StrongType<struct StreamIdTag, std::uint16_t>;

// A payload protocol identifier in host byte order (RFC 9260 §3.3.1); the
// stacks carry its four bytes untouched, this library converts at their border.
using Ppid = StrongType<struct PpidTag, std::uint32_t>;

// A transmission sequence number (RFC 9260 §3.3.1); wraps at 2^32.
using Tsn = StrongType<struct TsnTag, std::uint32_t>;

// The stack's own association identifier (RFC 6458 `sctp_assoc_t`). Host-wide
// on Linux, per endpoint on usrsctp (always 3 on a one-to-one socket there), so
// never an identity: `AssociationId` is.
using StackAssociationId =
    StrongType<struct StackAssociationIdTag, std::uint32_t>;

}  // namespace lksctp

template <typename Tag, typename T>
struct std::hash<lksctp::StrongType<Tag, T>> {
  std::size_t operator()(lksctp::StrongType<Tag, T> v) const noexcept {
    return std::hash<T>{}(v.value());
  }
};
