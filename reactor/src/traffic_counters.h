// Exact message and byte totals of an association, and which streams and PPIDs
// changed since they were last sampled. Counting a message is three additions, a
// vector index, and a comparison with the PPID of the message before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "lksctp/reactor/event.h"

namespace lksctp {

class TrafficCounters {
 public:
  void count_sent(StreamId stream, Ppid ppid, std::size_t bytes) {
    add(sent_, bytes);
    add(slot(stream).traffic.sent, bytes);
    add(protocol(ppid).traffic.sent, bytes);
  }
  void count_received(StreamId stream, Ppid ppid, std::size_t bytes) {
    add(received_, bytes);
    add(slot(stream).traffic.received, bytes);
    add(protocol(ppid).traffic.received, bytes);
  }
  void count_would_block() {
    ++would_block_;
    blocked_ = true;
  }

  [[nodiscard]] bool changed() const { return blocked_ || !changed_.empty(); }

  // The totals with the streams and PPIDs that changed, which are then unchanged.
  TrafficSampled sample() {
    TrafficSampled sampled{.sent = sent_,
                           .received = received_,
                           .streams = {},
                           .ppids = {},
                           .would_block = would_block_};
    blocked_ = false;
    sampled.streams.reserve(changed_.size());
    for (const StreamId stream : changed_) {
      Slot& changed = streams_[stream.value()];
      changed.changed = false;
      sampled.streams.push_back(changed.traffic);
    }
    changed_.clear();
    for (Protocol& one : protocols_) {
      if (std::exchange(one.changed, false)) {
        sampled.ppids.push_back(one.traffic);
      }
    }
    return sampled;
  }

 private:
  struct Slot {
    StreamTraffic traffic;
    bool changed = false;
  };

  struct Protocol {
    PpidTraffic traffic;
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

  Protocol& protocol(Ppid ppid) {
    if (ppid != last_ppid_ || protocols_.empty()) find_protocol(ppid);
    Protocol& used = protocols_[last_protocol_];
    used.changed = true;
    return used;
  }

  void find_protocol(Ppid ppid) {
    const Ppid named = named_ppid(ppid);
    const auto found = std::ranges::find_if(
        protocols_,
        [&](const Protocol& one) { return one.traffic.ppid == named; });
    last_ppid_ = ppid;
    last_protocol_ = static_cast<std::size_t>(found - protocols_.begin());
    if (found == protocols_.end()) {
      protocols_.push_back({.traffic = {.ppid = named}});
    }
  }

  Traffic sent_;
  Traffic received_;
  std::vector<Slot> streams_;  // indexed by stream, up to the highest used
  std::vector<StreamId> changed_;
  std::vector<Protocol> protocols_;  // as many as `ppid_rows` and one, at most
  Ppid last_ppid_{};                 // of the latest message …
  std::size_t last_protocol_ = 0;    // … and where it is counted
  std::uint64_t would_block_ = 0;
  bool blocked_ = false;  // since they were last sampled
};

}  // namespace lksctp
