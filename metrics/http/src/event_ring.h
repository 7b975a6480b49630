// The latest events of the log, for readers that come and go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/event_json.h"
#include "selections.h"

namespace lksctp {

using EventPointer = std::shared_ptr<const EventWithoutUserData>;

// Keeps so many facts at most, and so many samples apart from them, which would push
// the facts out; each with the names of its endpoint and peer: an event has their ids
// only. What users said is not among it: who reads this may
// not be who may read that. HTTP thread only.
class EventRing {
 public:
  struct Entry {
    EventPointer kept;
    std::string endpoint;  // names; empty when they are not known
    std::string peer;
    // In the form of server-sent events; made when it is first wanted.
    mutable std::string text;

    [[nodiscard]] const Event& event() const { return kept->event; }
    [[nodiscard]] bool matches(const EventSelection& selection) const;
    [[nodiscard]] const std::string& sent_form() const;
  };

  explicit EventRing(std::size_t capacity) : capacity_(capacity) {}

  // In the order of the log; one that is there already is left out.
  void add(EventPointer kept);
  // Names of what began before the first event that was added. Only the first
  // call counts.
  void learn(const AssociationTable& table);

  // The first event after `seq`; null when there is none yet. Valid until the
  // next `add`.
  [[nodiscard]] const Entry* after(std::uint64_t seq) const;
  // The last event that was added; 0 before the first.
  [[nodiscard]] EventSeq last() const { return last_; }
  // The last event that may have been a fact and is not kept: after it all facts
  // are.
  [[nodiscard]] EventSeq last_lost_fact() const { return last_lost_fact_; }
  // How many endpoints and associations it knows the names of.
  [[nodiscard]] std::size_t names() const {
    return endpoints_.size() + associations_.size();
  }

 private:
  void resolve(Entry& entry) const;

  struct Endpoint {
    std::string name;
    bool open = true;
    std::size_t associations = 0;  // alive
  };
  struct Association {
    EndpointId endpoint{};
    std::string peer;
  };

  void begin(std::uint64_t association, EndpointId endpoint,
             const std::string& peer);
  void end(std::uint64_t association);
  // Ids are not used again. A closed endpoint's associations may live on, and
  // each of their events names the endpoint.
  void release(std::uint64_t endpoint);

  const std::size_t capacity_;
  std::deque<Entry> facts_;
  std::deque<Entry> samples_;
  EventSeq last_{};
  EventSeq last_lost_fact_{};
  bool learned_ = false;
  // Of what lives.
  std::unordered_map<std::uint64_t, Endpoint> endpoints_;
  std::unordered_map<std::uint64_t, Association> associations_;
};

}  // namespace lksctp
