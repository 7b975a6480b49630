// Bytes and numbers as text for a reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace lksctp {

// "0x00c5": lower case, at least `digits` digits.
[[nodiscard]] std::string hexadecimal(std::uint64_t value, int digits = 0);

// "\"bye-reason\"" when the bytes, less trailing zeros, are printable ASCII;
// their number ("14 bytes") when they are not; empty when there are none.
[[nodiscard]] std::string quote_if_printable(std::span<const std::byte> bytes);

}  // namespace lksctp
