// Counts what operator new gives, in a program that links count_allocations.cc.
#pragma once

#include <cstdint>

namespace lksctp {

// Calls of operator new of this process so far. Single-threaded programs only.
[[nodiscard]] std::uint64_t allocations();

}  // namespace lksctp
