// Memory of messages, in and out: size classes with bounded free lists, so that
// a warm reactor allocates nothing per message.
//
// Threads: `allocate`, `copy` and `keep` on the loop thread; buffers come back on any thread, from
// a foreign one through a locked list. Buffers keep the pool alive.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "lksctp/reactor/message.h"

namespace lksctp {

class BufferPool final : public MessageBuffer::Source {
 public:
  // Retains at most `max_free_bytes` for reuse; the rest goes back to the heap.
  explicit BufferPool(std::size_t max_free_bytes)
      : max_free_bytes_(max_free_bytes) {}
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // A copy of `bytes` in memory of `pool`. (A static function, so that a buffer
  // costs one reference count and no look-up of who owns the pool.)
  static MessageBuffer copy(const std::shared_ptr<BufferPool>& pool,
                            std::span<const std::byte> bytes);

  // The size of the block that holds `size` bytes.
  static std::size_t capacity_for(std::size_t size) {
    const unsigned size_class = class_of(std::max<std::size_t>(size, 1));
    return size_class <= kLargest ? std::size_t{1} << size_class : size;
  }
  // Memory to be given back or kept, with its capacity, which is one of
  // `capacity_for`.
  std::byte* allocate(std::size_t capacity);
  // The same, of the capacity for `bytes` and with a copy of them in it.
  std::span<std::byte> allocate_copy(std::span<const std::byte> bytes);
  // Any thread.
  void give_back(std::byte* memory, std::size_t capacity) noexcept override;
  // The same on the loop thread.
  void keep(std::byte* memory, std::size_t capacity) noexcept;

 private:
  // Powers of two from 64 bytes to 1 MiB; larger blocks are not kept.
  static constexpr unsigned kSmallest = 6;
  static constexpr unsigned kLargest = 20;
  static unsigned class_of(std::size_t size) {
    const auto bits = static_cast<unsigned>(std::bit_width(size - 1));
    return bits < kSmallest ? kSmallest : bits;
  }

  // A block that nobody holds; it lies in the block itself.
  struct Free {
    Free* next;
  };

  void take_foreign();

  // Constant after construction.
  const std::size_t max_free_bytes_;

  // Loop thread.
  std::array<Free*, kLargest + 1> free_{};
  std::size_t free_bytes_ = 0;

  // Any thread: who may touch the lists above.
  std::atomic<std::thread::id> loop_thread_;

  // Guarded by `mutex_`: returned by other threads.
  struct Block {
    std::byte* memory;
    std::size_t capacity;
  };
  std::mutex mutex_;
  std::vector<Block> foreign_;
  std::atomic<bool> has_foreign_{false};
};

}  // namespace lksctp
