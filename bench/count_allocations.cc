#include "count_allocations.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::uint64_t counted = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++counted;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lksctp {

std::uint64_t allocations() { return counted; }

}  // namespace lksctp
