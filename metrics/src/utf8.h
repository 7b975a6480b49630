// Label values are UTF-8 by definition; names given by a program need not be.
#pragma once

#include <string>
#include <string_view>

namespace lksctp {

// The text with every byte that is not part of a well-formed UTF-8 sequence
// (RFC 3629) replaced by U+FFFD: one such byte would make Prometheus refuse the
// whole scrape.
[[nodiscard]] std::string to_utf8(std::string_view text);

}  // namespace lksctp
