// As much of M3UA (RFC 4666) as makes the demo's traffic look right in a packet
// analyser: ASP Up and its acknowledgement, and DATA with a routing label.
#pragma once

#include <lksctp/decoder/strong_type.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace demo::m3ua {

inline constexpr lksctp::Ppid kPpid{3};  // RFC 4666 §7.1

// RFC 4666 §1.4.7: stream 0 is for management, DATA goes on the others.
inline constexpr lksctp::StreamId kManagementStream{0};

enum class Type : std::uint16_t {  // message class and type, RFC 4666 §3.1.2
  kData = 0x0101,
  kAspUp = 0x0301,
  kAspUpAck = 0x0304,
};

// The user data of the demo's DATA messages, behind the routing label.
struct Data {
  std::uint32_t originating_point_code = 0;
  std::uint32_t destination_point_code = 0;
  std::uint8_t signalling_link = 0;
  std::uint64_t number = 0;  // of the request, from 1
  std::uint64_t sent_at =
      0;  // steady clock, nanoseconds; the answer repeats it
};

std::vector<std::byte> encode(Type type);
std::vector<std::byte> encode(const Data& data);

// Nullopt when the bytes are no M3UA message.
std::optional<Type> type_of(std::span<const std::byte> message);
// Nullopt when the message is not a DATA of this demo.
std::optional<Data> decode(std::span<const std::byte> message);

}  // namespace demo::m3ua
