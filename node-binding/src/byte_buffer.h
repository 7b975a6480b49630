// Bytes that grow at their end and are never zeroed, for blocks of records that
// cross between the threads.
//
// Threads: thread-compatible.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace lksctp::node {

struct FreeMemory {
  void operator()(std::byte* memory) const { std::free(memory); }
};
// Memory of malloc, so that a finalizer can take it over with a plain pointer.
using OwnedBytes = std::unique_ptr<std::byte, FreeMemory>;

class ByteBuffer {
 public:
  // Records begin at multiples of this.
  static constexpr std::size_t kAlignment = 8;

  [[nodiscard]] static constexpr std::size_t padded(std::size_t size) {
    return (size + kAlignment - 1) / kAlignment * kAlignment;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] const std::byte* data() const { return memory_.get(); }

  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    auto* grown =
        static_cast<std::byte*>(std::realloc(memory_.get(), capacity));
    if (grown == nullptr) throw std::bad_alloc();
    static_cast<void>(memory_.release());
    memory_.reset(grown);
    capacity_ = capacity;
  }

  // `size` bytes at the end, to be filled, and padding behind them.
  [[nodiscard]] std::span<std::byte> extend(std::size_t size) {
    const std::size_t end = size_ + padded(size);
    if (end > capacity_) reserve(std::max(end, capacity_ * 2));
    const std::span<std::byte> added(memory_.get() + size_, size);
    size_ = end;
    return added;
  }

  // Empty, with the memory it has.
  void clear() { size_ = 0; }

  // The memory, `size()` bytes of it used.
  [[nodiscard]] OwnedBytes release() {
    size_ = 0;
    capacity_ = 0;
    return std::move(memory_);
  }

 private:
  OwnedBytes memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace lksctp::node
