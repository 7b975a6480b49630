#include "count_allocations.h"

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::uint64_t counted = 0;
std::uint64_t held = 0;
std::uint64_t peak = 0;

void give_back(void* memory) noexcept {
  held -= ::malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  ++counted;
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  held += ::malloc_usable_size(memory);
  peak = std::max(peak, held);
  return memory;
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

namespace lksctp {

std::uint64_t allocations() { return counted; }
std::uint64_t held_bytes() { return held; }
std::uint64_t peak_bytes() { return peak; }
void forget_peak() { peak = held; }

}  // namespace lksctp
