// Compression of answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lksctp {

// As gzip (RFC 1952) at level 1: of a page of metrics a tenth is left, and more
// effort costs three times the time for a tenth less. nullopt without memory.
// Any thread.
[[nodiscard]] std::optional<std::string> gzip(std::string_view bytes);

}  // namespace lksctp
