// The association table: endpoints, peers, associations, paths, streams, totals
// and reasons, as a pure fold over events. No clock, no system call, no chance:
// the same events give an equal table, live or replayed.
//
// State is copy-on-write per record: a copy of the table shares every record
// that has not changed since, which is what makes snapshots cheap.
//
// Threads: the live table belongs to the loop thread; a copy is an ordinary
// value, and a `const` copy may be read and copied by any number of threads. To
// keep a record, keep a copy of the table: a record of the live one changes under
// its pointer.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lksctp/reactor/duration_counts.h"
#include "lksctp/reactor/event.h"
#include "lksctp/reactor/shared_map.h"

namespace lksctp {

// Notifications by PeerAddressState value; unlisted values count in the last.
using PathChangeCounts = std::array<std::uint64_t, 8>;

struct PathRecord {
  PathInfo info;
  PathChangeCounts changes{};
  friend bool operator==(const PathRecord&, const PathRecord&) = default;
};

// Under this key an association change is counted whose state has no name.
inline constexpr AssociationChangeState kOtherChange{0xffff};

// Under this key an error of the peer is counted whose cause has no name.
inline constexpr CauseCode kOtherCause{0xffff};

// A peer that keeps changing its addresses must not grow its record for ever.
inline constexpr std::size_t kMaxPeerAddresses = 64;

// True from COMM_UP until the association has ended: established and every state
// of a graceful shutdown.
[[nodiscard]] constexpr bool is_up(AssociationState state) {
  return state >= AssociationState::kEstablished &&
         state <= AssociationState::kShutdownAckSent;
}

// Of a stream, or of the messages with a PPID.
struct TrafficRecord {
  Traffic sent;
  Traffic received;
  friend bool operator==(const TrafficRecord&, const TrafficRecord&) = default;
};

// A living association.
struct AssociationRecord {
  AssociationId id{};
  EndpointId endpoint{};
  std::string peer;  // observers' name of the peer
  EndpointRole role{};
  AssociationState state = AssociationState::kClosed;
  StackAssociationId stack_association{};
  WallTime created{};
  std::optional<WallTime> established;  // present exactly while `is_up(state)`
  std::optional<MonotonicTime> established_at;  // present with `established`
  std::optional<MonotonicTime> requested_at;    // connect called or accepted
  std::vector<Address> local;
  std::vector<Address>
      remote;  // as asked or accepted; paths follow the samples
  std::map<Address, PathRecord> paths;
  std::uint16_t inbound_streams = 0;
  std::uint16_t outbound_streams = 0;
  std::map<StreamId, TrafficRecord> streams;  // those that carried something
  std::map<Ppid, TrafficRecord> ppids;        // as `PpidTraffic` names them
  Traffic sent;
  Traffic received;
  std::uint64_t would_block = 0;  // sends refused: the queue was full
  std::uint64_t failed_messages = 0;
  std::uint64_t unsent_messages = 0;  // failed ones that were never sent
  std::uint64_t restarts = 0;
  bool shutdown_requested = false;
  bool peer_shutdown = false;
  bool abort_requested = false;
  std::optional<StatusSampled> status;  // latest sample
  // Latest sample, counters never falling; absent where the stack does not count.
  std::optional<AssociationStatistics> statistics;
  SocketOptions options;  // latest read-back
  friend bool operator==(const AssociationRecord&,
                         const AssociationRecord&) = default;
};

// What is known of a peer of an endpoint across all its associations; one
// series each. Two associations of the same name add up here.
struct PeerRecord {
  std::string endpoint;  // endpoint name
  std::string peer;
  bool expected = false;  // declared (PeerExpected), which holds for good
  // Expected, or connected to and not left: when this end shuts down or aborts the
  // last association with a peer that it does not expect, it wants it no longer.
  bool configured = false;
  EventSeq since{};                // the event that made it known
  std::uint64_t associations = 0;  // alive now, connecting ones included
  std::uint64_t established = 0;   // alive and up now
  // Of associations that have ended; living ones are added when read.
  Traffic sent;
  Traffic received;
  std::uint64_t failed_messages = 0;
  std::uint64_t unsent_messages = 0;
  std::uint64_t would_block = 0;
  // Without the largest RTO, which is that of one association.
  std::optional<AssociationStatistics> statistics;
  std::map<StreamId, TrafficRecord> streams;
  std::map<CloseReason, std::uint64_t> closed;
  std::map<std::string, std::uint64_t, std::less<>> notifications;  // by label
  // By COMM_UP …; states without a name under `kOtherChange`.
  std::map<AssociationChangeState, std::uint64_t> changes;
  // Path notifications by IP address, counted as `PathRecord::changes` is. Beyond
  // `kMaxPeerAddresses` addresses the rest count under "other".
  std::map<std::string, PathChangeCounts, std::less<>> path_changes;
  // Of SCTP_REMOTE_ERROR; causes without a name under `kOtherCause`.
  std::map<CauseCode, std::uint64_t> remote_errors;
  std::optional<CloseReason> last_close;
  std::optional<WallTime> last_change;  // of up or down
  // Since then no association is up, and the last one was lost: neither shut down
  // nor aborted by us.
  std::optional<MonotonicTime> lost_at;
  friend bool operator==(const PeerRecord&, const PeerRecord&) = default;
};

struct EndpointRecord {
  EndpointId id{};
  std::string name;
  EndpointRole role{};
  StackKind stack{};
  std::vector<Address> local;
  std::optional<std::uint16_t> udp_port;
  bool open = true;
  std::optional<Error> accept_error;  // accepting is paused because of it
  std::uint64_t associations = 0;     // established now
  std::uint64_t alive = 0;            // alive now, connecting ones included
  friend bool operator==(const EndpointRecord&,
                         const EndpointRecord&) = default;
};

// All endpoints of one name with all their peers, forgotten ones included: what
// must not fall when a peer is forgotten or an endpoint closes. Kept until no
// endpoint and no peer has the name any more.
struct EndpointTotals {
  std::uint64_t endpoints = 0;  // in the table now
  std::uint64_t peers = 0;      // in the table now
  // Of associations that have ended; living ones are added when read.
  Traffic sent;
  Traffic received;
  std::uint64_t failed_messages = 0;
  std::uint64_t unsent_messages = 0;
  std::map<Ppid, TrafficRecord> ppids;
  std::map<AssociationChangeState, std::uint64_t> changes;  // as PeerRecord's
  // Records that did not decode; messages and records beyond the receive bound.
  std::uint64_t undecodable = 0;
  std::uint64_t oversized = 0;
  SetupDurations setup;        // from `connect` to COMM_UP
  OutageDurations outage;      // from a loss until the same peer is up again
  LifetimeDurations lifetime;  // from COMM_UP until the end
  friend bool operator==(const EndpointTotals&,
                         const EndpointTotals&) = default;
};

class AssociationTable {
 public:
  // Folds one event in. Events must come in order; one whose ids are unknown is
  // counted as far as it can be and otherwise ignored. Never throws for
  // content.
  void apply(const Event& event);

  // Sequence number of the last event applied; 0 before the first.
  [[nodiscard]] EventSeq seq() const { return seq_; }

  // Records by identity; nullptr when unknown or gone. The pointer is valid
  // until the next `apply`.
  [[nodiscard]] const AssociationRecord* association(AssociationId id) const;
  [[nodiscard]] const EndpointRecord* endpoint(EndpointId id) const;
  [[nodiscard]] const PeerRecord* peer(std::string_view endpoint,
                                       std::string_view peer) const;

  using Associations = SharedMap<AssociationId, AssociationRecord>;
  using Endpoints = SharedMap<EndpointId, EndpointRecord>;
  using Peers = SharedMap<std::pair<std::string, std::string>, PeerRecord>;
  using Totals = SharedMap<std::string, EndpointTotals>;

  // Living associations, ordered by id.
  [[nodiscard]] const Associations& associations() const {
    return associations_;
  }
  // Endpoints that are open or still have associations.
  [[nodiscard]] const Endpoints& endpoints() const { return endpoints_; }
  // By (endpoint name, peer name).
  [[nodiscard]] const Peers& peers() const { return peers_; }
  // By endpoint name.
  [[nodiscard]] const Totals& totals() const { return totals_; }

  // Notifications of the whole reactor by label, unknown types included.
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>&
  notifications() const {
    return notifications_;
  }

  // Events applied, by `EventKind`.
  using EventCounts = std::array<std::uint64_t, kEventKinds>;
  [[nodiscard]] const EventCounts& events() const { return events_; }

  // Lets go of some hundreds of records, for a copy that is not needed any more:
  // freeing thousands at once takes milliseconds. False when none is left.
  bool shed();

  // Compares what the records hold, not where they are.
  friend bool operator==(const AssociationTable& a, const AssociationTable& b);

 private:
  class Fold;
  // Made of a text (`journal/codec.h`).
  class Restored;
  friend Result<AssociationTable> read_state(int version,
                                             std::string_view text);

  EventSeq seq_{};
  Associations associations_;
  Endpoints endpoints_;
  Peers peers_;
  Totals totals_;
  std::map<std::string, std::uint64_t, std::less<>> notifications_;
  EventCounts events_{};
  SharedOwnership ownership_;
};

}  // namespace lksctp
