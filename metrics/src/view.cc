#include "view.h"

#include <algorithm>
#include <unordered_map>

namespace lksctp {
namespace {

bool is_wanted(const MetricsSelection::Names& names, std::string_view name) {
  return names.empty() || names.contains(name);
}

void add(PpidTotals& totals, const PpidTotals& parts) {
  for (const auto& [ppid, part] : parts) {
    TrafficRecord& total = totals[ppid];
    total.sent.messages += part.sent.messages;
    total.received.messages += part.received.messages;
  }
}

bool is_active(const PathRecord& path) {
  return path.info.state == PathState::kActive;
}

// Associations come in the order of their ids: a later one is newer.
void add_association(PeerView& view, const AssociationRecord& association) {
  view.totals.add(association);
  view.associations.push_back(&association);
  if (view.current == nullptr || is_up(association.state) ||
      !is_up(view.current->state)) {
    view.current = &association;
  }
  for (const auto& [address, path] : association.paths) {
    const PathRecord*& shown = view.paths[address.ip_string()];
    if (shown == nullptr || is_active(path) || !is_active(*shown)) {
      shown = &path;
    }
  }
}

EndpointView::Info info_of(const EndpointRecord& endpoint) {
  const bool has_port =
      endpoint.role == EndpointRole::kListen && !endpoint.local.empty();
  return {has_port ? std::to_string(endpoint.local.front().port) : "",
          endpoint.role, endpoint.stack};
}

}  // namespace

void Totals::add_statistics(const std::optional<AssociationStatistics>& part) {
  if (!part) return;
  if (!statistics) statistics.emplace();
  for (const StatisticsRow& row : statistics_rows()) {
    (*statistics).*row.member += (*part).*row.member;
  }
}

SnapshotView::SnapshotView(const Snapshot& snapshot,
                           const MetricsSelection& selection) {
  const AssociationTable& table = snapshot.table;
  add_endpoints(table, selection);
  if (selection.detail != MetricsDetail::kEndpoint) add_peers(table, selection);
  std::unordered_map<const PeerRecord*, PeerView*> index;
  for (PeerView& view : peers) index.emplace(view.peer, &view);
  for (const auto& [id, association] : table.associations()) {
    const EndpointRecord* endpoint = table.endpoint(association->endpoint);
    const auto named = endpoints.find(endpoint->name);
    if (named == endpoints.end()) continue;
    named->second.totals.add(*association);
    add(named->second.ppids, association->ppids);
    const auto view = index.find(table.peer(endpoint->name, association->peer));
    if (view != index.end()) add_association(*view->second, *association);
  }
  for (PeerView& view : peers) {
    for (const auto& [address, path] : view.paths)
      view.addresses.insert(address);
  }
}

// An endpoint that only connects is gone between two attempts; its peers keep
// its name.
void SnapshotView::add_endpoints(const AssociationTable& table,
                                 const MetricsSelection& selection) {
  for (const auto& [name, totals] : table.totals()) {
    if (!is_wanted(selection.endpoints, name)) continue;
    EndpointView& view = endpoints[name];
    view.record = totals.get();
    view.totals.add(*totals);
    add(view.ppids, totals->ppids);
  }
  for (const auto& [id, endpoint] : table.endpoints()) {
    const auto view = endpoints.find(endpoint->name);
    if (view == endpoints.end()) continue;
    view->second.associations += endpoint->associations;
    view->second.infos.insert(info_of(*endpoint));
  }
  for (const auto& [key, peer] : table.peers()) {
    const auto view = endpoints.find(peer->endpoint);
    if (view == endpoints.end()) continue;
    view->second.configured_peers += peer->configured ? 1 : 0;
  }
}

void SnapshotView::add_peers(const AssociationTable& table,
                             const MetricsSelection& selection) {
  std::vector<const PeerRecord*> chosen;
  for (const auto& [key, peer] : table.peers()) {
    if (endpoints.contains(peer->endpoint) &&
        is_wanted(selection.peers, peer->peer)) {
      chosen.push_back(peer.get());
    }
  }
  if (chosen.size() > selection.max_peers) {
    std::stable_sort(chosen.begin(), chosen.end(),
                     [](const PeerRecord* a, const PeerRecord* b) {
                       return std::pair(!a->configured, a->since) <
                              std::pair(!b->configured, b->since);
                     });
    for (std::size_t i = selection.max_peers; i < chosen.size(); ++i) {
      ++endpoints.find(chosen[i]->endpoint)->second.dropped_peers;
    }
    chosen.resize(selection.max_peers);
    std::sort(chosen.begin(), chosen.end(),
              [](const PeerRecord* a, const PeerRecord* b) {
                return std::tie(a->endpoint, a->peer) <
                       std::tie(b->endpoint, b->peer);
              });
  }
  peers.reserve(chosen.size());
  for (const PeerRecord* peer : chosen) {
    PeerView& view = peers.emplace_back();
    view.peer = peer;
    view.totals.add(*peer);
    for (const auto& [address, counts] : peer->path_changes) {
      view.addresses.insert(address);
    }
  }
}

}  // namespace lksctp
