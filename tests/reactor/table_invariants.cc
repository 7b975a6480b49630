#include "table_invariants.h"

#include <cstdint>
#include <map>
#include <utility>

namespace lksctp::test {
namespace {

struct Counts {
  std::uint64_t alive = 0;
  std::uint64_t up = 0;
};

class Checker {
 public:
  explicit Checker(const AssociationTable& table) : table_(table) {}

  std::vector<std::string> run() {
    for (const auto& [id, record] : table_.associations()) check(id, *record);
    for (const auto& [id, record] : table_.endpoints()) check(id, *record);
    for (const auto& [key, record] : table_.peers()) check(key, *record);
    for (const auto& [name, record] : table_.totals()) check(name, *record);
    expect(endpoints_seen_ == table_.endpoints().size() &&
               peers_seen_ == table_.peers().size(),
           "an endpoint or a peer without totals");
    std::uint64_t events = 0;
    for (const std::uint64_t count : table_.events()) events += count;
    expect(events == table_.seq().value(), "an event of no kind");
    for (const auto& [label, count] : reported_) {
      const auto total = table_.notifications().find(label);
      expect(total != table_.notifications().end() && total->second >= count,
             "more notifications of peers than in all: " + label);
    }
    return std::move(broken_);
  }

 private:
  void expect(bool holds, std::string sentence) {
    if (!holds) broken_.push_back(std::move(sentence));
  }

  void check(AssociationId id, const AssociationRecord& record) {
    const std::string who = "association " + std::to_string(id.value());
    expect(record.id == id, who + " has another id");
    expect(is_up(record.state) == record.established.has_value(),
           who + ": established without being up, or up without it");
    expect(record.established.has_value() == record.established_at.has_value(),
           who + " was established by one clock only");
    expect(record.unsent_messages <= record.failed_messages,
           who + ": more unsent messages than failed ones");
    for (const auto& [ppid, traffic] : record.ppids) {
      expect(ppid == named_ppid(ppid), who + " keeps PPIDs without a name");
    }
    std::size_t primaries = 0;
    for (const auto& [address, path] : record.paths) {
      primaries += path.info.primary ? 1 : 0;
      expect(path.info.address == address,
             who + ": path under another address");
    }
    expect(primaries <= 1, who + " has several primary paths");
    const EndpointRecord* endpoint = table_.endpoint(record.endpoint);
    expect(endpoint != nullptr, who + " has no endpoint");
    if (endpoint == nullptr) return;
    expect(table_.peer(endpoint->name, record.peer) != nullptr,
           who + " has no peer");
    for (Counts* counts : {&endpoints_[record.endpoint],
                           &peers_[{endpoint->name, record.peer}]}) {
      ++counts->alive;
      counts->up += is_up(record.state) ? 1 : 0;
    }
  }

  void check(EndpointId id, const EndpointRecord& record) {
    const std::string who = "endpoint " + std::to_string(id.value());
    const Counts counts = endpoints_[id];
    expect(record.id == id, who + " has another id");
    expect(record.associations == counts.up, who + " counts wrong what is up");
    expect(record.alive == counts.alive, who + " counts wrong what is alive");
    expect(record.open || record.alive > 0, who + " stays after its end");
  }

  void check(const AssociationTable::Peers::key_type& key,
             const PeerRecord& record) {
    const std::string who = "peer " + key.second + " at " + key.first;
    const Counts counts = peers_[key];
    expect(record.endpoint == key.first && record.peer == key.second,
           who + " has another name");
    expect(record.established == counts.up, who + " counts wrong what is up");
    expect(record.associations == counts.alive,
           who + " counts wrong what is alive");
    expect(!record.lost_at || record.established == 0,
           who + " is up and lost at once");
    expect(record.path_changes.size() <= kMaxPeerAddresses + 1,
           who + " grows without bound");
    for (const auto& [state, count] : record.changes) {
      expect(
          state <= AssociationChangeState::kCantStart || state == kOtherChange,
          who + " keeps changes by numbers without a name");
    }
    for (const auto& [label, count] : record.notifications) {
      reported_[label] += count;
    }
  }

  void check(const std::string& name, const EndpointTotals& record) {
    std::size_t endpoints = 0;
    for (const auto& [id, endpoint] : table_.endpoints()) {
      endpoints += endpoint->name == name ? 1 : 0;
    }
    std::size_t peers = 0;
    for (const auto& [key, peer] : table_.peers()) {
      peers += key.first == name ? 1 : 0;
    }
    expect(record.endpoints == endpoints, name + " counts endpoints wrong");
    expect(record.peers == peers, name + " counts peers wrong");
    expect(endpoints + peers > 0, name + " stays after its end");
    endpoints_seen_ += endpoints;
    peers_seen_ += peers;
  }

  const AssociationTable& table_;
  std::vector<std::string> broken_;
  std::map<EndpointId, Counts> endpoints_;
  std::map<AssociationTable::Peers::key_type, Counts> peers_;
  std::map<std::string, std::uint64_t> reported_;
  std::size_t endpoints_seen_ = 0;
  std::size_t peers_seen_ = 0;
};

}  // namespace

std::vector<std::string> broken_invariants(const AssociationTable& table) {
  return Checker(table).run();
}

}  // namespace lksctp::test
