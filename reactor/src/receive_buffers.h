// Memory that a read from the stack fills: slots of one size, each a block of the
// pool, so that a message keeps the block it came in instead of being copied. The
// size follows that of the messages: a block is never far larger than its message,
// and a message larger than a slot comes in pieces, until the slots have grown.
//
// Threads: loop thread only.
#pragma once

#include <algorithm>
#include <bit>
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
  // A message above the largest size always comes in pieces.
  static constexpr std::size_t kSmallest = 8 * 1024;
  static constexpr std::size_t kLargest = 64 * 1024;
  // Slots shrink when this many messages would have had room in smaller ones.
  static constexpr std::size_t kPeriod = 1024;

  ReceiveBuffers(std::shared_ptr<BufferPool> pool, std::size_t count)
      : pool_(std::move(pool)), slots_(count) {
    for (ReceiveSlot& slot : slots_) refill(slot);
  }
  ~ReceiveBuffers() {
    for (const ReceiveSlot& slot : slots_) give_back(slot);
  }
  ReceiveBuffers(const ReceiveBuffers&) = delete;
  ReceiveBuffers& operator=(const ReceiveBuffers&) = delete;

  // At most `count` slots for the next read. What the last one has put into them
  // is lost.
  [[nodiscard]] std::span<ReceiveSlot> slots(std::size_t count) {
    if (wanted_ != size_) resize();
    return std::span(slots_).first(std::min(count, slots_.size()));
  }

  // The message of `size` bytes in `slot`, one of those above.
  MessageBuffer take(ReceiveSlot& slot) {
    largest_ = std::max(largest_, slot.size);
    if (++messages_ == kPeriod) begin_period();
    const std::span<const std::byte> bytes = slot.buffer.first(slot.size);
    // A copy is cheap, and the message would hold far more than it needs.
    if (slot.size < size_ / 4) return BufferPool::copy(pool_, bytes);
    MessageBuffer message{slot.buffer.data(), slot.size, size_, pool_};
    refill(slot);
    return message;
  }

  // The message in `slot` goes on behind it.
  void note_piece(const ReceiveSlot& slot) {
    if (slot.size < size_) return;  // not for want of room
    largest_ = kLargest;
    wanted_ = kLargest;
  }

 private:
  void refill(ReceiveSlot& slot) {
    slot.buffer = {pool_->allocate(size_), size_};
  }
  void give_back(const ReceiveSlot& slot) {
    pool_->give_back(slot.buffer.data(), size_);
  }

  void begin_period() {
    wanted_ = std::clamp(std::bit_ceil(largest_), kSmallest, kLargest);
    largest_ = 0;
    messages_ = 0;
  }

  void resize() {
    for (const ReceiveSlot& slot : slots_) give_back(slot);
    size_ = wanted_;
    for (ReceiveSlot& slot : slots_) refill(slot);
  }

  std::shared_ptr<BufferPool> pool_;
  std::vector<ReceiveSlot> slots_;
  std::size_t size_ = kSmallest;    // of every slot
  std::size_t wanted_ = kSmallest;  // from the next read on
  // Of this period.
  std::size_t largest_ = 0;
  std::size_t messages_ = 0;
};

}  // namespace lksctp
