// Two ends as two processes, and what they did together.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "kernel/end.h"

namespace lksctp {

enum class Mode : std::uint8_t { kOneWay, kPingPong };

struct RunOrders {
  Program program{};
  Mode mode{};
  std::size_t size = 0;
  std::uint64_t count = 0;  // see EndOrders
  std::chrono::milliseconds time{};
  Buffers buffers;
};

struct RunResult {
  std::string error;  // empty: everything sent arrived as it was sent
  // Messages arrived, or round trips.
  double per_second = 0;
  // Per message or round trip; index 0 the listening end.
  double cpu_microseconds[2] = {};
  double allocations[2] = {};
  Buffers buffers;  // of the reactor, the sending end's and the receiving end's
  // Timers that expired in the kernel: something had to wait for them.
  std::uint64_t retransmission_timeouts = 0;
  std::uint64_t delayed_sacks = 0;
  std::uint64_t fast_retransmissions = 0;
  [[nodiscard]] std::uint64_t stalls() const {
    return retransmission_timeouts + delayed_sacks;
  }
};

[[nodiscard]] RunResult run_pair(const RunOrders& orders);

struct ManyResult {
  std::string error;
  double per_second = 0;      // accepted
  double heap_bytes[2] = {};  // per association; index 0 the listening end
};

// Makes `count` associations; then nothing happens for `idle`, and the heap is
// measured.
[[nodiscard]] ManyResult run_many(Program accepting, Program connecting,
                                  std::uint64_t count,
                                  std::chrono::milliseconds idle);

// How often an end called the system, by the name of the call.
using SystemCalls = std::map<std::string, std::uint64_t>;
struct CountedCalls {
  std::string error;
  // Per message or round trip; index 0 the listening end.
  double per_message[2] = {};
  std::map<std::string, double> by_name[2];
};

// Runs the pair under strace, with one message and with `orders.count`: the
// difference is what messages cost, without start and end.
[[nodiscard]] CountedCalls count_system_calls(RunOrders orders);

}  // namespace lksctp
