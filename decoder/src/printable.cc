#include "printable.h"

#include <array>
#include <charconv>

namespace lksctp {

std::string hexadecimal(std::uint64_t value, int digits) {
  std::array<char, 16> text{};
  const auto result =
      std::to_chars(text.data(), text.data() + text.size(), value, 16);
  const auto length = result.ptr - text.data();
  std::string out = "0x";
  if (length < digits)
    out.append(static_cast<std::size_t>(digits - length), '0');
  out.append(text.data(), result.ptr);
  return out;
}

std::string quote_if_printable(std::span<const std::byte> bytes) {
  while (!bytes.empty() && bytes.back() == std::byte{0}) {
    bytes = bytes.first(bytes.size() - 1);
  }
  if (bytes.empty()) return {};
  std::string out = "\"";
  for (std::byte byte : bytes) {
    const auto character = std::to_integer<unsigned char>(byte);
    if (character < 0x20 || character > 0x7e) {
      return std::to_string(bytes.size()) + " bytes";
    }
    if (character == '"' || character == '\\') out += '\\';
    out += static_cast<char>(character);
  }
  return out + '"';
}

}  // namespace lksctp
