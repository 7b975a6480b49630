// The table of series: every metric this library exports, once. The families,
// the page docs/metrics.md and the golden scrape are made from it.
//
// Names follow prometheus.io/docs/practices/naming; the checks at the end of
// the file make a bad row a compile error. Identity is `endpoint` and `peer`,
// and `address` for a path: names that survive a reconnect, never a kernel id
// or an ephemeral port.
//
// Threads: immutable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lksctp {

enum class SeriesType : std::uint8_t { kCounter, kGauge, kHistogram };

// One per row, in the order of the rows.
enum class SeriesId : std::uint8_t {
  kEndpointAssociations,
  kEndpointConfiguredPeers,
  kAssociationUp,
  kAssociationInstances,
  kAssociationState,
  kAssociationEstablishedTimestamp,
  kAssociationChanges,
  kAssociationClosed,
  kAssociationSentMessages,
  kAssociationSentBytes,
  kAssociationReceivedMessages,
  kAssociationReceivedBytes,
  kAssociationSendFailures,
  kAssociationReceiveWindow,
  kAssociationUnackedChunks,
  kAssociationPendingChunks,
  kAssociationStreams,
  kAssociationSendQueue,
  kPathUp,
  kPathState,
  kPathPrimary,
  kPathChanges,
  kPathSrtt,
  kPathRto,
  kPathCongestionWindow,
  kPathMtu,
  kReactorNotifications,
  kReactorLoopLag,
  kReactorLoopTurns,
  kReactorLoopBusy,
  kExporterSnapshotAge,
};

struct Series {
  SeriesId id{};
  const char* name = "";
  SeriesType type{};
  const char* unit = "";  // "seconds", "bytes"; "" for a plain number
  const char* help = "";  // one sentence; goes out unescaped
  std::span<const char* const> labels;
  const char* source = "";  // the field it mirrors
};

namespace series_labels {

inline constexpr std::array kEndpoint{"endpoint"};
inline constexpr std::array kPeer{"endpoint", "peer"};
inline constexpr std::array kPeerEvent{"endpoint", "peer", "event"};
inline constexpr std::array kPeerReason{"endpoint", "peer", "reason"};
inline constexpr std::array kPeerDirection{"endpoint", "peer", "direction"};
inline constexpr std::array kPath{"endpoint", "peer", "address"};
inline constexpr std::array kPathEvent{"endpoint", "peer", "address", "event"};
inline constexpr std::array kType{"type"};

}  // namespace series_labels

// clang-format off
inline constexpr std::array kSeries{
    Series{SeriesId::kEndpointAssociations, "sctp_endpoint_associations",
           SeriesType::kGauge, "",
           "Established associations of the endpoint.",
           series_labels::kEndpoint, "EndpointRecord::associations"},
    Series{SeriesId::kEndpointConfiguredPeers, "sctp_endpoint_configured_peers",
           SeriesType::kGauge, "",
           "Peers the endpoint is configured to be connected with.",
           series_labels::kEndpoint, "PeerRecord::configured"},
    Series{SeriesId::kAssociationUp, "sctp_association_up",
           SeriesType::kGauge, "",
           "1 while an association with the peer is established, 0 otherwise.",
           series_labels::kPeer, "PeerRecord::established"},
    Series{SeriesId::kAssociationInstances, "sctp_association_instances",
           SeriesType::kGauge, "",
           "Associations with the peer, connecting ones included.",
           series_labels::kPeer, "PeerRecord::associations"},
    Series{SeriesId::kAssociationState, "sctp_association_state",
           SeriesType::kGauge, "",
           "State as RFC 6458 section 8.2.1 numbers it: 1 closed, 2 cookie wait, 3 cookie echoed, 4 established, 5 shutdown pending, 6 shutdown sent, 7 shutdown received, 8 shutdown ack sent.",
           series_labels::kPeer, "AssociationRecord::state"},
    Series{SeriesId::kAssociationEstablishedTimestamp, "sctp_association_established_timestamp_seconds",
           SeriesType::kGauge, "seconds",
           "Unix time at which the association was established; absent while it is not.",
           series_labels::kPeer, "AssociationRecord::established"},
    Series{SeriesId::kAssociationChanges, "sctp_association_changes_total",
           SeriesType::kCounter, "",
           "SCTP_ASSOC_CHANGE notifications by their state (RFC 6458 section 6.1.1).",
           series_labels::kPeerEvent, "PeerRecord::changes"},
    Series{SeriesId::kAssociationClosed, "sctp_association_closed_total",
           SeriesType::kCounter, "",
           "Associations and connection attempts that have ended, by reason.",
           series_labels::kPeerReason, "PeerRecord::closed"},
    Series{SeriesId::kAssociationSentMessages, "sctp_association_sent_messages_total",
           SeriesType::kCounter, "",
           "User messages handed to the stack.",
           series_labels::kPeer, "AssociationRecord::sent.messages"},
    Series{SeriesId::kAssociationSentBytes, "sctp_association_sent_bytes_total",
           SeriesType::kCounter, "bytes",
           "Payload bytes of user messages handed to the stack.",
           series_labels::kPeer, "AssociationRecord::sent.bytes"},
    Series{SeriesId::kAssociationReceivedMessages, "sctp_association_received_messages_total",
           SeriesType::kCounter, "",
           "User messages received from the stack.",
           series_labels::kPeer, "AssociationRecord::received.messages"},
    Series{SeriesId::kAssociationReceivedBytes, "sctp_association_received_bytes_total",
           SeriesType::kCounter, "bytes",
           "Payload bytes of user messages received from the stack.",
           series_labels::kPeer, "AssociationRecord::received.bytes"},
    Series{SeriesId::kAssociationSendFailures, "sctp_association_send_failures_total",
           SeriesType::kCounter, "",
           "Messages that will not be delivered: SCTP_SEND_FAILED_EVENT, or still queued at the end.",
           series_labels::kPeer, "AssociationRecord::failed_messages"},
    Series{SeriesId::kAssociationReceiveWindow, "sctp_association_receive_window_bytes",
           SeriesType::kGauge, "bytes",
           "Receive window the peer advertises, corresponding to sstat_rwnd of RFC 6458.",
           series_labels::kPeer, "StatusSampled::peer_receive_window"},
    Series{SeriesId::kAssociationUnackedChunks, "sctp_association_unacked_chunks",
           SeriesType::kGauge, "",
           "DATA chunks sent and not yet acknowledged, corresponding to sstat_unackdata of RFC 6458.",
           series_labels::kPeer, "StatusSampled::unacknowledged_chunks"},
    Series{SeriesId::kAssociationPendingChunks, "sctp_association_pending_chunks",
           SeriesType::kGauge, "",
           "DATA chunks received and not yet read, corresponding to sstat_penddata of RFC 6458.",
           series_labels::kPeer, "StatusSampled::pending_chunks"},
    Series{SeriesId::kAssociationStreams, "sctp_association_streams",
           SeriesType::kGauge, "",
           "Negotiated streams by direction.",
           series_labels::kPeerDirection, "AssociationRecord::inbound_streams, outbound_streams"},
    Series{SeriesId::kAssociationSendQueue, "sctp_association_send_queue_bytes",
           SeriesType::kGauge, "bytes",
           "Payload bytes queued in this library, not yet taken by the stack.",
           series_labels::kPeer, "StatusSampled::send_queue"},
    Series{SeriesId::kPathUp, "sctp_path_up",
           SeriesType::kGauge, "",
           "1 while the path is active, 0 otherwise.",
           series_labels::kPath, "PathInfo::state"},
    Series{SeriesId::kPathState, "sctp_path_state",
           SeriesType::kGauge, "",
           "State as Linux numbers spinfo_state: 0 inactive, 1 potentially failed, 2 active, 3 unconfirmed.",
           series_labels::kPath, "PathInfo::state"},
    Series{SeriesId::kPathPrimary, "sctp_path_primary",
           SeriesType::kGauge, "",
           "1 on the primary path, 0 on the others.",
           series_labels::kPath, "PathInfo::primary"},
    Series{SeriesId::kPathChanges, "sctp_path_changes_total",
           SeriesType::kCounter, "",
           "SCTP_PEER_ADDR_CHANGE notifications by their state (RFC 6458 section 6.1.2).",
           series_labels::kPathEvent, "PeerRecord::path_changes"},
    Series{SeriesId::kPathSrtt, "sctp_path_srtt_seconds",
           SeriesType::kGauge, "seconds",
           "Smoothed round-trip time, corresponding to spinfo_srtt of RFC 6458.",
           series_labels::kPath, "PathInfo::srtt"},
    Series{SeriesId::kPathRto, "sctp_path_rto_seconds",
           SeriesType::kGauge, "seconds",
           "Retransmission timeout, corresponding to spinfo_rto of RFC 6458.",
           series_labels::kPath, "PathInfo::rto"},
    Series{SeriesId::kPathCongestionWindow, "sctp_path_congestion_window_bytes",
           SeriesType::kGauge, "bytes",
           "Congestion window, corresponding to spinfo_cwnd of RFC 6458.",
           series_labels::kPath, "PathInfo::congestion_window"},
    Series{SeriesId::kPathMtu, "sctp_path_mtu_bytes",
           SeriesType::kGauge, "bytes",
           "Path MTU, corresponding to spinfo_mtu of RFC 6458.",
           series_labels::kPath, "PathInfo::mtu"},
    Series{SeriesId::kReactorNotifications, "sctp_reactor_notifications_total",
           SeriesType::kCounter, "",
           "Notifications from the stack by type.",
           series_labels::kType, "AssociationTable::notifications"},
    Series{SeriesId::kReactorLoopLag, "sctp_reactor_loop_lag_seconds",
           SeriesType::kHistogram, "seconds",
           "How late the sampling timer of the SCTP loop ran.",
           {}, "LoopStatistics::lag_buckets"},
    Series{SeriesId::kReactorLoopTurns, "sctp_reactor_loop_turns_total",
           SeriesType::kCounter, "",
           "Turns of the SCTP loop that had work.",
           {}, "LoopStatistics::turns"},
    Series{SeriesId::kReactorLoopBusy, "sctp_reactor_loop_busy_seconds_total",
           SeriesType::kCounter, "seconds",
           "Processor time of the thread that runs the SCTP loop.",
           {}, "LoopStatistics::busy"},
    Series{SeriesId::kExporterSnapshotAge, "sctp_exporter_snapshot_age_seconds",
           SeriesType::kGauge, "seconds",
           "Age of the snapshot that this scrape shows.",
           {}, "Snapshot::monotonic"},
};
// clang-format on

namespace series_checks {

constexpr bool is_name(std::string_view name) {
  for (const char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
      return false;
    }
  }
  return name.starts_with("sctp_");
}

// The parser of the exposition format knows `\\` and `\n` in HELP, but
// prometheus-cpp writes the text as it is.
constexpr bool is_help(std::string_view help) {
  return help.ends_with('.') && help.find_first_of("\\\n") == help.npos;
}

constexpr bool has_unit_suffix(const Series& series) {
  std::string_view name = series.name;
  if (name.ends_with("_total")) name.remove_suffix(6);
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (name.ends_with(unit) != (unit == series.unit)) return false;
  }
  return true;
}

constexpr bool is_sound(std::span<const Series> table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Series& series = table[i];
    const std::string_view name = series.name;
    const bool counter = series.type == SeriesType::kCounter;
    if (static_cast<std::size_t>(series.id) != i || !is_name(name) ||
        !is_help(series.help) || !has_unit_suffix(series) ||
        name.ends_with("_total") != counter) {
      return false;
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (name == table[j].name) return false;
    }
  }
  return true;
}

}  // namespace series_checks

static_assert(series_checks::is_sound(kSeries));

}  // namespace lksctp
