// Snapshots as text that Prometheus and its like read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lksctp/metrics/scrape.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp {

enum class TextFormat : std::uint8_t {
  kPrometheus,   // text exposition format 0.0.4
  kOpenMetrics,  // OpenMetrics 1.0.0: units, `# EOF`
};

// For the Content-Type of a response. Any thread.
[[nodiscard]] const char* content_type(TextFormat format);

struct MetricsText {
  std::string text;
  std::uint64_t series = 0;  // samples: a histogram is several
};

// All families that `scrape` selects, in the order of the table in `series.h`,
// and in each the metrics in the order of their labels: equal arguments give
// equal text. Names and label values are the same in both formats, but for the
// number in `le`, which OpenMetrics wants with a decimal point. `now` is what the
// snapshot's age is measured against. Any thread.
[[nodiscard]] MetricsText to_text(const Snapshot& snapshot, MonotonicTime now,
                                  const Scrape& scrape, TextFormat format);

// Without facts of the process, in the format of Prometheus.
[[nodiscard]] std::string to_text(const Snapshot& snapshot, MonotonicTime now);

// As of the moment the snapshot was taken: its age is 0.
[[nodiscard]] std::string to_text(const Snapshot& snapshot);

}  // namespace lksctp
