// What one would write without a table, for comparison only.
#pragma once

#include <span>
#include <tl/expected.hpp>

#include "lksctp/decoder/decode.h"

namespace lksctp {

// Gives what `decode` gives.
tl::expected<Notification, DecodeError> decode_by_hand(
    std::span<const std::byte> bytes, Abi abi, const StreamCounts* known);

}  // namespace lksctp
