// Immutable copies of what the reactor knows, for other threads.
//
// Threads: a `Snapshot` is immutable and shared; any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/duration_counts.h"
#include "lksctp/reactor/journal.h"

namespace lksctp {

// What is read of an association when it is sampled.
enum class SampleOperation : std::uint8_t {
  kStatus,
  kPaths,
  kLocalAddresses,
  kStatistics,
};
inline constexpr std::size_t kSampleOperations = 4;

// How the loop is doing. Facts of the process, not of the event log: they are
// not replayed.
struct LoopStatistics {
  // Upper bounds of `lag_buckets`; the last bucket has none. The threshold of the
  // alert SctpReactorLag must be one of them: between two a quantile is a guess.
  static constexpr std::array<std::chrono::nanoseconds, 8> kLagBounds{
      std::chrono::microseconds(100), std::chrono::milliseconds(1),
      std::chrono::milliseconds(5),   std::chrono::milliseconds(10),
      std::chrono::milliseconds(50),  std::chrono::milliseconds(100),
      std::chrono::milliseconds(250), std::chrono::seconds(1)};

  std::uint64_t turns = 0;  // turns of the loop with work of ours
  // Processor time of the thread that runs the loop, while it ran this one.
  std::chrono::nanoseconds busy{};
  // How late the sampling timer ran, each time it ran.
  std::array<std::uint64_t, kLagBounds.size() + 1> lag_buckets{};
  std::chrono::nanoseconds lag_sum{};
  std::chrono::nanoseconds lag_last{};
  // Time of the loop that went into sampling all associations once.
  SamplingDurations sampling_rounds;
  // Reads of the stack that failed, by `SampleOperation`. An association that has
  // just ended is one of the reasons.
  std::array<std::uint64_t, kSampleOperations> sampling_errors{};
};

struct Snapshot {
  MonotonicTime monotonic{};
  WallTime wall{};
  AssociationTable table;
  LoopStatistics loop;
  std::optional<JournalStatus> journal;  // of the one that is attached
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace lksctp
