// Durations counted by size, for histograms.
//
// Threads: values; thread-compatible.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "lksctp/reactor/types.h"

namespace lksctp {

// How many durations were at most as long as each of `kUpperBounds`, an array of
// milliseconds in rising order; the last bucket has no bound.
template <const auto& kUpperBounds>
struct DurationCounts {
  static constexpr const auto& kBounds = kUpperBounds;

  std::array<std::uint64_t, kUpperBounds.size() + 1> buckets{};
  std::chrono::nanoseconds sum{};

  // What passed between two times. Less than nothing counts as 0, since clocks of two
  // processes do not agree; times that were read from a file may be any.
  void add(MonotonicTime from, MonotonicTime to) {
    std::int64_t passed = 0;
    if (__builtin_sub_overflow(to.time_since_epoch().count(),
                               from.time_since_epoch().count(), &passed)) {
      passed = to < from ? 0 : std::numeric_limits<std::int64_t>::max();
    }
    add(std::chrono::nanoseconds(passed));
  }

  // A negative duration counts as 0. The sum stays at the largest there is.
  void add(std::chrono::nanoseconds duration) {
    duration = std::max(duration, std::chrono::nanoseconds(0));
    const auto bound =
        std::lower_bound(kUpperBounds.begin(), kUpperBounds.end(), duration);
    ++buckets[static_cast<std::size_t>(bound - kUpperBounds.begin())];
    sum = duration > std::chrono::nanoseconds::max() - sum
              ? std::chrono::nanoseconds::max()
              : sum + duration;
  }

  friend bool operator==(const DurationCounts&,
                         const DurationCounts&) = default;
};

namespace duration_bounds {

using std::chrono::milliseconds;

// A round trip or two, up to the default time limit of a connection attempt.
inline constexpr std::array kSetup{milliseconds(10),     milliseconds(50),
                                   milliseconds(100),    milliseconds(250),
                                   milliseconds(500),    milliseconds(1000),
                                   milliseconds(2500),   milliseconds(5000),
                                   milliseconds(10'000), milliseconds(30'000)};

// From a restart that nobody notices to an hour.
inline constexpr std::array kOutage{
    milliseconds(100),     milliseconds(1000),     milliseconds(5000),
    milliseconds(15'000),  milliseconds(60'000),   milliseconds(300'000),
    milliseconds(900'000), milliseconds(3'600'000)};

// From a second to thirty days.
inline constexpr std::array kLifetime{
    milliseconds(1000),         milliseconds(10'000),
    milliseconds(60'000),       milliseconds(600'000),
    milliseconds(3'600'000),    milliseconds(21'600'000),
    milliseconds(86'400'000),   milliseconds(604'800'000),
    milliseconds(2'592'000'000)};

// From one association to many thousands.
inline constexpr std::array kSampling{
    milliseconds(1),  milliseconds(5),   milliseconds(10),  milliseconds(25),
    milliseconds(50), milliseconds(100), milliseconds(250), milliseconds(1000)};

}  // namespace duration_bounds

using SetupDurations = DurationCounts<duration_bounds::kSetup>;
using OutageDurations = DurationCounts<duration_bounds::kOutage>;
using LifetimeDurations = DurationCounts<duration_bounds::kLifetime>;
using SamplingDurations = DurationCounts<duration_bounds::kSampling>;

}  // namespace lksctp
