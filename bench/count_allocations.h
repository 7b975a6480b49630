// Counts what operator new gives, in a program that links count_allocations.cc.
#pragma once

#include <cstdint>

namespace lksctp {

// Calls of operator new of this process so far. Single-threaded programs only.
[[nodiscard]] std::uint64_t allocations();

// Bytes that are held now, and the most that were since `forget_peak`.
[[nodiscard]] std::uint64_t held_bytes();
[[nodiscard]] std::uint64_t peak_bytes();
void forget_peak();

}  // namespace lksctp
