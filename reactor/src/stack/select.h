// Which stack a reactor gets.
#pragma once

#include <memory>

#include "lksctp/reactor/capabilities.h"
#include "loop.h"
#include "stack/stack.h"

namespace spdlog {
class logger;
}

namespace lksctp {

// The stack of that choice on this loop. Errors: kStackUnavailable with what to
// do about it, kStackInUse. `logger` may be null.
Result<std::unique_ptr<Stack>> select_stack(StackChoice choice, Loop& loop,
                                            spdlog::logger* logger);

}  // namespace lksctp
