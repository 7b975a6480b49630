#include "m3ua.h"

namespace demo::m3ua {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint16_t kProtocolData = 0x0210;  // parameter, RFC 4666 §3.3.1
constexpr std::uint8_t kSccp = 3;                // service indicator
constexpr std::uint8_t kNational = 2;            // network indicator

constexpr std::size_t kCommonHeader = 8;
constexpr std::size_t kParameterHeader = 4;
constexpr std::size_t kRoutingLabel = 12;
constexpr std::size_t kUserData = 48;  // of a small TCAP message
constexpr std::size_t kParameter = kParameterHeader + kRoutingLabel + kUserData;
constexpr std::size_t kDataMessage = kCommonHeader + kParameter;

void put(std::vector<std::byte>& out, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::byte>(value >> shift));
  }
}

std::uint64_t get(std::span<const std::byte> in, std::size_t at,
                  std::size_t width) {
  std::uint64_t value = 0;
  for (const std::byte byte : in.subspan(at, width)) {
    value = value << 8 | std::to_integer<std::uint64_t>(byte);
  }
  return value;
}

void put_header(std::vector<std::byte>& out, Type type, std::size_t length) {
  put(out, kVersion, 1);
  put(out, 0, 1);
  put(out, static_cast<std::uint16_t>(type), 2);
  put(out, length, 4);
}

}  // namespace

std::vector<std::byte> encode(Type type) {
  std::vector<std::byte> out;
  put_header(out, type, kCommonHeader);
  return out;
}

std::vector<std::byte> encode(const Data& data) {
  std::vector<std::byte> out;
  out.reserve(kDataMessage);
  put_header(out, Type::kData, kDataMessage);
  put(out, kProtocolData, 2);
  put(out, kParameter, 2);
  put(out, data.originating_point_code, 4);
  put(out, data.destination_point_code, 4);
  put(out, kSccp, 1);
  put(out, kNational, 1);
  put(out, 0, 1);  // message priority
  put(out, data.signalling_link, 1);
  put(out, data.number, 8);
  put(out, data.sent_at, 8);
  out.resize(kDataMessage);
  return out;
}

std::optional<Type> type_of(std::span<const std::byte> message) {
  if (message.size() < kCommonHeader || get(message, 0, 1) != kVersion ||
      get(message, 4, 4) != message.size()) {
    return std::nullopt;
  }
  return static_cast<Type>(get(message, 2, 2));
}

std::optional<Data> decode(std::span<const std::byte> message) {
  if (type_of(message) != Type::kData || message.size() != kDataMessage ||
      get(message, kCommonHeader, 2) != kProtocolData) {
    return std::nullopt;
  }
  const auto parameter = message.subspan(kCommonHeader + kParameterHeader,
                                         kRoutingLabel + kUserData);
  Data data;
  data.originating_point_code =
      static_cast<std::uint32_t>(get(parameter, 0, 4));
  data.destination_point_code =
      static_cast<std::uint32_t>(get(parameter, 4, 4));
  data.signalling_link = static_cast<std::uint8_t>(get(parameter, 11, 1));
  data.number = get(parameter, kRoutingLabel, 8);
  data.sent_at = get(parameter, kRoutingLabel + 8, 8);
  return data;
}

}  // namespace demo::m3ua
