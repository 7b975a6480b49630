// What the records of the association table are made of. See `value_members.h`.
#pragma once

#include "event_members.h"
#include "lksctp/reactor/association_table.h"

namespace lksctp {

template <const auto& kUpperBounds, typename Visitor>
void members(const DurationCounts<kUpperBounds>& value, Visitor& visitor) {
  visitor("buckets", value.buckets);
  visitor("sum", value.sum);
}
template <const auto& kUpperBounds, typename Visitor>
void members(DurationCounts<kUpperBounds>& value, Visitor& visitor) {
  visitor("buckets", value.buckets);
  visitor("sum", value.sum);
}

template <Of<PathRecord> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("info", value.info);
  visitor("changes", value.changes);
}

template <Of<TrafficRecord> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("sent", value.sent);
  visitor("received", value.received);
}

template <Of<AssociationRecord> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("id", value.id);
  visitor("endpoint", value.endpoint);
  visitor("peer", value.peer);
  visitor("role", value.role);
  visitor("state", value.state);
  visitor("stackAssociation", value.stack_association);
  visitor("created", value.created);
  visitor("established", value.established);
  visitor("establishedAt", value.established_at);
  visitor("requestedAt", value.requested_at);
  visitor("local", value.local);
  visitor("remote", value.remote);
  visitor("paths", value.paths);
  visitor("inboundStreams", value.inbound_streams);
  visitor("outboundStreams", value.outbound_streams);
  visitor("streams", value.streams);
  visitor("ppids", value.ppids);
  visitor("sent", value.sent);
  visitor("received", value.received);
  visitor("wouldBlock", value.would_block);
  visitor("failedMessages", value.failed_messages);
  visitor("unsentMessages", value.unsent_messages);
  visitor("restarts", value.restarts);
  visitor("shutdownRequested", value.shutdown_requested);
  visitor("peerShutdown", value.peer_shutdown);
  visitor("abortRequested", value.abort_requested);
  visitor("sample", value.status);
  visitor("statistics", value.statistics);
  visitor("options", value.options);
}

template <Of<PeerRecord> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("endpoint", value.endpoint);
  visitor("peer", value.peer);
  visitor("expected", value.expected);
  visitor("configured", value.configured);
  visitor("since", value.since);
  visitor("associations", value.associations);
  visitor("established", value.established);
  visitor("sent", value.sent);
  visitor("received", value.received);
  visitor("failedMessages", value.failed_messages);
  visitor("unsentMessages", value.unsent_messages);
  visitor("wouldBlock", value.would_block);
  visitor("statistics", value.statistics);
  visitor("streams", value.streams);
  visitor("closed", value.closed);
  visitor("notifications", value.notifications);
  visitor("changes", value.changes);
  visitor("pathChanges", value.path_changes);
  visitor("remoteErrors", value.remote_errors);
  visitor("lastClose", value.last_close);
  visitor("lastChange", value.last_change);
  visitor("lostAt", value.lost_at);
}

template <Of<EndpointRecord> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("id", value.id);
  visitor("name", value.name);
  visitor("role", value.role);
  visitor("stack", value.stack);
  visitor("local", value.local);
  visitor("udpPort", value.udp_port);
  visitor("open", value.open);
  visitor("acceptError", value.accept_error);
  visitor("associations", value.associations);
  visitor("alive", value.alive);
}

template <Of<EndpointTotals> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("endpoints", value.endpoints);
  visitor("peers", value.peers);
  visitor("sent", value.sent);
  visitor("received", value.received);
  visitor("failedMessages", value.failed_messages);
  visitor("unsentMessages", value.unsent_messages);
  visitor("ppids", value.ppids);
  visitor("changes", value.changes);
  visitor("undecodable", value.undecodable);
  visitor("oversized", value.oversized);
  visitor("setup", value.setup);
  visitor("outage", value.outage);
  visitor("lifetime", value.lifetime);
}

}  // namespace lksctp
