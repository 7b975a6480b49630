// A snapshot sorted the way series need it: by endpoint name and by peer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "lksctp/metrics/scrape.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// What has ended and what lives, added up.
struct Totals {
  Traffic sent;
  Traffic received;
  std::uint64_t failed_messages = 0;
  std::uint64_t unsent_messages = 0;
  // Of a PeerRecord or an AssociationRecord only.
  std::uint64_t would_block = 0;
  std::optional<AssociationStatistics> statistics;  // absent: nothing counts

  // Of a PeerRecord, an EndpointTotals or an AssociationRecord.
  template <typename Record>
  void add(const Record& record) {
    sent.messages += record.sent.messages;
    sent.bytes += record.sent.bytes;
    received.messages += record.received.messages;
    received.bytes += record.received.bytes;
    failed_messages += record.failed_messages;
    unsent_messages += record.unsent_messages;
    if constexpr (requires { record.statistics; }) {
      would_block += record.would_block;
      add_statistics(record.statistics);
    }
  }

 private:
  void add_statistics(const std::optional<AssociationStatistics>& part);
};

using PpidTotals = std::map<Ppid, TrafficRecord>;

// One `endpoint`, `peer` pair. Points into the snapshot.
struct PeerView {
  const PeerRecord* peer = nullptr;
  Totals totals;
  // Of several associations with this name, the one that gauges show: the
  // newest that is up, else the newest. Null when there is none.
  const AssociationRecord* current = nullptr;
  // By IP address. Of several associations the active path, else the newest.
  std::map<std::string, const PathRecord*> paths;
  std::set<std::string> addresses;  // of paths, gone ones included
  std::vector<const AssociationRecord*> associations;
};

// Endpoints of one name.
struct EndpointView {
  // Local port ("" for one that only connects), role, stack.
  using Info = std::tuple<std::string, EndpointRole, StackKind>;

  const EndpointTotals* record = nullptr;
  Totals totals;
  PpidTotals ppids;
  std::uint64_t associations = 0;
  std::uint64_t configured_peers = 0;
  std::uint64_t dropped_peers = 0;  // beyond `MetricsSelection::max_peers`
  std::set<Info> infos;
};

struct SnapshotView {
  std::map<std::string_view, EndpointView> endpoints;
  std::vector<PeerView> peers;  // ordered by endpoint and peer

  // The snapshot must outlive the view.
  SnapshotView(const Snapshot& snapshot, const MetricsSelection& selection);

 private:
  void add_endpoints(const AssociationTable& table,
                     const MetricsSelection& selection);
  void add_peers(const AssociationTable& table,
                 const MetricsSelection& selection);
};

}  // namespace lksctp
