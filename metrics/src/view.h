// A snapshot sorted the way series need it: by endpoint name and by peer.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// One `endpoint`, `peer` pair: what has ended and what lives, added up. Points
// into the snapshot.
struct PeerView {
  const PeerRecord* peer = nullptr;
  Traffic sent;
  Traffic received;
  std::uint64_t failed_messages = 0;
  // Of several associations with this name, the one that gauges show: the
  // newest that is up, else the newest. Null when there is none.
  const AssociationRecord* current = nullptr;
  // By IP address. Of several associations the active path, else the newest.
  std::map<std::string, const PathRecord*> paths;
  std::set<std::string> addresses;  // of paths, gone ones included
};

// Endpoints of one name.
struct EndpointView {
  std::uint64_t associations = 0;
  std::uint64_t configured_peers = 0;
};

struct SnapshotView {
  std::map<std::string_view, EndpointView> endpoints;
  std::vector<PeerView> peers;  // ordered by endpoint and peer

  // The snapshot must outlive the view.
  explicit SnapshotView(const Snapshot& snapshot);
};

}  // namespace lksctp
