// What a scrape is asked for, and what it tells beside the snapshot.
//
// Threads: values; thread-compatible.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "lksctp/metrics/host_counters.h"

namespace lksctp {

// Each level has the series of those before it, too.
enum class MetricsDetail : std::uint8_t { kEndpoint, kAssociation, kPath };

// "endpoint", "association", "path"; nullopt for any other name. Any thread.
[[nodiscard]] std::optional<MetricsDetail> metrics_detail_from_name(
    std::string_view name);

struct MetricsSelection {
  using Names = std::set<std::string, std::less<>>;

  MetricsDetail detail = MetricsDetail::kPath;
  // So many peers have series of their own: configured ones first, then those
  // known longest, so that a newcomer takes nobody's place. The others count in
  // the series of their endpoint and in `sctp_exporter_dropped_peers`.
  std::size_t max_peers = 2000;
  // Streams below this number have series of their own at the detail of
  // associations, the others share `stream="other"`; 0: no stream has any.
  std::uint32_t max_streams = 0;
  // Only these; empty: all.
  Names families;
  Names endpoints;
  Names peers;
};

// Of the scrape before this one: its own is known when it is over.
struct LastScrape {
  std::chrono::nanoseconds duration{};  // from the request to the whole text
  std::uint64_t bytes = 0;              // of the text, not compressed
  std::uint64_t series = 0;
};

// Facts of the process and the host. What is absent has no series.
struct ExporterFacts {
  std::string version;   // of this library
  std::string libevent;  // version of libevent
  std::optional<std::chrono::nanoseconds> uptime;
  std::optional<LastScrape> last;
  std::optional<HostCounters> host;
};

struct Scrape {
  MetricsSelection selection;
  ExporterFacts facts;
};

}  // namespace lksctp
