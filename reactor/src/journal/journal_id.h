// Journal ids: UUIDs of version 7 (RFC 9562 §5.7), which sort by the time of their making.
//
// Threads: thread-safe.
#pragma once

#include <string>

#include "lksctp/reactor/error.h"
#include "lksctp/reactor/types.h"

namespace lksctp {

// In lower case: "0190c9e5-…". Errors: kSystem, when the system has no random bytes.
[[nodiscard]] Result<std::string> make_journal_id(WallTime made);

}  // namespace lksctp
