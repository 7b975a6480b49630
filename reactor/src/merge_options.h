// Socket options given one after the other.
#pragma once

#include "lksctp/reactor/options.h"

namespace lksctp {

// Sets in `into` every member that `from` has.
void merge_options(SocketOptions& into, const SocketOptions& from);

}  // namespace lksctp
