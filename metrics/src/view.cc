#include "view.h"

#include <unordered_map>

namespace lksctp {
namespace {

void add(Traffic& total, const Traffic& part) {
  total.messages += part.messages;
  total.bytes += part.bytes;
}

bool is_active(const PathRecord& path) {
  return path.info.state == PathState::kActive;
}

// Associations come in the order of their ids: a later one is newer.
void add_association(PeerView& view, const AssociationRecord& association) {
  add(view.sent, association.sent);
  add(view.received, association.received);
  view.failed_messages += association.failed_messages;
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

}  // namespace

SnapshotView::SnapshotView(const Snapshot& snapshot) {
  const AssociationTable& table = snapshot.table;
  for (const auto& [id, endpoint] : table.endpoints()) {
    endpoints[endpoint->name].associations += endpoint->associations;
  }
  // An endpoint that only connects is gone between two attempts; its peers keep
  // its name.
  std::unordered_map<const PeerRecord*, std::size_t> index;
  peers.reserve(table.peers().size());
  for (const auto& [key, peer] : table.peers()) {
    endpoints[peer->endpoint].configured_peers += peer->configured ? 1 : 0;
    index.emplace(peer.get(), peers.size());
    PeerView& view = peers.emplace_back();
    view.peer = peer.get();
    view.sent = peer->sent;
    view.received = peer->received;
    view.failed_messages = peer->failed_messages;
    for (const auto& [address, counts] : peer->path_changes) {
      view.addresses.insert(address);
    }
  }
  for (const auto& [id, association] : table.associations()) {
    const EndpointRecord* endpoint = table.endpoint(association->endpoint);
    const PeerRecord* peer = table.peer(endpoint->name, association->peer);
    add_association(peers[index.at(peer)], *association);
  }
  for (PeerView& view : peers) {
    for (const auto& [address, path] : view.paths)
      view.addresses.insert(address);
  }
}

}  // namespace lksctp
