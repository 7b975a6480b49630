#include "lksctp/reactor/association_table.h"

#include <algorithm>
#include <type_traits>

#include "association_fold.h"
#include "lksctp/decoder/table.h"

namespace lksctp {
namespace {

void add(Traffic& total, const Traffic& part) {
  total.messages += part.messages;
  total.bytes += part.bytes;
}

// What an association leaves to its peer and to its endpoint.
template <typename Record>
void add_ended(Record& record, const AssociationRecord& association) {
  add(record.sent, association.sent);
  add(record.received, association.received);
  record.failed_messages += association.failed_messages;
  record.unsent_messages += association.unsent_messages;
}

template <typename Records>
void add(Records& totals, const Records& parts) {
  for (const auto& [key, part] : parts) {
    TrafficRecord& total = totals[key];
    add(total.sent, part.sent);
    add(total.received, part.received);
  }
}

void add(std::optional<AssociationStatistics>& total,
         const std::optional<AssociationStatistics>& part) {
  if (!part) return;
  if (!total) total.emplace();
  for (const StatisticsRow& row : statistics_rows()) {
    (*total).*row.member += (*part).*row.member;
  }
}

template <typename Map>
void count(Map& counts, std::string_view label) {
  const auto known = counts.find(label);
  if (known != counts.end()) {
    ++known->second;
  } else {
    counts.emplace(label, 1);
  }
}

template <typename Map>
bool equal_records(const Map& a, const Map& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first &&
                             (x.second == y.second || *x.second == *y.second);
                    });
}

template <typename Map, typename Key>
auto find_record(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found != map.end() ? found->second.get() : nullptr;
}

}  // namespace

EndpointTotals& AssociationTable::Fold::touch_totals(
    const std::string& endpoint) {
  if (EndpointTotals* known = find(table_.totals_, endpoint)) return *known;
  return table_.totals_.insert(endpoint, EndpointTotals(), table_.ownership_);
}

void AssociationTable::Fold::release_totals(const std::string& endpoint) {
  const auto found = table_.totals_.find(endpoint);
  if (found->second->endpoints == 0 && found->second->peers == 0) {
    table_.totals_.erase(endpoint, table_.ownership_);
  }
}

PeerRecord& AssociationTable::Fold::touch_peer(const std::string& endpoint,
                                               const std::string& peer) {
  const PeerKey key{endpoint, peer};
  if (PeerRecord* known = find(table_.peers_, key)) return *known;
  PeerRecord record;
  record.endpoint = endpoint;
  record.peer = peer;
  record.since = event_.seq;
  ++touch_totals(endpoint).peers;
  return table_.peers_.insert(key, std::move(record), table_.ownership_);
}

// Null when the endpoint is unknown or the identity is taken: nothing begins.
AssociationRecord* AssociationTable::Fold::begin(EndpointRole role,
                                                 const std::string& peer) {
  EndpointRecord* endpoint = find(table_.endpoints_, event_.endpoint);
  if (endpoint == nullptr || event_.association == AssociationId{} ||
      table_.associations_.contains(event_.association)) {
    return nullptr;
  }
  ++touch_peer(endpoint->name, peer).associations;
  ++endpoint->alive;
  AssociationRecord record;
  record.id = event_.association;
  record.endpoint = event_.endpoint;
  record.peer = peer;
  record.role = role;
  record.created = event_.wall;
  record.requested_at = event_.monotonic;
  return &table_.associations_.insert(event_.association, std::move(record),
                                      table_.ownership_);
}

// The only place where an association goes up or down, so that the gauges of
// its peer and endpoint cannot disagree with it.
void AssociationTable::Fold::set_state(AssociationRecord& record,
                                       AssociationState state) {
  const bool was_up = is_up(record.state);
  record.state = state;
  if (is_up(state) == was_up) return;
  if (was_up) {
    went_down(record);
  } else {
    went_up(record);
  }
}

void AssociationTable::Fold::went_up(AssociationRecord& record) {
  record.established = event_.wall;
  record.established_at = event_.monotonic;
  ++endpoint_of(record).associations;
  EndpointTotals& totals = totals_of(record);
  if (record.role == EndpointRole::kConnect && record.requested_at) {
    totals.setup.add(*record.requested_at, event_.monotonic);
  }
  PeerRecord& peer = peer_of(record);
  peer.last_change = event_.wall;
  ++peer.established;
  if (peer.lost_at) totals.outage.add(*peer.lost_at, event_.monotonic);
  peer.lost_at.reset();
}

void AssociationTable::Fold::went_down(AssociationRecord& record) {
  totals_of(record).lifetime.add(*record.established_at, event_.monotonic);
  record.established.reset();
  record.established_at.reset();
  --endpoint_of(record).associations;
  PeerRecord& peer = peer_of(record);
  peer.last_change = event_.wall;
  --peer.established;
  if (peer.established == 0 && is_loss(record)) {
    peer.lost_at = event_.monotonic;
  }
}

// Whether the event that ended it is one that nobody here wanted.
bool AssociationTable::Fold::is_loss(const AssociationRecord& record) const {
  if (record.abort_requested) return false;
  if (const auto* closed = std::get_if<AssociationClosed>(&event_.body)) {
    return closed->reason != CloseReason::kShutdownLocal &&
           closed->reason != CloseReason::kShutdownRemote &&
           closed->reason != CloseReason::kAbortLocal;
  }
  const auto* notification = std::get_if<Notification>(&event_.body);
  const auto* change = notification != nullptr
                           ? std::get_if<AssociationChange>(notification)
                           : nullptr;
  return change == nullptr ||
         change->state != AssociationChangeState::kShutdownComplete;
}

void AssociationTable::Fold::count_notification(
    const Notification& notification) {
  const std::string_view label = notification_label(notification);
  count(table_.notifications_, label);
  const auto found = table_.associations_.find(event_.association);
  if (found != table_.associations_.end()) {
    count(peer_of(*found->second).notifications, label);
  }
}

// An endpoint goes when nothing can come of it any more.
void AssociationTable::Fold::release_endpoint(EndpointId id) {
  const auto found = table_.endpoints_.find(id);
  const EndpointRecord& endpoint = *found->second;
  const bool done = !endpoint.open || endpoint.role == EndpointRole::kConnect;
  if (!done || endpoint.alive != 0) return;
  const std::string name = endpoint.name;
  table_.endpoints_.erase(id, table_.ownership_);
  --totals_of(name).endpoints;
  release_totals(name);
}

void AssociationTable::Fold::open(const EndpointOpened& body) {
  if (event_.endpoint == EndpointId{} ||
      table_.endpoints_.contains(event_.endpoint)) {
    return;
  }
  EndpointRecord record;
  record.id = event_.endpoint;
  record.name = body.name;
  record.role = body.role;
  record.stack = body.stack;
  ++touch_totals(body.name).endpoints;
  table_.endpoints_.insert(event_.endpoint, std::move(record),
                           table_.ownership_);
}

void AssociationTable::Fold::end(const AssociationClosed& body) {
  AssociationRecord* found = find(table_.associations_, event_.association);
  if (found == nullptr) return;
  AssociationRecord& record = *found;
  set_state(record, AssociationState::kClosed);
  PeerRecord& peer = peer_of(record);
  add_ended(peer, record);
  add(peer.streams, record.streams);
  add(peer.statistics, record.statistics);
  peer.would_block += record.would_block;
  EndpointTotals& totals = totals_of(record);
  add_ended(totals, record);
  add(totals.ppids, record.ppids);
  ++peer.closed[body.reason];
  peer.last_close = body.reason;
  --peer.associations;
  const bool left = body.reason == CloseReason::kShutdownLocal ||
                    body.reason == CloseReason::kAbortLocal;
  if (left && peer.associations == 0) peer.configured = peer.expected;
  const EndpointId endpoint = record.endpoint;
  --endpoint_of(record).alive;
  table_.associations_.erase(event_.association, table_.ownership_);
  release_endpoint(endpoint);
}

void AssociationTable::Fold::forget(const PeerForgotten& body) {
  const PeerRecord* found = table_.peer(body.endpoint, body.peer);
  if (found != nullptr && found->associations == 0) {
    table_.peers_.erase(PeerKey{body.endpoint, body.peer}, table_.ownership_);
    --totals_of(body.endpoint).peers;
    release_totals(body.endpoint);
  }
}

void AssociationTable::Fold::run() {
  // What names its own subject, or makes or ends one.
  const auto on_endpoint = [&](auto&& change) {
    EndpointRecord* found = find(table_.endpoints_, event_.endpoint);
    if (found != nullptr) change(*found);
  };
  // What is about a known association, for every body that `fold` takes.
  const auto on_association = [&](const auto& body) {
    if constexpr (requires(AssociationRecord & record) {
                    fold(record, body);
                  }) {
      AssociationRecord* found = find(table_.associations_, event_.association);
      if (found != nullptr) fold(*found, body);
    }
  };
  const auto apply = [&](const auto& body) {
    using Body = std::decay_t<decltype(body)>;
    if constexpr (std::is_same_v<Body, Notification>) {
      count_notification(body);
      std::visit(on_association, body);
    } else if constexpr (std::is_same_v<Body, EndpointOpened>) {
      open(body);
    } else if constexpr (std::is_same_v<Body, EndpointBound>) {
      on_endpoint([&](EndpointRecord& endpoint) {
        endpoint.local = body.local;
        endpoint.udp_port = body.udp_port;
      });
    } else if constexpr (std::is_same_v<Body, EndpointClosed>) {
      on_endpoint([](EndpointRecord& endpoint) { endpoint.open = false; });
      if (table_.endpoints_.contains(event_.endpoint)) {
        release_endpoint(event_.endpoint);
      }
    } else if constexpr (std::is_same_v<Body, AcceptStateChanged>) {
      on_endpoint([&](EndpointRecord& endpoint) {
        endpoint.accept_error = body.error;
      });
    } else if constexpr (std::is_same_v<Body, PeerExpected>) {
      PeerRecord& peer = touch_peer(body.endpoint, body.peer);
      peer.expected = true;
      peer.configured = true;
    } else if constexpr (std::is_same_v<Body, PeerForgotten>) {
      forget(body);
    } else if constexpr (std::is_same_v<Body, ConnectRequested>) {
      if (AssociationRecord* record =
              begin(EndpointRole::kConnect, body.peer)) {
        record->state = AssociationState::kCookieWait;
        record->remote = body.remote;
        if (body.configured) peer_of(*record).configured = true;
      }
    } else if constexpr (std::is_same_v<Body, AssociationAccepted>) {
      if (AssociationRecord* record = begin(EndpointRole::kListen, body.peer)) {
        record->remote = {body.remote};
      }
    } else if constexpr (std::is_same_v<Body, AssociationClosed>) {
      end(body);
    } else {
      on_association(body);
    }
  };
  std::visit(apply, event_.body);
  ++table_.events_[static_cast<std::size_t>(kind_of(event_.body))];
  table_.seq_ = event_.seq;
}

void AssociationTable::apply(const Event& event) { Fold(*this, event).run(); }

const AssociationRecord* AssociationTable::association(AssociationId id) const {
  return find_record(associations_, id);
}

const EndpointRecord* AssociationTable::endpoint(EndpointId id) const {
  return find_record(endpoints_, id);
}

const PeerRecord* AssociationTable::peer(std::string_view endpoint,
                                         std::string_view peer) const {
  return find_record(peers_,
                     Peers::key_type{std::string(endpoint), std::string(peer)});
}

bool AssociationTable::shed() {
  associations_.shed();
  endpoints_.shed();
  peers_.shed();
  totals_.shed();
  return !associations_.empty() || !endpoints_.empty() || !peers_.empty() ||
         !totals_.empty();
}

bool operator==(const AssociationTable& a, const AssociationTable& b) {
  return a.seq_ == b.seq_ && a.notifications_ == b.notifications_ &&
         a.events_ == b.events_ &&
         equal_records(a.associations_, b.associations_) &&
         equal_records(a.endpoints_, b.endpoints_) &&
         equal_records(a.peers_, b.peers_) &&
         equal_records(a.totals_, b.totals_);
}

}  // namespace lksctp
