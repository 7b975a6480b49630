// The differences in meaning between the stacks that no field descriptor can
// say: what a tail holds, and which fields of a record count in which state.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "field_reader.h"
#include "lksctp/decoder/decode.h"
#include "lksctp/decoder/notification.h"

namespace lksctp {

// What `normalise` has besides the fields.
struct RecordContext {
  const NotificationRow& row;
  std::span<const std::byte> tail;  // behind the fixed part
  const StreamCounts* known;
};

inline constexpr std::uint8_t kAbortChunk = 6;  // RFC 9260 §3.2
inline constexpr std::uint8_t kErrorChunk = 9;

// The causes inside a whole ABORT or ERROR chunk (RFC 9260 §3.3.7, §3.3.10);
// empty when the bytes are not such a chunk.
inline std::span<const std::byte> chunk_value(std::span<const std::byte> chunk,
                                              std::uint8_t type) {
  constexpr std::size_t kHeader = 4;
  if (chunk.size() < kHeader || chunk[0] != std::byte{type}) return {};
  const std::size_t length = load_be16(chunk.data() + 2);
  if (length < kHeader) return {};
  return chunk.subspan(kHeader, std::min(length, chunk.size()) - kHeader);
}

// usrsctp's feature bytes in the sac_info of COMM_UP and RESTART.
inline PeerFeatures read_features(std::span<const std::byte> tail) {
  constexpr bool PeerFeatures::*kByNumber[] = {
      &PeerFeatures::partial_reliability,     &PeerFeatures::authentication,
      &PeerFeatures::address_reconfiguration, &PeerFeatures::multiple_buffers,
      &PeerFeatures::stream_reconfiguration,  &PeerFeatures::interleaving,
  };
  PeerFeatures features;
  for (std::byte byte : tail) {
    const auto number = std::to_integer<std::size_t>(byte);
    if (number >= 1 && number <= std::size(kByNumber)) {
      features.*kByNumber[number - 1] = true;
    }
  }
  return features;
}

template <Abi kAbi, typename T>
void normalise(T&, const RecordContext&) {}

template <Abi kAbi>
void normalise(AssociationChange& change, const RecordContext& record) {
  if (change.state == AssociationChangeState::kCommUp ||
      change.state == AssociationChangeState::kRestart) {
    if (kAbi == Abi::kUsrsctp && !record.tail.empty()) {
      change.features = read_features(record.tail);
    }
    return;
  }
  // usrsctp sets the counts in all states, Linux only where they are new.
  change.outbound_streams = 0;
  change.inbound_streams = 0;
  if (record.tail.empty()) return;
  change.causes = parse_error_causes(
      kAbi == Abi::kLinux ? record.tail
                          : chunk_value(record.tail, kAbortChunk));
  // usrsctp leaves sac_error 0 in CANT_STR_ASSOC.
  if (change.error == CauseCode::kNone && !change.causes.empty()) {
    change.error = change.causes.front().code;
  }
}

template <Abi kAbi>
void normalise(RemoteError& error, const RecordContext& record) {
  if constexpr (kAbi == Abi::kUsrsctp) {
    auto causes = parse_error_causes(chunk_value(record.tail, kErrorChunk));
    if (!causes.empty()) {
      error.cause = std::move(causes.front());
      error.error = error.cause.code;
      return;
    }
  }
  error.cause.code = error.error;
  if constexpr (kAbi == Abi::kLinux) {
    error.cause.information.assign(record.tail.begin(), record.tail.end());
  }
}

template <Abi kAbi>
void normalise(SendFailed& failed, const RecordContext& record) {
  failed.deprecated = record.row.deprecated;
  failed.data.assign(record.tail.begin(), record.tail.end());
}

template <Abi kAbi>
void normalise(StreamReset& reset, const RecordContext& record) {
  reset.streams.resize(record.tail.size() / sizeof(std::uint16_t));
  const std::byte* at = record.tail.data();
  for (StreamId& stream : reset.streams) {
    stream = StreamId(load_host<std::uint16_t>(at));
    at += sizeof(std::uint16_t);
  }
}

// RFC 6525 §6.1.2 has the own next TSN in the first field and the peer's in the
// second. Linux swaps them; usrsctp's second is one too large.
template <Abi kAbi>
void normalise(AssociationReset& reset, const RecordContext&) {
  if constexpr (kAbi == Abi::kLinux) {
    std::swap(reset.local_tsn, reset.remote_tsn);
  } else {
    reset.remote_tsn = Tsn(reset.remote_tsn.value() - 1);
  }
}

// One direction of a StreamChange. `added` and `total` both hold the record's
// number: on Linux the streams added (or asked for, when refused), on usrsctp
// the new total, which RFC 6525 §6.1.3 means.
template <Abi kAbi>
void normalise_count(ReconfigurationResult result,
                     std::optional<std::uint16_t> known,
                     std::optional<std::uint16_t>& added,
                     std::optional<std::uint16_t>& total) {
  if (result != ReconfigurationResult::kPerformed) {
    added = 0;
    if (kAbi == Abi::kLinux) total = known;
    return;
  }
  if constexpr (kAbi == Abi::kLinux) {
    const std::uint32_t sum =
        std::uint32_t{known.value_or(0)} + added.value_or(0);
    total.reset();
    if (known && sum <= 0xffff) total = static_cast<std::uint16_t>(sum);
  } else {
    added.reset();
    if (known && *known <= total.value_or(0)) {
      added = static_cast<std::uint16_t>(total.value_or(0) - *known);
    }
  }
}

template <Abi kAbi>
void normalise(StreamChange& change, const RecordContext& record) {
  std::optional<std::uint16_t> inbound;
  std::optional<std::uint16_t> outbound;
  if (record.known != nullptr) {
    inbound = record.known->inbound;
    outbound = record.known->outbound;
  }
  normalise_count<kAbi>(change.result, inbound, change.inbound_added,
                        change.inbound_streams);
  normalise_count<kAbi>(change.result, outbound, change.outbound_added,
                        change.outbound_streams);
}

}  // namespace lksctp
