// OpenMetrics 1.0.0, read back by its own rules.
#pragma once

#include <string>

#include "exposition.h"

namespace lksctp::test {

// Everything the specification says a text MUST be, as far as counters, gauges
// and histograms go: metadata before samples, one family at a time, families
// and samples named by their type, units in names, labels quoted and unique,
// numbers canonical in `le`, buckets that rise to `+Inf` and to `_count`, and
// `# EOF` at the end. Families are under the names they have there.
[[nodiscard]] Exposition parse_openmetrics(const std::string& text);

}  // namespace lksctp::test
