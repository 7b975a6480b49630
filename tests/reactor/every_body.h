// A body of every kind with a value in every member.
#pragma once

#include <vector>

#include "lksctp/reactor/event.h"

namespace lksctp::test {

[[nodiscard]] std::vector<EventBody> every_body();

}  // namespace lksctp::test
