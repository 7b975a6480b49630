// The words that stand in labels, and the kernel counters behind host series.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "lksctp/metrics/series.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp {

inline constexpr std::array<std::pair<AssociationChangeState, const char*>, 5>
    kChangeNames{{
        {AssociationChangeState::kCommUp, "comm_up"},
        {AssociationChangeState::kCommLost, "comm_lost"},
        {AssociationChangeState::kRestart, "restart"},
        {AssociationChangeState::kShutdownComplete, "shutdown_complete"},
        {AssociationChangeState::kCantStart, "cant_start"},
    }};

// By PeerAddressState; the last counts values without a name.
inline constexpr std::array<const char*, std::tuple_size_v<PathChangeCounts>>
    kPathChangeNames{
        "available", "unreachable",        "removed", "added", "made_primary",
        "confirmed", "potentially_failed", "other"};

inline constexpr std::array kCloseReasons{
    CloseReason::kShutdownLocal, CloseReason::kShutdownRemote,
    CloseReason::kAbortLocal,    CloseReason::kAbortRemote,
    CloseReason::kTimeout,       CloseReason::kRefused,
    CloseReason::kError};

[[nodiscard]] std::string_view role_label(EndpointRole role);

// "stale_cookie" …, "other" for a cause without a name.
[[nodiscard]] std::string cause_label(CauseCode cause);

// By SampleOperation.
inline constexpr std::array<const char*, kSampleOperations>
    kSampleOperationNames{"status", "paths", "local_addresses", "statistics"};

// "m3ua" …, "other" for a PPID without a name.
[[nodiscard]] std::string_view protocol_label(Ppid ppid);

// What a map of counts has under a key, 0 when there is nothing.
template <typename Map, typename Key>
std::uint64_t count_of(const Map& counts, const Key& key) {
  const auto found = counts.find(key);
  return found != counts.end() ? found->second : 0;
}

// A sample of an association's series, and the counter of the stack it shows.
struct StatisticsSample {
  SeriesId series{};
  std::uint64_t AssociationStatistics::*member = nullptr;
  const char* label = "";  // behind endpoint and peer, where the series has one
};

// Those of one series.
[[nodiscard]] std::span<const StatisticsSample> statistics_samples(
    SeriesId series);

// A sample of a host series and the kernel's counter it shows.
struct HostSample {
  SeriesId series{};
  const char* counter = "";
  std::array<const char*, 2> labels{};  // as many as the series has
};

[[nodiscard]] std::span<const HostSample> host_samples();

}  // namespace lksctp
