#include "sockaddr.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "field_reader.h"

namespace lksctp {
namespace {

constexpr std::uint16_t kAfInet = 2;
constexpr std::uint16_t kAfInet6 = 10;
constexpr std::size_t kPortOffset = 2;
constexpr std::size_t kIpv4Offset = 4;
constexpr std::size_t kIpv6Offset = 8;
constexpr std::size_t kScopeOffset = 24;
constexpr std::size_t kIpv4Size = 4;
constexpr std::size_t kIpv6Size = 16;
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0,    0,
                                                     0, 0, 0, 0, 0xff, 0xff};

bool is_link_local(const std::array<std::uint8_t, 16>& ip) {
  return ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

}  // namespace

Address load_sockaddr(std::span<const std::byte> sockaddr) {
  Address address;
  if (sockaddr.size() < kIpv4Offset + kIpv4Size) return address;
  const auto family = load_host<std::uint16_t>(sockaddr.data());
  if (family == kAfInet) {
    address.family = AddressFamily::kIpv4;
    std::memcpy(address.ip.data(), sockaddr.data() + kIpv4Offset, kIpv4Size);
  } else if (family == kAfInet6 && sockaddr.size() >= kScopeOffset + 4) {
    const std::byte* ip = sockaddr.data() + kIpv6Offset;
    if (std::memcmp(ip, kMappedPrefix.data(), kMappedPrefix.size()) == 0) {
      address.family = AddressFamily::kIpv4;
      std::memcpy(address.ip.data(), ip + kMappedPrefix.size(), kIpv4Size);
    } else {
      address.family = AddressFamily::kIpv6;
      std::memcpy(address.ip.data(), ip, kIpv6Size);
      if (is_link_local(address.ip)) {
        address.scope_id =
            load_host<std::uint32_t>(sockaddr.data() + kScopeOffset);
      }
    }
  } else {
    return address;
  }
  address.port = load_be16(sockaddr.data() + kPortOffset);
  return address;
}

}  // namespace lksctp
