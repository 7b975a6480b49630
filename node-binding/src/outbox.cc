#include "outbox.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace lksctp::node {
namespace {

// A message kept by the program keeps the slab it lies in: what it can hold back is
// bounded by this.
constexpr std::size_t kSlabSize = 16 * 1024;
// Above, a message goes as it is, in a buffer of its own.
constexpr std::size_t kMaxInSlab = 4 * 1024;
constexpr std::size_t kFirstCapacity = 256;

template <typename T>
void move_to(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace

std::span<std::byte> Outbox::append(const InboundRecord& record,
                                    std::size_t payload) {
  const std::size_t size = sizeof record + payload;
  if (building_.slabs.empty()) {
    building_.slabs.emplace_back().reserve(std::max(size, kFirstCapacity));
  } else if (building_.slabs.back().size() + size > kSlabSize) {
    building_.slabs.emplace_back().reserve(kSlabSize);
  }
  const std::span<std::byte> place = building_.slabs.back().extend(size);
  std::memcpy(place.data(), &record, sizeof record);
  return place.subspan(sizeof record);
}

void Outbox::add_message(Handle handle, Message&& message) {
  const auto payload = message.payload();
  const bool large = payload.size() > kMaxInSlab;
  const InboundRecord record{.handle = handle,
                             .size = static_cast<std::uint32_t>(payload.size()),
                             .kind = large ? InboundRecord::Kind::kLarge
                                           : InboundRecord::Kind::kMessage,
                             .flags = message.info.unordered
                                          ? InboundRecord::kUnordered
                                          : std::uint16_t{0},
                             .stream = message.info.stream.value(),
                             .ssn = message.info.ssn,
                             .ppid = message.info.ppid.value(),
                             .tsn = message.info.tsn.value(),
                             .context = message.info.context};
  if (large) {
    append(record, 0);
    building_.large.push_back(std::move(message.buffer));
  } else {
    std::memcpy(append(record, payload.size()).data(), payload.data(),
                payload.size());
  }
}

void Outbox::add_object(Object object) {
  append({.kind = InboundRecord::Kind::kObject}, 0);
  building_.objects.push_back(std::move(object));
}

void Outbox::add_taken(Handle handle, std::uint32_t messages,
                       std::uint32_t bytes) {
  append({.handle = handle,
          .size = bytes,
          .kind = InboundRecord::Kind::kTaken,
          .context = messages},
         0);
}

void Outbox::add_ending(Handle handle) {
  append({.handle = handle, .kind = InboundRecord::Kind::kEnding}, 0);
}

bool Outbox::publish() {
  const std::lock_guard lock(mutex_);
  const bool first = ready_.empty();
  move_to(ready_.slabs, building_.slabs);
  move_to(ready_.large, building_.large);
  move_to(ready_.objects, building_.objects);
  return first;
}

void Outbox::take(Batch& batch) {
  const std::lock_guard lock(mutex_);
  std::swap(batch, ready_);
}

}  // namespace lksctp::node
