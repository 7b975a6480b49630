#include "event_ring.h"

#include <algorithm>
#include <utility>

namespace lksctp {
namespace {

bool allows(const EventSelection::Names& names, const std::string& name) {
  return names.empty() || names.contains(name);
}

std::uint64_t seq_of(const EventRing::Entry& entry) {
  return entry.event().seq.value();
}

const EventRing::Entry* first_after(const std::deque<EventRing::Entry>& entries,
                                    std::uint64_t seq) {
  const auto found =
      std::upper_bound(entries.begin(), entries.end(), seq,
                       [](std::uint64_t wanted, const EventRing::Entry& entry) {
                         return wanted < seq_of(entry);
                       });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

bool EventRing::Entry::matches(const EventSelection& selection) const {
  return selection.kinds.matches(event()) &&
         allows(selection.endpoints, endpoint) &&
         allows(selection.peers, peer) &&
         (selection.associations.empty() ||
          selection.associations.contains(
              std::to_string(event().association.value())));
}

const std::string& EventRing::Entry::sent_form() const {
  if (text.empty()) {
    text = "id: " + std::to_string(event().seq.value()) +
           "\nevent: " + std::string(event_kind_name(event().body)) +
           "\ndata: " + to_json(*kept) + "\n\n";
  }
  return text;
}

void EventRing::add(EventPointer kept) {
  const Event& event = kept->event;
  if (event.seq <= last_) return;
  if (event.seq.value() != last_.value() + 1) {
    last_lost_fact_ = EventSeq(event.seq.value() - 1);
  }
  last_ = event.seq;
  const std::uint64_t endpoint = event.endpoint.value();
  const std::uint64_t association = event.association.value();
  if (const auto* opened = std::get_if<EndpointOpened>(&event.body)) {
    endpoints_[endpoint] = {.name = opened->name};
  } else if (const auto* asked = std::get_if<ConnectRequested>(&event.body)) {
    begin(association, event.endpoint, asked->peer);
  } else if (const auto* came = std::get_if<AssociationAccepted>(&event.body)) {
    begin(association, event.endpoint, came->peer);
  }
  Entry entry{.kept = std::move(kept)};
  resolve(entry);
  if (std::holds_alternative<AssociationClosed>(entry.event().body)) {
    end(association);
  } else if (std::holds_alternative<EndpointClosed>(entry.event().body)) {
    const auto closed = endpoints_.find(endpoint);
    if (closed != endpoints_.end()) closed->second.open = false;
    release(endpoint);
  }
  const bool sample = is_sample(kind_of(event.body));
  std::deque<Entry>& entries = sample ? samples_ : facts_;
  entries.push_back(std::move(entry));
  if (entries.size() <= capacity_) return;
  if (!sample) {
    last_lost_fact_ = std::max(last_lost_fact_, entries.front().event().seq);
  }
  entries.pop_front();
}

void EventRing::begin(std::uint64_t association, EndpointId endpoint,
                      const std::string& peer) {
  const bool is_new =
      associations_.emplace(association, Association{endpoint, peer}).second;
  const auto of = endpoints_.find(endpoint.value());
  if (is_new && of != endpoints_.end()) ++of->second.associations;
}

void EventRing::end(std::uint64_t association) {
  const auto ended = associations_.find(association);
  if (ended == associations_.end()) return;
  const std::uint64_t endpoint = ended->second.endpoint.value();
  associations_.erase(ended);
  const auto of = endpoints_.find(endpoint);
  if (of != endpoints_.end()) --of->second.associations;
  release(endpoint);
}

void EventRing::release(std::uint64_t endpoint) {
  const auto found = endpoints_.find(endpoint);
  if (found != endpoints_.end() && !found->second.open &&
      found->second.associations == 0) {
    endpoints_.erase(found);
  }
}

void EventRing::learn(const AssociationTable& table) {
  if (std::exchange(learned_, true)) return;
  for (const auto& [id, record] : table.endpoints()) {
    endpoints_.emplace(id.value(),
                       Endpoint{.name = record->name, .open = record->open});
  }
  for (const auto& [id, record] : table.associations()) {
    associations_.emplace(id.value(),
                          Association{record->endpoint, record->peer});
  }
  // Some of the associations were there before their endpoint had a name.
  for (auto& [id, endpoint] : endpoints_) endpoint.associations = 0;
  for (const auto& [id, association] : associations_) {
    const auto of = endpoints_.find(association.endpoint.value());
    if (of != endpoints_.end()) ++of->second.associations;
  }
  for (Entry& entry : facts_) resolve(entry);
  for (Entry& entry : samples_) resolve(entry);
}

void EventRing::resolve(Entry& entry) const {
  std::uint64_t endpoint = entry.event().endpoint.value();
  const auto association =
      associations_.find(entry.event().association.value());
  if (association != associations_.end()) {
    entry.peer = association->second.peer;
    if (endpoint == 0) endpoint = association->second.endpoint.value();
  }
  const auto name = endpoints_.find(endpoint);
  if (name != endpoints_.end()) entry.endpoint = name->second.name;
  // Facts of a peer that has no association.
  if (const auto* expected = std::get_if<PeerExpected>(&entry.event().body)) {
    entry.endpoint = expected->endpoint;
    entry.peer = expected->peer;
  } else if (const auto* forgotten =
                 std::get_if<PeerForgotten>(&entry.event().body)) {
    entry.endpoint = forgotten->endpoint;
    entry.peer = forgotten->peer;
  }
}

const EventRing::Entry* EventRing::after(std::uint64_t seq) const {
  const Entry* fact = first_after(facts_, seq);
  const Entry* sample = first_after(samples_, seq);
  if (fact == nullptr || sample == nullptr) {
    return fact != nullptr ? fact : sample;
  }
  return seq_of(*fact) < seq_of(*sample) ? fact : sample;
}

}  // namespace lksctp
