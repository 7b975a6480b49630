// Text that leaves as JSON or as label values is UTF-8 by definition; what a program or a
// peer gives need not be.
//
// Threads: pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace lksctp {

// Whether all of it is well-formed (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view text);

// The text with every byte that is not part of a well-formed sequence replaced by
// U+FFFD: one such byte would make a reader refuse all of it.
[[nodiscard]] std::string to_utf8(std::string_view text);

}  // namespace lksctp
