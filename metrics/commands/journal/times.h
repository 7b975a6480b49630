// Times as people write and read them.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "lksctp/reactor/types.h"

namespace lksctp::journal_command {

// "2026-11-23T14:03:07.120Z".
[[nodiscard]] std::string to_text(WallTime time);
// "120 ms", "3.2 s", "4 min", "5 h", "6 d".
[[nodiscard]] std::string to_text(std::chrono::nanoseconds span);

// ISO 8601 with `Z` or `+01:00`, or of this place without; a day; `-10m` (`s`, `m`, `h`,
// `d`) before `now`; `@` and seconds since 1970; `now`. Nullopt for anything else.
[[nodiscard]] std::optional<WallTime> parse_time(const std::string& text,
                                                 WallTime now);

inline constexpr const char* kTimeForms =
    "2026-11-23T14:03:07.5Z (UTC), 2026-11-23 14:03 (local), -10m, @1764000000 "
    "or now";

}  // namespace lksctp::journal_command
