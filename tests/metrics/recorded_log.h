// The life of a small signalling node, as its event log recorded it.
#pragma once

#include <string>
#include <vector>

#include "lksctp/metrics/text.h"
#include "lksctp/reactor/event.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp::test {

// Two endpoints; peers that restart, lose a path, are refused, share a name or an
// IP address, are expected and never come, or have names that need escaping; one
// that reconnects, whose stack counts.
[[nodiscard]] std::vector<Event> recorded_log();

// The table after it, with facts of a loop beside it.
[[nodiscard]] Snapshot recorded_snapshot();

// Streams, and facts of a process and of a host with kernel SCTP.
[[nodiscard]] Scrape recorded_scrape();

// The whole page.
[[nodiscard]] std::string recorded_text(
    TextFormat format = TextFormat::kPrometheus);

}  // namespace lksctp::test
