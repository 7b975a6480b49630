// What the reactor does on a period: sampling of status and paths in slices,
// peers to forget, loop lag.
//
// Threads: loop thread only.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "lksctp/reactor/types.h"
#include "loop.h"

namespace lksctp {

class ReactorImpl;

class Housekeeping {
 public:
  explicit Housekeeping(ReactorImpl& reactor);

  // Starts the period when there is something to look after; it stops by
  // itself.
  void wake();
  // A dynamic peer has lost its last association now.
  void peer_gone(std::string endpoint, std::string peer);

 private:
  void tick();
  void measure_lag(MonotonicTime now);
  void sample_slice(std::chrono::nanoseconds elapsed);
  void forget_peers(MonotonicTime now);

  using Peer = std::pair<std::string, std::string>;  // endpoint and peer name

  ReactorImpl& reactor_;
  std::unique_ptr<LoopTimer> timer_;
  bool running_ = false;
  MonotonicTime due_{};
  MonotonicTime last_{};
  AssociationId next_{};  // first association of the next slice
  double owed_ = 0;       // associations due for sampling, with the fraction
  std::chrono::nanoseconds round_{};  // spent in this round of sampling so far
  // When each peer was last seen to go; and who to look at next, once each.
  std::map<Peer, MonotonicTime> gone_;
  std::deque<std::pair<MonotonicTime, Peer>> goings_;
};

}  // namespace lksctp
