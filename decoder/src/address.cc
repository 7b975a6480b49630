#include "lksctp/decoder/address.h"

#include <charconv>
#include <limits>

namespace lksctp {
namespace {

using Groups = std::array<std::uint16_t, 8>;

void append_number(std::string& out, std::uint32_t value, int base = 10) {
  std::array<char, 10> digits{};
  const auto result =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
  out.append(digits.data(), result.ptr);
}

// A number without sign, blanks or, in decimal, leading zeros.
std::optional<std::uint32_t> parse_number(std::string_view text, int base,
                                          std::size_t max_digits,
                                          std::uint32_t max_value) {
  if (text.empty() || text.size() > max_digits) return std::nullopt;
  if (base == 10 && text.size() > 1 && text.front() == '0') return std::nullopt;
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, base);
  if (result.ec != std::errc{} || result.ptr != end || value > max_value) {
    return std::nullopt;
  }
  return value;
}

bool parse_ipv4(std::string_view text, std::uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    const auto octet = parse_number(text.substr(0, dot), 10, 3, 255);
    if (!octet) return false;
    out[i] = static_cast<std::uint8_t>(*octet);
    if (i < 3) text.remove_prefix(dot + 1);
  }
  return true;
}

// Groups separated by single colons, with an IPv4 tail where `allow_ipv4`.
// Returns how many groups were written, or nullopt.
std::optional<std::size_t> parse_groups(std::string_view text, bool allow_ipv4,
                                        Groups& out) {
  std::size_t count = 0;
  if (text.empty()) return count;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && allow_ipv4 && group.find('.') != std::string_view::npos) {
      std::array<std::uint8_t, 4> ipv4{};
      if (count > 6 || !parse_ipv4(group, ipv4.data())) return std::nullopt;
      out[count++] = static_cast<std::uint16_t>(ipv4[0] << 8 | ipv4[1]);
      out[count++] = static_cast<std::uint16_t>(ipv4[2] << 8 | ipv4[3]);
      return count;
    }
    const auto value = parse_number(group, 16, 4, 0xffff);
    if (!value || count == out.size()) return std::nullopt;
    out[count++] = static_cast<std::uint16_t>(*value);
    if (last) return count;
    text.remove_prefix(colon + 1);
  }
}

bool parse_ipv6(std::string_view text, std::array<std::uint8_t, 16>& out) {
  Groups head{};
  Groups tail{};
  Groups all{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto count = parse_groups(text, /*allow_ipv4=*/true, all);
    if (count != all.size()) return false;
  } else {
    const auto before =
        parse_groups(text.substr(0, gap), /*allow_ipv4=*/false, head);
    const auto after =
        parse_groups(text.substr(gap + 2), /*allow_ipv4=*/true, tail);
    // "::" stands for at least one group.
    if (!before || !after || *before + *after >= all.size()) return false;
    for (std::size_t i = 0; i < *before; ++i) all[i] = head[i];
    for (std::size_t i = 0; i < *after; ++i) {
      all[all.size() - *after + i] = tail[i];
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    out[2 * i] = static_cast<std::uint8_t>(all[i] >> 8);
    out[2 * i + 1] = static_cast<std::uint8_t>(all[i] & 0xff);
  }
  return true;
}

bool is_ipv4_mapped(const std::array<std::uint8_t, 16>& ip) {
  for (std::size_t i = 0; i < 10; ++i) {
    if (ip[i] != 0) return false;
  }
  return ip[10] == 0xff && ip[11] == 0xff;
}

void append_ipv4(std::string& out, const std::uint8_t* ip) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) out += '.';
    append_number(out, ip[i]);
  }
}

// RFC 5952 §4: lower case, no leading zeros, "::" for the longest run of at
// least two zero groups, the first of equal ones.
void append_ipv6(std::string& out, const std::array<std::uint8_t, 16>& ip) {
  Groups groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>(ip[2 * i] << 8 | ip[2 * i + 1]);
  }
  std::size_t best = 0;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t length = 0;
    while (i + length < groups.size() && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  const bool compress = best_length > 1;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (compress && i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (i > 0 && out.back() != ':') out += ':';
    append_number(out, groups[i], 16);
  }
}

}  // namespace

std::optional<Address> Address::parse(std::string_view ip, std::uint16_t port) {
  Address address;
  address.port = port;
  if (parse_ipv4(ip, address.ip.data())) {
    address.family = AddressFamily::kIpv4;
    return address;
  }
  const std::size_t percent = ip.find('%');
  if (percent != std::string_view::npos) {
    const auto scope = parse_number(ip.substr(percent + 1), 10, 10,
                                    std::numeric_limits<std::uint32_t>::max());
    if (!scope) return std::nullopt;
    address.scope_id = *scope;
    ip = ip.substr(0, percent);
  }
  address.ip = {};
  if (!parse_ipv6(ip, address.ip)) return std::nullopt;
  address.family = AddressFamily::kIpv6;
  if (is_ipv4_mapped(address.ip)) {
    std::array<std::uint8_t, 16> ipv4{};
    for (std::size_t i = 0; i < 4; ++i) ipv4[i] = address.ip[12 + i];
    address.ip = ipv4;
    address.family = AddressFamily::kIpv4;
    address.scope_id = 0;
  }
  return address;
}

std::string Address::ip_string() const {
  std::string out;
  if (family == AddressFamily::kIpv4) append_ipv4(out, ip.data());
  if (family == AddressFamily::kIpv6) {
    append_ipv6(out, ip);
    if (scope_id != 0) {
      out += '%';
      append_number(out, scope_id);
    }
  }
  return out;
}

std::string Address::to_string() const {
  if (family == AddressFamily::kNone) return {};
  std::string out;
  if (family == AddressFamily::kIpv6) out += '[';
  out += ip_string();
  if (family == AddressFamily::kIpv6) out += ']';
  out += ':';
  append_number(out, port);
  return out;
}

}  // namespace lksctp
