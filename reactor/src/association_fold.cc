// What the events of a known association do to its record.
#include "association_fold.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace lksctp {
namespace {

// Totals only grow: an older sample cannot take back what was counted.
void raise(Traffic& total, const Traffic& sample) {
  total.messages = std::max(total.messages, sample.messages);
  total.bytes = std::max(total.bytes, sample.bytes);
}

AssociationChangeState change_key(AssociationChangeState state) {
  return state <= AssociationChangeState::kCantStart ? state : kOtherChange;
}

std::size_t path_change_index(PeerAddressState state) {
  constexpr std::size_t kLast = std::tuple_size_v<PathChangeCounts> - 1;
  return std::min<std::size_t>(static_cast<std::size_t>(state), kLast);
}

std::uint16_t streams_after(std::uint16_t before,
                            const std::optional<std::uint16_t>& added,
                            const std::optional<std::uint16_t>& total) {
  if (total) return *total;
  constexpr unsigned kMost = std::numeric_limits<std::uint16_t>::max();
  return static_cast<std::uint16_t>(
      std::min<unsigned>(kMost, unsigned{before} + added.value_or(0)));
}

// A stack may report a path without the port that all paths share.
std::map<Address, PathRecord>::iterator find_path(AssociationRecord& record,
                                                  const Address& address) {
  const auto exact = record.paths.find(address);
  if (exact != record.paths.end() || address.port != 0) return exact;
  return std::find_if(
      record.paths.begin(), record.paths.end(),
      [&](const auto& path) { return path.first.with_port(0) == address; });
}

void make_primary(AssociationRecord& record, const Address& address) {
  for (auto& [other, path] : record.paths) {
    path.info.primary = other == address;
  }
}

}  // namespace

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const AssociationChange& change) {
  ++peer_of(record).changes[change_key(change.state)];
  ++totals_of(record).changes[change_key(change.state)];
  switch (change.state) {
    case AssociationChangeState::kRestart:
      ++record.restarts;
      // The peer that was shutting down is another one now.
      record.peer_shutdown = false;
      [[fallthrough]];
    case AssociationChangeState::kCommUp:
      record.stack_association = change.association;
      record.inbound_streams = change.inbound_streams;
      record.outbound_streams = change.outbound_streams;
      set_state(record, AssociationState::kEstablished);
      break;
    case AssociationChangeState::kCommLost:
    case AssociationChangeState::kShutdownComplete:
    case AssociationChangeState::kCantStart:
      set_state(record, AssociationState::kClosed);
      break;
  }
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const PeerAddressChange& change) {
  if (change.address.family == AddressFamily::kNone) return;
  const std::size_t index = path_change_index(change.state);

  auto& totals = peer_of(record).path_changes;
  const std::string ip = change.address.ip_string();
  const bool room = totals.size() < kMaxPeerAddresses || totals.contains(ip);
  ++totals[room ? ip : "other"][index];

  auto found = find_path(record, change.address);
  if (change.state == PeerAddressState::kRemoved) {
    if (found != record.paths.end()) record.paths.erase(found);
    return;
  }
  if (found == record.paths.end()) {
    PathRecord path;
    path.info.address = change.address;
    path.info.state = PathState::kUnconfirmed;
    found = record.paths.emplace(change.address, path).first;
  }
  PathRecord& path = found->second;
  ++path.changes[index];
  switch (change.state) {
    case PeerAddressState::kAvailable:
    case PeerAddressState::kConfirmed:
      path.info.state = PathState::kActive;
      break;
    case PeerAddressState::kUnreachable:
      path.info.state = PathState::kInactive;
      break;
    case PeerAddressState::kPotentiallyFailed:
      path.info.state = PathState::kPotentiallyFailed;
      break;
    case PeerAddressState::kMadePrimary:
      make_primary(record, found->first);
      break;
    case PeerAddressState::kAdded:
    case PeerAddressState::kRemoved:
      break;
  }
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const RemoteError& error) {
  const bool named = !cause_section(error.error).empty();
  ++peer_of(record).remote_errors[named ? error.error : kOtherCause];
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const ShutdownEvent&) {
  record.peer_shutdown = true;
  if (is_up(record.state)) {
    set_state(record, AssociationState::kShutdownReceived);
  }
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const StreamChange& change) {
  if (change.result != ReconfigurationResult::kPerformed) return;
  record.inbound_streams = streams_after(
      record.inbound_streams, change.inbound_added, change.inbound_streams);
  record.outbound_streams = streams_after(
      record.outbound_streams, change.outbound_added, change.outbound_streams);
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const ShutdownRequested&) {
  record.shutdown_requested = true;
  // Asked for while the peer already shuts down, it changes nothing (RFC 9260
  // §9.2: SHUTDOWN-RECEIVED stays).
  if (record.state == AssociationState::kEstablished) {
    set_state(record, AssociationState::kShutdownPending);
  }
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const AbortRequested&) {
  record.abort_requested = true;
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const ConnectFailed&) {
  set_state(record, AssociationState::kClosed);
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const OptionsChanged& body) {
  record.options = body.options;
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const MessageFailed& body) {
  ++record.failed_messages;
  if (body.kind == SendFailedKind::kUnsent) ++record.unsent_messages;
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const StatusSampled& body) {
  record.status = body;
  record.stack_association = body.stack_association;
  if (body.inbound_streams != 0) record.inbound_streams = body.inbound_streams;
  if (body.outbound_streams != 0) {
    record.outbound_streams = body.outbound_streams;
  }
  if (body.state <= AssociationState::kShutdownAckSent) {
    set_state(record, body.state);
  }
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const PathsSampled& body) {
  std::map<Address, PathRecord> paths;
  bool has_primary = false;
  for (const PathInfo& info : body.paths) {
    PathRecord path;
    path.info = info;
    path.info.primary = info.primary && !has_primary;
    has_primary = has_primary || info.primary;
    const auto before = record.paths.find(info.address);
    if (before != record.paths.end()) path.changes = before->second.changes;
    paths.emplace(info.address, path);
  }
  record.paths = std::move(paths);
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const LocalAddressesSampled& body) {
  record.local = body.local;
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const TrafficSampled& body) {
  raise(record.sent, body.sent);
  raise(record.received, body.received);
  for (const StreamTraffic& sample : body.streams) {
    TrafficRecord& stream = record.streams[sample.stream];
    raise(stream.sent, sample.sent);
    raise(stream.received, sample.received);
  }
  for (const PpidTraffic& sample : body.ppids) {
    TrafficRecord& ppid = record.ppids[named_ppid(sample.ppid)];
    raise(ppid.sent, sample.sent);
    raise(ppid.received, sample.received);
  }
  record.would_block = std::max(record.would_block, body.would_block);
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const StatisticsSampled& body) {
  AssociationStatistics latest = body.statistics;
  if (record.statistics) {
    for (const StatisticsRow& row : statistics_rows()) {
      latest.*row.member =
          std::max(latest.*row.member, (*record.statistics).*row.member);
    }
  }
  record.statistics = latest;
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const ReceiveFailed& body) {
  EndpointTotals& totals = totals_of(record);
  ++(body.error.code == ErrorCode::kMessageTooLarge ? totals.oversized
                                                    : totals.undecodable);
}

}  // namespace lksctp
