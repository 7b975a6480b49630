// Which rows of the table a scrape shows.
#pragma once

#include "lksctp/metrics/scrape.h"
#include "lksctp/metrics/series_row.h"

namespace lksctp {

[[nodiscard]] bool is_selected(const Series& series,
                               const MetricsSelection& selection);

}  // namespace lksctp
