// Linux kernel SCTP behind the seam: one-to-one sockets on the loop, with
// address sets through libsctp.
#pragma once

#include <memory>

#include "lksctp/reactor/error.h"
#include "loop.h"
#include "stack/stack.h"

namespace lksctp {

// Errors: kStackUnavailable when the kernel has no SCTP or one that is too old;
// the message names the cures. The loop must outlive the stack, the stack its
// sockets.
[[nodiscard]] Result<std::unique_ptr<Stack>> make_kernel_stack(Loop& loop);

}  // namespace lksctp
