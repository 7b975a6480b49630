// The page that shows a program's associations in a browser, compiled in. It reads
// `status.json` and `events` beside it and nothing else.
#pragma once

#include <string_view>

namespace lksctp {

// Views of literals: a null character follows each.
struct LivePage {
  std::string_view html;          // UTF-8
  std::string_view content_type;  // for Content-Type
  std::string_view policy;        // for Content-Security-Policy
};

// Lives as long as the program. Any thread.
[[nodiscard]] const LivePage& live_page();

}  // namespace lksctp
