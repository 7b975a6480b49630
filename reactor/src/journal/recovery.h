// What the journals before this one say when one begins.
//
// Threads: thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "lksctp/reactor/event.h"
#include "schema.h"

namespace lksctp {

// Of the newest of the parts that has something in it, when its writer ended without closing it: `journal` is empty
// and `last` 0 when it cannot be read. The part stays as it is. To be called before
// anything else opens it: SQLite tells nobody what it leaves out.
[[nodiscard]] std::optional<LogRecovered> recovered_from(
    const std::vector<PartFile>& parts);

}  // namespace lksctp
