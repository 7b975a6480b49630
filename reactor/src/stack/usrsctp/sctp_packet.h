// The few looks into SCTP packets (RFC 9260 §3) that the UDP side needs. The
// bytes come from the network: nothing is assumed of them.
//
// Threads: pure functions and values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lksctp {

inline constexpr std::size_t kSctpCommonHeaderSize = 12;

enum class ChunkType : std::uint8_t {
  kInit = 1,
  kInitAck = 2,
  kAbort = 6,
  kCookieEcho = 10,
  kCookieAck = 11,
};

// What the common header and the first chunk header say. Host byte order.
struct PacketPeek {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  ChunkType first_chunk{};         // any value
  std::uint32_t initiate_tag = 0;  // of an INIT, RFC 9260 §3.3.2; else 0
};

// Nullopt for what cannot be an SCTP packet: shorter than a common header and
// one chunk header.
[[nodiscard]] std::optional<PacketPeek> peek_packet(
    std::span<const std::byte> packet);

inline constexpr std::size_t kAbortPacketSize = kSctpCommonHeaderSize + 4;

// The ABORT a peer without a listener answers an INIT with (RFC 9260 §8.4 item
// 3), the checksum left 0.
[[nodiscard]] std::array<std::byte, kAbortPacketSize> make_abort_for_init(
    const PacketPeek& init);

}  // namespace lksctp
