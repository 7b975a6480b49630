// docs/metrics.md, as the table of series gives it.
#pragma once

#include <string>

namespace lksctp::test {

[[nodiscard]] std::string series_page();

}  // namespace lksctp::test
