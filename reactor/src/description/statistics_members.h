// The counters of `statistics_rows` by the names they have in JSON and JavaScript.
//
// Threads: immutable.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lksctp/reactor/statistics.h"

namespace lksctp {

struct StatisticsMember {
  std::string_view name;  // "packetsSent"
  std::uint64_t AssociationStatistics::*member = nullptr;
};

[[nodiscard]] std::span<const StatisticsMember> statistics_members();

}  // namespace lksctp
