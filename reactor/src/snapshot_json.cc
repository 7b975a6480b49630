#include "lksctp/reactor/snapshot_json.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "json_values.h"
#include "lksctp/decoder/table.h"

namespace lksctp {
namespace {

// Of an endpoint's name and a peer's.
using PeerKey = std::pair<std::string_view, std::string_view>;

struct Totals {
  Traffic sent;
  Traffic received;
  std::uint64_t failed_messages = 0;
  std::uint64_t unsent_messages = 0;

  // Of a PeerRecord or an AssociationRecord.
  template <typename Record>
  void add(const Record& record) {
    sent.messages += record.sent.messages;
    sent.bytes += record.sent.bytes;
    received.messages += record.received.messages;
    received.bytes += record.received.bytes;
    failed_messages += record.failed_messages;
    unsent_messages += record.unsent_messages;
  }

  void write(Json& object) const {
    object["sent"] = to_value(sent);
    object["received"] = to_value(received);
    object["failedMessages"] = failed_messages;
    object["unsentMessages"] = unsent_messages;
  }
};

// Who is shown when there is no room for all: the first come first.
enum Rank : std::size_t { kDown, kDegraded, kWell, kRanks };

bool is_failed(const std::pair<const Address, PathRecord>& path) {
  return path.second.info.state == PathState::kInactive ||
         path.second.info.state == PathState::kPotentiallyFailed;
}

std::size_t failed_paths(const AssociationRecord& record) {
  return static_cast<std::size_t>(
      std::count_if(record.paths.begin(), record.paths.end(), is_failed));
}

bool is_down(const PeerRecord& record) {
  return record.configured && record.established == 0;
}

Rank rank_of(const AssociationRecord& record) {
  if (!is_up(record.state)) return kDown;
  const std::size_t failed = failed_paths(record);
  if (failed == 0) return kWell;
  return failed == record.paths.size() ? kDown : kDegraded;
}

Rank rank_of(const PeerRecord& record) {
  return is_down(record) ? kDown : kWell;
}

// At most `limit` of them, in the order they have.
template <typename Record>
std::vector<const Record*> worst(const std::vector<const Record*>& records,
                                 std::size_t limit) {
  if (records.size() <= limit) return records;
  std::array<std::size_t, kRanks> room{};
  for (const Record* record : records) ++room[rank_of(*record)];
  for (std::size_t& of_rank : room) {
    of_rank = std::min(of_rank, limit);
    limit -= of_rank;
  }
  std::vector<const Record*> shown;
  for (const Record* record : records) {
    std::size_t& left = room[rank_of(*record)];
    if (left == 0) continue;
    --left;
    shown.push_back(record);
  }
  return shown;
}

bool allows(const StatusSelection::Names& names, std::string_view name) {
  return names.empty() || names.contains(name);
}

// Their IP addresses and, once, their port.
void add_addresses(Json& object, const char* list_name, const char* port_name,
                   const std::vector<Address>& addresses) {
  Json& list = object[list_name] = Json::array();
  for (const Address& address : addresses) list.push_back(address.ip_string());
  if (!addresses.empty()) object[port_name] = addresses.front().port;
}

// "SCTP_COMM_UP" as "comm_up"; the table has the names.
std::string change_name(AssociationChangeState state) {
  for (const FieldDescriptor& field :
       row_of(Notification(AssociationChange{}))->fields) {
    if (std::string_view(field.name) != "sac_state") continue;
    const std::string_view name =
        value_name(field, static_cast<std::uint64_t>(state));
    constexpr std::string_view kPrefix = "SCTP_";
    if (!name.starts_with(kPrefix)) break;
    std::string lower(name.substr(kPrefix.size()));
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
  }
  return "other";
}

Json endpoint_value(const EndpointRecord& record) {
  Json object{{"id", id_text(record.id)},
              {"name", record.name},
              {"role", role_name(record.role)},
              {"stack", stack_name(record.stack)},
              {"open", record.open},
              {"associations", record.associations},
              {"alive", record.alive}};
  add_addresses(object, "localAddresses", "port", record.local);
  if (record.udp_port) object["udpPort"] = *record.udp_port;
  if (record.accept_error) {
    object["acceptError"] = to_value(*record.accept_error);
  }
  return object;
}

Json peer_value(const PeerRecord& record, const Totals& living) {
  Json object{{"endpoint", record.endpoint},
              {"peer", record.peer},
              {"configured", record.configured},
              {"up", record.established > 0},
              {"associations", record.associations},
              {"established", record.established},
              {"notifications", record.notifications}};
  Totals totals = living;
  totals.add(record);
  totals.write(object);
  Json& closed = object["closed"] = Json::object();
  for (const auto& [reason, count] : record.closed) {
    closed[std::string(close_reason_name(reason))] = count;
  }
  Json& changes = object["changes"] = Json::object();
  for (const auto& [state, count] : record.changes) {
    changes[change_name(state)] = count;
  }
  if (record.last_close) {
    object["lastClose"] = close_reason_name(*record.last_close);
  }
  if (record.last_change) {
    object["lastChange"] = milliseconds(record.last_change->time_since_epoch());
  }
  return object;
}

void add_status(Json& object, const StatusSampled& status) {
  object["rwnd"] = status.peer_receive_window;
  object["unackdata"] = status.unacknowledged_chunks;
  object["penddata"] = status.pending_chunks;
  object["fragmentationPoint"] = status.fragmentation_point;
  object["sendQueue"] = status.send_queue;
}

Json association_value(const AssociationRecord& record,
                       const EndpointRecord* endpoint) {
  Json object{{"id", id_text(record.id)},
              {"endpointId", id_text(record.endpoint)},
              {"peer", record.peer},
              {"role", role_name(record.role)},
              {"stackAssociationId", record.stack_association.value()},
              {"state", static_cast<unsigned>(record.state)},
              {"stateName", association_state_name(record.state)},
              {"up", is_up(record.state)},
              {"since", milliseconds(record.created.time_since_epoch())},
              {"inboundStreams", record.inbound_streams},
              {"outboundStreams", record.outbound_streams},
              {"restarts", record.restarts},
              {"shutdownRequested", record.shutdown_requested},
              {"peerShutdown", record.peer_shutdown},
              {"abortRequested", record.abort_requested}};
  if (endpoint != nullptr) {
    object["endpoint"] = endpoint->name;
    object["stack"] = stack_name(endpoint->stack);
  }
  if (record.established) {
    object["established"] =
        milliseconds(record.established->time_since_epoch());
  }
  add_addresses(object, "localAddresses", "localPort", record.local);
  add_addresses(object, "remoteAddresses", "remotePort", record.remote);
  Totals totals;
  totals.add(record);
  totals.write(object);
  object["wouldBlock"] = record.would_block;
  if (record.status) add_status(object, *record.status);
  if (record.statistics) object["statistics"] = to_value(*record.statistics);
  Json& paths = object["paths"] = Json::array();
  for (const auto& [address, path] : record.paths) {
    paths.push_back(to_value(path.info));
  }
  return object;
}

Json loop_value(const LoopStatistics& loop) {
  const std::uint64_t lags = std::accumulate(
      loop.lag_buckets.begin(), loop.lag_buckets.end(), std::uint64_t{0});
  Json object{{"turns", loop.turns},
              {"busy", milliseconds(loop.busy)},
              {"lag", milliseconds(loop.lag_last)}};
  if (lags > 0) {
    object["lagMean"] = milliseconds(loop.lag_sum) / static_cast<double>(lags);
  }
  return object;
}

// Writes one record after the other: a tree of them all would take many times
// the text.
class StatusWriter {
 public:
  StatusWriter(const AssociationTable& table, const StatusSelection& selection)
      : table_(table), selection_(selection) {
    for (const auto& [id, record] : table.associations()) {
      const std::string_view endpoint = endpoint_name(*record);
      if (!selects(endpoint, record->peer)) continue;
      living_[{endpoint, record->peer}].add(*record);
      associations_.push_back(&*record);
    }
    for (const auto& [key, record] : table.peers()) {
      if (selects(record->endpoint, record->peer)) peers_.push_back(&*record);
    }
  }

  // The members of `head`, and those of the table behind them.
  std::string write(Json head) {
    head["totals"] = totals();
    text_ = to_text(head);
    text_.pop_back();  // its closing brace
    begin("endpoints");
    for (const auto& [id, record] : table_.endpoints()) {
      if (allows(selection_.endpoints, record->name)) {
        add(endpoint_value(*record));
      }
    }
    text_ += ']';
    const std::size_t peers = write_peers();
    const std::size_t associations = write_associations();
    text_ += ",\"omitted\":" +
             to_text({{"peers", peers}, {"associations", associations}}) + '}';
    return std::move(text_);
  }

 private:
  [[nodiscard]] std::string_view endpoint_name(
      const AssociationRecord& record) const {
    const EndpointRecord* endpoint = table_.endpoint(record.endpoint);
    return endpoint != nullptr ? std::string_view(endpoint->name) : "";
  }

  [[nodiscard]] bool selects(std::string_view endpoint,
                             std::string_view peer) const {
    return allows(selection_.endpoints, endpoint) &&
           allows(selection_.peers, peer);
  }

  // Over all that is selected, shown or not.
  [[nodiscard]] Json totals() const {
    std::size_t up = 0;
    std::size_t paths_failed = 0;
    for (const AssociationRecord* record : associations_) {
      if (is_up(record->state)) ++up;
      paths_failed += failed_paths(*record);
    }
    std::size_t peers_down = 0;
    Totals traffic;
    for (const PeerRecord* record : peers_) {
      if (is_down(*record)) ++peers_down;
      traffic.add(*record);
    }
    for (const auto& [peer, living] : living_) traffic.add(living);
    Json object{{"associations", up},
                {"alive", associations_.size()},
                {"pathsFailed", paths_failed},
                {"peersDown", peers_down}};
    traffic.write(object);
    return object;
  }

  // Return how many were left out.
  std::size_t write_peers() {
    begin("peers");
    const auto shown = worst(peers_, selection_.limit);
    for (const PeerRecord* record : shown) {
      const auto living = living_.find({record->endpoint, record->peer});
      add(peer_value(*record,
                     living == living_.end() ? Totals{} : living->second));
    }
    text_ += ']';
    return peers_.size() - shown.size();
  }

  std::size_t write_associations() {
    begin("associations");
    const auto shown = worst(associations_, selection_.limit);
    for (const AssociationRecord* record : shown) {
      add(association_value(*record, table_.endpoint(record->endpoint)));
    }
    text_ += ']';
    return associations_.size() - shown.size();
  }

  void begin(const char* array) {
    text_ += ",\"";
    text_ += array;
    text_ += "\":[";
    first_ = true;
  }

  void add(const Json& value) {
    if (!std::exchange(first_, false)) text_ += ',';
    text_ += to_text(value);
  }

  const AssociationTable& table_;
  const StatusSelection& selection_;
  // What is selected, in the order of the table, whose records these are.
  std::vector<const AssociationRecord*> associations_;
  std::vector<const PeerRecord*> peers_;
  // Of the living associations of each peer; names of the table.
  std::map<PeerKey, Totals> living_;
  std::string text_;
  bool first_ = true;  // of an array
};

Json facts_value(const StatusFacts& facts, EventSeq seq) {
  return {{"format", kSnapshotJsonVersion},
          {"version", facts.version},
          {"started", milliseconds(facts.started.time_since_epoch())},
          {"seq", seq.value()}};
}

}  // namespace

std::string to_json(const StatusFacts& facts, EventSeq seq) {
  return to_text(facts_value(facts, seq));
}

std::string to_json(const Snapshot& snapshot, const StatusSelection& selection,
                    const StatusFacts& facts) {
  Json head = facts_value(facts, snapshot.table.seq());
  head["now"] = milliseconds(snapshot.wall.time_since_epoch());
  head["monotonic"] = milliseconds(snapshot.monotonic.time_since_epoch());
  head["loop"] = loop_value(snapshot.loop);
  return StatusWriter(snapshot.table, selection).write(std::move(head));
}

}  // namespace lksctp
