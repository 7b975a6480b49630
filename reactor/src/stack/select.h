// Which stack a reactor gets.
#pragma once

#include <memory>
#include <string>

#include "lksctp/reactor/capabilities.h"
#include "loop.h"
#include "stack/stack.h"

namespace lksctp {

// That of kKernel or kUsrsctp, on this loop. Errors: kStackUnavailable with what
// to do about it, kStackInUse.
Result<std::unique_ptr<Stack>> make_stack(StackChoice choice, Loop& loop);

// What StackChoice::kAuto warns of where the kernel's cannot be had.
std::string fallback_warning(const Error& no_kernel);

}  // namespace lksctp
