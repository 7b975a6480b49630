// The readable half of `to_string(const Event&)`.
#pragma once

#include <string>

#include "lksctp/reactor/event.h"

namespace lksctp {

// What the body says, without kind, time or identity; "" when the kind says it
// all. Pure; any thread.
[[nodiscard]] std::string describe(const EventBody& body);

}  // namespace lksctp
