// What a stack counts of an association, and what only a look into it tells.
//
// Threads: values; thread-compatible.
#pragma once

#include <cstdint>
#include <span>

#include "lksctp/decoder/address.h"
#include "lksctp/reactor/options.h"

namespace lksctp {

// Counters since the association began: SCTP_GET_ASSOC_STATS and
// SCTP_PR_ASSOC_STATUS (RFC 7496 §4.3) of Linux. Messages and
// their bytes are counted by the library itself, on every stack: see
// `AssociationRecord`.
struct AssociationStatistics {
  // The largest retransmission time-out that was seen, and the path that had it;
  // family kNone: none.
  Milliseconds max_rto{};
  Address max_rto_path{};
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t sacks_sent = 0;
  std::uint64_t sacks_received = 0;
  std::uint64_t retransmitted_chunks = 0;
  std::uint64_t tsns_out_of_sequence = 0;  // received, above the next expected
  std::uint64_t duplicate_chunks = 0;      // received
  std::uint64_t gap_ack_blocks = 0;        // received
  std::uint64_t unordered_chunks_sent = 0;
  std::uint64_t unordered_chunks_received = 0;
  std::uint64_t ordered_chunks_sent = 0;
  std::uint64_t ordered_chunks_received = 0;
  std::uint64_t control_chunks_sent = 0;
  std::uint64_t control_chunks_received = 0;
  // DATA chunks of messages given up by their life time, retransmissions or
  // priority: before they were sent the first time, and after.
  std::uint64_t abandoned_unsent_chunks = 0;
  std::uint64_t abandoned_sent_chunks = 0;
  friend bool operator==(const AssociationStatistics&,
                         const AssociationStatistics&) = default;
};

struct StatisticsRow {
  const char* name = "";  // of the member
  std::uint64_t AssociationStatistics::*member = nullptr;
};

// One row per counter, in the order of the members.
[[nodiscard]] std::span<const StatisticsRow> statistics_rows();

// What no socket option tells: `struct sctp_info` of Linux's sctp_diag.
struct AssociationDetails {
  std::uint32_t tag = 0;             // own verification tag
  std::uint32_t incoming_queue = 0;  // chunks to be read
  std::uint32_t outgoing_queue = 0;  // chunks to be sent
  std::uint32_t overall_error = 0;   // retransmissions in a row
  std::uint32_t max_burst = 0;       // packets
  std::uint32_t max_segment = 0;     // bytes of a DATA chunk at most
  std::uint32_t peer_tag = 0;
  std::uint32_t peer_receive_window = 0;  // bytes
  // Of the peer, bits from the lowest: AUTH, PR-SCTP, ASCONF, host names, IPv6,
  // IPv4, ECN.
  std::uint8_t peer_capabilities = 0;
  // Bits: 1 zero window announced, 2 generation, 4 a SACK is due.
  std::uint8_t peer_sack = 0;
  friend bool operator==(const AssociationDetails&,
                         const AssociationDetails&) = default;
};

}  // namespace lksctp
