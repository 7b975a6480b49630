#include "buffer_pool.h"

#include <cstring>
#include <new>
#include <utility>

namespace lksctp {

BufferPool::~BufferPool() {
  for (Free* block : free_) {
    while (block != nullptr)
      ::operator delete(std::exchange(block, block->next));
  }
  for (const Block& block : foreign_) ::operator delete(block.memory);
}

MessageBuffer BufferPool::copy(const std::shared_ptr<BufferPool>& pool,
                               std::span<const std::byte> bytes) {
  const auto copied = pool->allocate_copy(bytes);
  return {copied.data(), copied.size(), capacity_for(copied.size()), pool};
}

std::span<std::byte> BufferPool::allocate_copy(
    std::span<const std::byte> bytes) {
  std::byte* memory = allocate(capacity_for(bytes.size()));
  if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
  return {memory, bytes.size()};
}

std::byte* BufferPool::allocate(std::size_t capacity) {
  const unsigned size_class = class_of(capacity);
  // The loop thread is whoever allocates: a borrowed base may be dispatched by
  // another thread than the one that made the reactor.
  const auto self = std::this_thread::get_id();
  if (loop_thread_.load(std::memory_order_relaxed) != self) {
    loop_thread_.store(self, std::memory_order_relaxed);
  }
  if (size_class <= kLargest) {
    Free*& list = free_[size_class];
    if (list == nullptr && has_foreign_.load(std::memory_order_relaxed)) {
      take_foreign();
    }
    if (list != nullptr) {
      Free* block = std::exchange(list, list->next);
      free_bytes_ -= capacity;
      return reinterpret_cast<std::byte*>(block);
    }
  }
  return static_cast<std::byte*>(::operator new(capacity));
}

void BufferPool::keep(std::byte* memory, std::size_t capacity) noexcept {
  const unsigned size_class = class_of(capacity);
  if (size_class > kLargest || free_bytes_ + capacity > max_free_bytes_) {
    ::operator delete(memory);
    return;
  }
  free_[size_class] = ::new (memory) Free{free_[size_class]};
  free_bytes_ += capacity;
}

void BufferPool::give_back(std::byte* memory, std::size_t capacity) noexcept {
  if (loop_thread_.load(std::memory_order_relaxed) ==
      std::this_thread::get_id()) {
    keep(memory, capacity);
    return;
  }
  try {
    const std::lock_guard lock(mutex_);
    foreign_.push_back({memory, capacity});
    has_foreign_.store(true, std::memory_order_relaxed);
  } catch (const std::bad_alloc&) {
    ::operator delete(memory);
  }
}

void BufferPool::take_foreign() {
  std::vector<Block> blocks;
  {
    const std::lock_guard lock(mutex_);
    blocks.swap(foreign_);
    has_foreign_.store(false, std::memory_order_relaxed);
  }
  for (const Block& block : blocks) keep(block.memory, block.capacity);
}

}  // namespace lksctp
