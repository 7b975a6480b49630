#include "lksctp/reactor/snapshot_json.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "description/event_members.h"
#include "json/json_writer.h"
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

  void write(JsonWriter& writer) const {
    writer("sent", sent);
    writer("received", received);
    writer("failedMessages", failed_messages);
    writer("unsentMessages", unsent_messages);
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

// What is 64 bits wide and names a thing: not every reader of JSON has integers.
template <typename Id>
std::string id_text(Id id) {
  return std::to_string(id.value());
}

template <typename Time>
double milliseconds_of(Time time) {
  return milliseconds(time.time_since_epoch());
}

// Their IP addresses and, once, their port.
void write_addresses(JsonWriter& writer, const char* list_name,
                     const char* port_name,
                     const std::vector<Address>& addresses) {
  writer.key(list_name);
  writer.begin_array();
  for (const Address& address : addresses) writer.value(address.ip_string());
  writer.end_array();
  if (!addresses.empty()) writer(port_name, addresses.front().port);
}

// An object of counts, by the name of what is counted.
template <typename Counts, typename Name>
void write_counts(JsonWriter& writer, const char* name, const Counts& counts,
                  Name name_of) {
  writer.key(name);
  writer.begin_object();
  for (const auto& [counted, count] : counts) writer(name_of(counted), count);
  writer.end_object();
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

void write(JsonWriter& writer, const EndpointRecord& record) {
  writer("id", id_text(record.id));
  writer("name", record.name);
  writer("role", record.role);
  writer("stack", record.stack);
  writer("open", record.open);
  writer("associations", record.associations);
  writer("alive", record.alive);
  write_addresses(writer, "localAddresses", "port", record.local);
  writer("udpPort", record.udp_port);
  writer("acceptError", record.accept_error);
}

void write(JsonWriter& writer, const PeerRecord& record, const Totals& living) {
  writer("endpoint", record.endpoint);
  writer("peer", record.peer);
  writer("configured", record.configured);
  writer("up", record.established > 0);
  writer("associations", record.associations);
  writer("established", record.established);
  if (record.last_change) {
    writer("lastChange", milliseconds_of(*record.last_change));
  }
  writer("lastClose", record.last_close);
  write_counts(writer, "closed", record.closed, close_reason_name);
  write_counts(writer, "changes", record.changes, change_name);
  write_counts(writer, "notifications", record.notifications,
               [](const std::string& label) { return label; });
  Totals totals = living;
  totals.add(record);
  totals.write(writer);
}

void write_status(JsonWriter& writer, const StatusSampled& status) {
  writer("rwnd", status.peer_receive_window);
  writer("unackdata", status.unacknowledged_chunks);
  writer("penddata", status.pending_chunks);
  writer("fragmentationPoint", status.fragmentation_point);
  writer("sendQueue", status.send_queue);
}

void write(JsonWriter& writer, const AssociationRecord& record,
           const EndpointRecord* endpoint) {
  writer("id", id_text(record.id));
  writer("endpointId", id_text(record.endpoint));
  if (endpoint != nullptr) writer("endpoint", endpoint->name);
  writer("peer", record.peer);
  writer("role", record.role);
  if (endpoint != nullptr) writer("stack", endpoint->stack);
  writer("stackAssociationId", record.stack_association);
  writer.named("state", "stateName", record.state, association_state_name);
  writer("up", is_up(record.state));
  writer("since", milliseconds_of(record.created));
  if (record.established) {
    writer("established", milliseconds_of(*record.established));
  }
  write_addresses(writer, "localAddresses", "localPort", record.local);
  write_addresses(writer, "remoteAddresses", "remotePort", record.remote);
  writer("inboundStreams", record.inbound_streams);
  writer("outboundStreams", record.outbound_streams);
  Totals totals;
  totals.add(record);
  totals.write(writer);
  writer("wouldBlock", record.would_block);
  writer("restarts", record.restarts);
  writer("shutdownRequested", record.shutdown_requested);
  writer("peerShutdown", record.peer_shutdown);
  writer("abortRequested", record.abort_requested);
  if (record.status) write_status(writer, *record.status);
  writer("statistics", record.statistics);
  writer.key("paths");
  writer.begin_array();
  for (const auto& [address, path] : record.paths) writer.value(path.info);
  writer.end_array();
}

void write(JsonWriter& writer, const LoopStatistics& loop) {
  const std::uint64_t lags = std::accumulate(
      loop.lag_buckets.begin(), loop.lag_buckets.end(), std::uint64_t{0});
  writer("turns", loop.turns);
  writer("busy", milliseconds(loop.busy));
  writer("lag", milliseconds(loop.lag_last));
  if (lags > 0) {
    writer("lagMean", milliseconds(loop.lag_sum) / static_cast<double>(lags));
  }
}

void write(JsonWriter& writer, const JournalStatus& journal) {
  writer("id", journal.id);
  writer("durable", journal.durable);
  writer("queued", journal.queued);
  writer("gaps", journal.gaps);
  writer("lostEvents", journal.lost_events);
  writer("error", journal.error);
}

// The members of the status that come of the table.
class StatusWriter {
 public:
  StatusWriter(const AssociationTable& table, const StatusSelection& selection,
               JsonWriter& writer)
      : table_(table), selection_(selection), writer_(writer) {
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

  void write() {
    object("totals", [&] { write_totals(); });
    array("endpoints", [&] {
      for (const auto& [id, record] : table_.endpoints()) {
        if (allows(selection_.endpoints, record->name)) add(*record);
      }
    });
    std::size_t peers = 0;
    std::size_t associations = 0;
    array("peers", [&] { peers = write_peers(); });
    array("associations", [&] { associations = write_associations(); });
    object("omitted", [&] {
      writer_("peers", peers);
      writer_("associations", associations);
    });
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
  void write_totals() {
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
    writer_("associations", up);
    writer_("alive", associations_.size());
    writer_("pathsFailed", paths_failed);
    writer_("peersDown", peers_down);
    traffic.write(writer_);
  }

  // Return how many were left out.
  std::size_t write_peers() {
    const auto shown = worst(peers_, selection_.limit);
    for (const PeerRecord* record : shown) {
      const auto living = living_.find({record->endpoint, record->peer});
      add(*record, living == living_.end() ? Totals{} : living->second);
    }
    return peers_.size() - shown.size();
  }

  std::size_t write_associations() {
    const auto shown = worst(associations_, selection_.limit);
    for (const AssociationRecord* record : shown) {
      add(*record, table_.endpoint(record->endpoint));
    }
    return associations_.size() - shown.size();
  }

  template <typename Fill>
  void object(const char* name, Fill fill) {
    writer_.key(name);
    writer_.begin_object();
    fill();
    writer_.end_object();
  }

  template <typename Fill>
  void array(const char* name, Fill fill) {
    writer_.key(name);
    writer_.begin_array();
    fill();
    writer_.end_array();
  }

  // An element of the array that is open.
  template <typename... Parts>
  void add(const Parts&... parts) {
    writer_.begin_object();
    lksctp::write(writer_, parts...);
    writer_.end_object();
  }

  const AssociationTable& table_;
  const StatusSelection& selection_;
  // What is selected, in the order of the table, whose records these are.
  std::vector<const AssociationRecord*> associations_;
  std::vector<const PeerRecord*> peers_;
  // Of the living associations of each peer; names of the table.
  std::map<PeerKey, Totals> living_;
  JsonWriter& writer_;
};

void write(JsonWriter& writer, const StatusFacts& facts, EventSeq seq) {
  writer("format", kSnapshotJsonVersion);
  writer("version", facts.version);
  writer("started", milliseconds_of(facts.started));
  writer("seq", seq);
}

}  // namespace

std::string to_json(const StatusFacts& facts, EventSeq seq) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  write(writer, facts, seq);
  writer.end_object();
  writer.finish();
  return text;
}

std::string to_json(const Snapshot& snapshot, const StatusSelection& selection,
                    const StatusFacts& facts) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  write(writer, facts, snapshot.table.seq());
  writer("now", milliseconds_of(snapshot.wall));
  writer("monotonic", milliseconds_of(snapshot.monotonic));
  writer.key("loop");
  writer.begin_object();
  write(writer, snapshot.loop);
  writer.end_object();
  if (snapshot.journal) {
    writer.key("journal");
    writer.begin_object();
    write(writer, *snapshot.journal);
    writer.end_object();
  }
  StatusWriter(snapshot.table, selection, writer).write();
  writer.end_object();
  writer.finish();
  return text;
}

}  // namespace lksctp
