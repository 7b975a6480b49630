#include "stack/usrsctp/sctp_packet.h"

namespace lksctp {
namespace {

std::uint16_t load16(std::span<const std::byte> bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(
      std::to_integer<std::uint32_t>(bytes[offset]) << 8 |
      std::to_integer<std::uint32_t>(bytes[offset + 1]));
}

std::uint32_t load32(std::span<const std::byte> bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(load16(bytes, offset)) << 16 |
         load16(bytes, offset + 2);
}

void store16(std::span<std::byte> bytes, std::size_t offset,
             std::uint16_t value) {
  bytes[offset] = static_cast<std::byte>(value >> 8);
  bytes[offset + 1] = static_cast<std::byte>(value & 0xff);
}

}  // namespace

std::optional<PacketPeek> peek_packet(std::span<const std::byte> packet) {
  if (packet.size() < kSctpCommonHeaderSize + 4) return std::nullopt;
  PacketPeek peek{.source_port = load16(packet, 0),
                  .destination_port = load16(packet, 2),
                  .first_chunk = static_cast<ChunkType>(packet[12]),
                  .initiate_tag = 0};
  if (peek.first_chunk == ChunkType::kInit && packet.size() >= 20) {
    peek.initiate_tag = load32(packet, 16);
  }
  return peek;
}

std::array<std::byte, kAbortPacketSize> make_abort_for_init(
    const PacketPeek& init) {
  std::array<std::byte, kAbortPacketSize> packet{};
  store16(packet, 0, init.destination_port);
  store16(packet, 2, init.source_port);
  store16(packet, 4, static_cast<std::uint16_t>(init.initiate_tag >> 16));
  store16(packet, 6, static_cast<std::uint16_t>(init.initiate_tag & 0xffff));
  packet[12] = static_cast<std::byte>(ChunkType::kAbort);
  store16(packet, 14, 4);  // chunk length: no causes
  return packet;
}

}  // namespace lksctp
