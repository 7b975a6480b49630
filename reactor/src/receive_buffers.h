// Memory that a read from the stack fills: slots of one size, each a block of the
// pool, so that a large message keeps the block it came in instead of being copied.
//
// Threads: loop thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "buffer_pool.h"
#include "stack/stack.h"

namespace lksctp {

class ReceiveBuffers {
 public:
  ReceiveBuffers(std::shared_ptr<BufferPool> pool, std::size_t count)
      : pool_(std::move(pool)), slots_(count) {
    for (ReceiveSlot& slot : slots_) refill(slot);
  }
  ~ReceiveBuffers() {
    for (const ReceiveSlot& slot : slots_) {
      pool_->give_back(slot.buffer.data(), kSize);
    }
  }
  ReceiveBuffers(const ReceiveBuffers&) = delete;
  ReceiveBuffers& operator=(const ReceiveBuffers&) = delete;

  [[nodiscard]] std::span<ReceiveSlot> slots() { return slots_; }

  // The message of `size` bytes in `slot`, one of those above.
  MessageBuffer take(ReceiveSlot& slot) {
    const std::span<const std::byte> bytes = slot.buffer.first(slot.size);
    if (bytes.size() < kCopied) return BufferPool::copy(pool_, bytes);
    MessageBuffer message{slot.buffer.data(), slot.size, kSize, pool_};
    refill(slot);
    return message;
  }

 private:
  // A message above the size comes in pieces.
  static constexpr std::size_t kSize = 64 * 1024;
  // Below this a copy is cheap, and a message would hold far more than it needs.
  static constexpr std::size_t kCopied = kSize / 4;

  void refill(ReceiveSlot& slot) {
    slot.buffer = {pool_->allocate(kSize), kSize};
  }

  std::shared_ptr<BufferPool> pool_;
  std::vector<ReceiveSlot> slots_;
};

}  // namespace lksctp
