#include "lksctp/reactor/association_table.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "lksctp/decoder/table.h"

namespace lksctp {
namespace {

void add(Traffic& total, const Traffic& part) {
  total.messages += part.messages;
  total.bytes += part.bytes;
}

// Totals only grow: an older sample cannot take back what was counted.
void raise(Traffic& total, const Traffic& sample) {
  total.messages = std::max(total.messages, sample.messages);
  total.bytes = std::max(total.bytes, sample.bytes);
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

// One event on its way into the table. The overloads of `fold` take what is
// about an association the table knows.
class AssociationTable::Fold {
 public:
  Fold(AssociationTable& table, const Event& event)
      : table_(table), event_(event) {}

  void run();

 private:
  using PeerKey = Peers::key_type;

  // The record to write to: the table's own, or a clone put in its place when a
  // copy of the table shares it.
  template <typename Record>
  Record& writable(std::shared_ptr<const Record>& slot) {
    if (!table_.ownership_.owns(slot.get())) return own(slot, Record(*slot));
    // Not a const object: `own` made it.
    return const_cast<Record&>(*slot);
  }

  template <typename Map, typename Record>
  Record& insert(Map& map, const typename Map::key_type& key, Record record) {
    return own(map[key], std::move(record));
  }

  template <typename Record>
  Record& own(std::shared_ptr<const Record>& slot, Record record) {
    auto made = std::make_shared<Record>(std::move(record));
    table_.ownership_.take(made.get());
    slot = made;
    return *made;
  }

  template <typename Map>
  void erase(Map& map, typename Map::iterator position) {
    table_.ownership_.drop(position->second.get());
    map.erase(position);
  }

  PeerKey peer_key(const AssociationRecord& record) const {
    return {table_.endpoints_.at(record.endpoint)->name, record.peer};
  }
  PeerRecord& peer_of(const AssociationRecord& record) {
    return writable(table_.peers_.at(peer_key(record)));
  }
  EndpointRecord& endpoint_of(const AssociationRecord& record) {
    return writable(table_.endpoints_.at(record.endpoint));
  }

  PeerRecord& touch_peer(const std::string& endpoint, const std::string& peer);
  AssociationRecord* begin(EndpointRole role, const std::string& peer);
  void set_state(AssociationRecord& record, AssociationState state);
  void count_notification(const Notification& notification);
  void release_endpoint(EndpointId id);

  void open(const EndpointOpened& body);
  void end(const AssociationClosed& body);
  void forget(const PeerForgotten& body);

  void fold(AssociationRecord& record, const AssociationChange& change);
  void fold(AssociationRecord& record, const PeerAddressChange& change);
  void fold(AssociationRecord& record, const ShutdownEvent&);
  void fold(AssociationRecord& record, const StreamChange& change);
  void fold(AssociationRecord& record, const ShutdownRequested&);
  void fold(AssociationRecord& record, const AbortRequested&);
  void fold(AssociationRecord& record, const ConnectFailed&);
  void fold(AssociationRecord& record, const OptionsChanged& body);
  void fold(AssociationRecord& record, const MessageFailed&);
  void fold(AssociationRecord& record, const StatusSampled& body);
  void fold(AssociationRecord& record, const PathsSampled& body);
  void fold(AssociationRecord& record, const LocalAddressesSampled& body);
  void fold(AssociationRecord& record, const TrafficSampled& body);

  AssociationTable& table_;
  const Event& event_;
};

PeerRecord& AssociationTable::Fold::touch_peer(const std::string& endpoint,
                                               const std::string& peer) {
  const PeerKey key{endpoint, peer};
  const auto known = table_.peers_.find(key);
  if (known != table_.peers_.end()) return writable(known->second);
  PeerRecord record;
  record.endpoint = endpoint;
  record.peer = peer;
  return insert(table_.peers_, key, std::move(record));
}

// Null when the endpoint is unknown or the identity is taken: nothing begins.
AssociationRecord* AssociationTable::Fold::begin(EndpointRole role,
                                                 const std::string& peer) {
  const auto endpoint = table_.endpoints_.find(event_.endpoint);
  if (endpoint == table_.endpoints_.end() ||
      event_.association == AssociationId{} ||
      table_.associations_.contains(event_.association)) {
    return nullptr;
  }
  ++touch_peer(endpoint->second->name, peer).associations;
  ++writable(endpoint->second).alive;
  AssociationRecord record;
  record.id = event_.association;
  record.endpoint = event_.endpoint;
  record.peer = peer;
  record.role = role;
  record.created = event_.wall;
  record.requested_at = event_.monotonic;
  return &insert(table_.associations_, record.id, std::move(record));
}

// The only place where an association goes up or down, so that the gauges of
// its peer and endpoint cannot disagree with it.
void AssociationTable::Fold::set_state(AssociationRecord& record,
                                       AssociationState state) {
  const bool was_up = is_up(record.state);
  record.state = state;
  if (is_up(state) == was_up) return;
  PeerRecord& peer = peer_of(record);
  EndpointRecord& endpoint = endpoint_of(record);
  peer.last_change = event_.wall;
  if (was_up) {
    record.established.reset();
    --peer.established;
    --endpoint.associations;
  } else {
    record.established = event_.wall;
    ++peer.established;
    ++endpoint.associations;
  }
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
  if (done && endpoint.alive == 0) erase(table_.endpoints_, found);
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
  insert(table_.endpoints_, record.id, std::move(record));
}

void AssociationTable::Fold::end(const AssociationClosed& body) {
  const auto found = table_.associations_.find(event_.association);
  if (found == table_.associations_.end()) return;
  AssociationRecord& record = writable(found->second);
  set_state(record, AssociationState::kClosed);
  PeerRecord& peer = peer_of(record);
  add(peer.sent, record.sent);
  add(peer.received, record.received);
  peer.failed_messages += record.failed_messages;
  ++peer.closed[body.reason];
  peer.last_close = body.reason;
  --peer.associations;
  const EndpointId endpoint = record.endpoint;
  --endpoint_of(record).alive;
  erase(table_.associations_, found);
  release_endpoint(endpoint);
}

void AssociationTable::Fold::forget(const PeerForgotten& body) {
  const auto found = table_.peers_.find(PeerKey{body.endpoint, body.peer});
  if (found != table_.peers_.end() && found->second->associations == 0) {
    erase(table_.peers_, found);
  }
}

void AssociationTable::Fold::fold(AssociationRecord& record,
                                  const AssociationChange& change) {
  ++peer_of(record).changes[change_key(change.state)];
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
                                  const MessageFailed&) {
  ++record.failed_messages;
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
    StreamRecord& stream = record.streams[sample.stream];
    raise(stream.sent, sample.sent);
    raise(stream.received, sample.received);
  }
}

void AssociationTable::Fold::run() {
  // What names its own subject, or makes or ends one.
  const auto on_endpoint = [&](auto&& change) {
    const auto found = table_.endpoints_.find(event_.endpoint);
    if (found != table_.endpoints_.end()) change(writable(found->second));
  };
  // What is about a known association, for every body that `fold` takes.
  const auto on_association = [&](const auto& body) {
    if constexpr (requires(AssociationRecord & record) {
                    fold(record, body);
                  }) {
      const auto found = table_.associations_.find(event_.association);
      if (found != table_.associations_.end()) {
        fold(writable(found->second), body);
      }
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
      touch_peer(body.endpoint, body.peer).configured = true;
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

bool operator==(const AssociationTable& a, const AssociationTable& b) {
  return a.seq_ == b.seq_ && a.notifications_ == b.notifications_ &&
         equal_records(a.associations_, b.associations_) &&
         equal_records(a.endpoints_, b.endpoints_) &&
         equal_records(a.peers_, b.peers_);
}

}  // namespace lksctp
