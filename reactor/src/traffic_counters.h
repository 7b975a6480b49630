// Exact message and byte totals of an association, and which streams changed
// since they were last sampled. Counting a message is two additions and a
// vector index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lksctp/reactor/event.h"

namespace lksctp {

class TrafficCounters {
 public:
  void count_sent(StreamId stream, std::size_t bytes) {
    add(sent_, bytes);
    add(slot(stream).traffic.sent, bytes);
  }
  void count_received(StreamId stream, std::size_t bytes) {
    add(received_, bytes);
    add(slot(stream).traffic.received, bytes);
  }

  [[nodiscard]] bool changed() const { return !changed_.empty(); }

  // The totals with the streams that changed, which are then unchanged.
  TrafficSampled sample() {
    TrafficSampled sampled{.sent = sent_, .received = received_, .streams = {}};
    sampled.streams.reserve(changed_.size());
    for (const StreamId stream : changed_) {
      Slot& changed = streams_[stream.value()];
      changed.changed = false;
      sampled.streams.push_back(changed.traffic);
    }
    changed_.clear();
    return sampled;
  }

 private:
  struct Slot {
    StreamTraffic traffic;
    bool changed = false;
  };

  static void add(Traffic& traffic, std::size_t bytes) {
    ++traffic.messages;
    traffic.bytes += bytes;
  }

  Slot& slot(StreamId stream) {
    if (stream.value() >= streams_.size()) {
      streams_.resize(std::size_t{stream.value()} + 1);
    }
    Slot& used = streams_[stream.value()];
    if (!used.changed) {
      used.changed = true;
      used.traffic.stream = stream;
      changed_.push_back(stream);
    }
    return used;
  }

  Traffic sent_;
  Traffic received_;
  std::vector<Slot> streams_;  // indexed by stream, up to the highest used
  std::vector<StreamId> changed_;
};

}  // namespace lksctp
