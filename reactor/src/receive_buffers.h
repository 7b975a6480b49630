// Memory that a read from the stack fills: slots of one size, side by side.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "stack/stack.h"

namespace lksctp {

class ReceiveBuffers {
 public:
  explicit ReceiveBuffers(std::size_t count)
      : memory_(count * kStride), slots_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      slots_[i].buffer = std::span(memory_).subspan(i * kStride, kSize);
    }
  }

  [[nodiscard]] std::span<ReceiveSlot> slots() { return slots_; }

 private:
  // A message above the size comes in pieces.
  static constexpr std::size_t kSize = 64 * 1024;
  // From one slot to the next: not a power of two, so that small messages do not
  // compete for the same cache lines.
  static constexpr std::size_t kStride = kSize + 5 * 64;

  std::vector<std::byte> memory_;
  std::vector<ReceiveSlot> slots_;
};

}  // namespace lksctp
