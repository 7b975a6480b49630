// Association tables as text. Maps are arrays of pairs, so that any key can be one.
#include <map>
#include <set>
#include <utility>

#include "../description/record_members.h"
#include "../json/json_reader.h"
#include "../json/json_writer.h"
#include "codec.h"
#include "lksctp/reactor/event_json.h"
#include "upcast.h"

namespace lksctp {
namespace {

// By name: the numbers of kinds change when there are more of them.
using KindCounts = std::map<std::string, std::uint64_t, std::less<>>;

KindCounts by_name(const AssociationTable::EventCounts& counts) {
  KindCounts named;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    named.emplace(event_kind_name(static_cast<EventKind>(i)), counts[i]);
  }
  return named;
}

// A table as it is read: what keeps it consistent is not known yet.
struct TableParts {
  template <typename Map>
  using Entries =
      std::vector<std::pair<typename Map::key_type, typename Map::Record>>;

  EventSeq seq{};
  Entries<AssociationTable::Associations> associations;
  Entries<AssociationTable::Endpoints> endpoints;
  Entries<AssociationTable::Peers> peers;
  Entries<AssociationTable::Totals> totals;
  KindCounts notifications;
  KindCounts events;
};

template <Of<TableParts> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("seq", value.seq);
  visitor("associations", value.associations);
  visitor("endpoints", value.endpoints);
  visitor("peers", value.peers);
  visitor("totals", value.totals);
  visitor("notifications", value.notifications);
  visitor("events", value.events);
}

}  // namespace

// Makes tables of parts.
class AssociationTable::Restored {
 public:
  // What is wrong; empty when the table is whole.
  std::string fill(TableParts parts) {
    table.seq_ = parts.seq;
    table.notifications_ = std::move(parts.notifications);
    for (const auto& [name, count] : parts.events) {
      const auto kind = event_kind_from_name(name);
      if (!kind) return "events of kind " + name + " are not known here";
      table.events_[static_cast<std::size_t>(*kind)] = count;
    }
    const bool unique = insert(table.associations_, parts.associations) &&
                        insert(table.endpoints_, parts.endpoints) &&
                        insert(table.peers_, parts.peers) &&
                        insert(table.totals_, parts.totals);
    if (!unique) return "two records have one key";
    return inconsistency();
  }

  AssociationTable table;

 private:
  struct Counts {
    std::uint64_t alive = 0;
    std::uint64_t up = 0;
  };
  struct Names {
    std::uint64_t endpoints = 0;
    std::uint64_t peers = 0;
  };

  template <typename Map, typename Entries>
  bool insert(Map& map, Entries& entries) {
    for (auto& [key, record] : entries) {
      if (map.contains(key)) return false;
      map.insert(key, std::move(record), table.ownership_);
    }
    return true;
  }

  // What the fold relies on: the records that others name are there, and counted.
  [[nodiscard]] std::string inconsistency() const {
    std::map<EndpointId, Counts> endpoints;
    std::map<Peers::key_type, Counts> peers;
    std::map<std::string, Names> names;
    for (const auto& [id, record] : table.associations_) {
      const bool up = is_up(record->state);
      const EndpointRecord* endpoint = table.endpoint(record->endpoint);
      if (record->id != id || endpoint == nullptr ||
          table.peer(endpoint->name, record->peer) == nullptr ||
          up != record->established.has_value() ||
          up != record->established_at.has_value()) {
        return "association " + std::to_string(id.value()) +
               " does not belong to the rest";
      }
      for (Counts* counts : {&endpoints[record->endpoint],
                             &peers[{endpoint->name, record->peer}]}) {
        ++counts->alive;
        counts->up += up ? 1 : 0;
      }
    }
    for (const auto& [id, record] : table.endpoints_) {
      const Counts& counts = endpoints[id];
      if (record->id != id || record->alive != counts.alive ||
          record->associations != counts.up) {
        return "endpoint " + std::to_string(id.value()) +
               " does not belong to the rest";
      }
      ++names[record->name].endpoints;
    }
    for (const auto& [key, record] : table.peers_) {
      const Counts& counts = peers[key];
      if (record->endpoint != key.first || record->peer != key.second ||
          record->associations != counts.alive ||
          record->established != counts.up) {
        return "peer " + key.second + " does not belong to the rest";
      }
      ++names[key.first].peers;
    }
    if (names.size() != table.totals_.size()) return "totals of nothing";
    for (const auto& [name, record] : table.totals_) {
      const auto found = names.find(name);
      if (found == names.end() ||
          record->endpoints != found->second.endpoints ||
          record->peers != found->second.peers) {
        return "totals of " + name + " do not belong to the rest";
      }
    }
    return {};
  }
};

std::string write_state(const AssociationTable& table) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  writer("seq", table.seq());
  writer("associations", table.associations());
  writer("endpoints", table.endpoints());
  writer("peers", table.peers());
  writer("totals", table.totals());
  writer("notifications", table.notifications());
  writer("events", by_name(table.events()));
  writer.end_object();
  writer.finish();
  return text;
}

Result<AssociationTable> read_state(int version, std::string_view text) {
  const auto refuse = [&](std::string_view what) {
    return tl::unexpected(Error::invalid_argument("state, version " +
                                                  std::to_string(version) +
                                                  ": " + std::string(what)));
  };
  if (version < 1 || version > kEventJsonVersion) {
    return refuse("versions 1 to " + std::to_string(kEventJsonVersion) +
                  " are known here");
  }
  JsonDocument document;
  if (const auto parsed = document.parse(text); !parsed) {
    return refuse(parsed.error().message);
  }
  upcast(body_upcasters(), kStateKind, version, kEventJsonVersion,
         document.document());
  TableParts parts;
  JsonProblem problem;
  JsonReader reader(document.root(), problem);
  members(parts, reader);
  if (problem.found()) {
    return refuse("'" + problem.where + "' should be " + problem.wanted);
  }
  AssociationTable::Restored restored;
  const std::string wrong = restored.fill(std::move(parts));
  if (!wrong.empty()) return refuse(wrong);
  return std::move(restored.table);
}

}  // namespace lksctp
