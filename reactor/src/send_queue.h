// Messages waiting to be handed to the stack: a bounded ring of pooled copies.
//
// Threads: loop thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lksctp/reactor/message.h"
#include "loop.h"
#include "stack/stack.h"

namespace lksctp {

// A message as the stack takes it.
inline OutgoingMessage outgoing(std::span<const std::byte> data,
                                const SendOptions& options) {
  return {.data = data,
          .stream = options.stream,
          .ppid = options.ppid,
          .unordered = options.unordered,
          .context = options.context,
          .time_to_live = options.time_to_live,
          .max_retransmissions = options.max_retransmissions,
          .priority = options.priority,
          .sack_immediately = options.sack_immediately,
          .destination = options.destination};
}

class SendQueue {
 public:
  struct Entry {
    SendOptions options;
    MessageBuffer buffer;
    MonotonicTime expires;  // when it has a time to live
  };

  [[nodiscard]] bool empty() const { return head_ == entries_.size(); }
  [[nodiscard]] std::size_t size() const { return entries_.size() - head_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // What the messages take, as bounds count it.
  [[nodiscard]] std::size_t cost() const {
    return message_cost(bytes_, size());
  }

  void push(const SendOptions& options, MessageBuffer buffer) {
    make_room();
    bytes_ += buffer.bytes().size();
    const MonotonicTime expires = options.time_to_live
                                      ? Loop::now() + *options.time_to_live
                                      : MonotonicTime{};
    entries_.push_back({options, std::move(buffer), expires});
  }

  [[nodiscard]] const Entry& front() const { return entries_[head_]; }

  Entry pop() {
    Entry entry = std::move(entries_[head_]);
    bytes_ -= entry.buffer.bytes().size();
    drop(1);
    return entry;
  }

  // Drops the first messages: the stack has taken them.
  void drop(std::size_t count) {
    for (; count > 0; --count) {
      MessageBuffer& buffer = entries_[head_++].buffer;
      bytes_ -= buffer.bytes().size();
      buffer = {};
    }
    if (empty()) {
      entries_.clear();
      head_ = 0;
    }
  }

  // Gives memory back that only a burst needed.
  void shrink() {
    if (empty()) entries_.shrink_to_fit();
  }

  // The first messages as the stack takes them, up to one that can never go: it
  // has outlived its time here, or is for none of the `streams`. Returns how
  // many were described.
  std::size_t describe(std::span<OutgoingMessage> out,
                       std::uint16_t streams) const {
    std::size_t count = 0;
    for (std::size_t i = head_; i < entries_.size() && count < out.size();
         ++i, ++count) {
      const Entry& entry = entries_[i];
      if (entry.options.stream.value() >= streams) break;
      std::optional<Milliseconds> time_to_live;
      if (entry.options.time_to_live) {
        const auto left = entry.expires - Loop::now();
        if (left <= left.zero()) break;
        time_to_live = std::chrono::ceil<Milliseconds>(left);
      }
      out[count] = outgoing(entry.buffer.bytes(), entry.options);
      out[count].time_to_live = time_to_live;
    }
    return count;
  }

 private:
  // Takes the places of popped entries before it grows.
  void make_room() {
    if (entries_.size() < entries_.capacity() || head_ * 2 < entries_.size()) {
      return;
    }
    entries_.erase(entries_.begin(),
                   entries_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }

  std::vector<Entry> entries_;
  std::size_t head_ = 0;  // first entry still waiting
  std::size_t bytes_ = 0;
};

}  // namespace lksctp
