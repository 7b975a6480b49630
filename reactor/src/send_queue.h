// Messages waiting to be handed to the stack: a bounded ring of copies in memory of
// the pool, described as the stack takes them, so that handing over a batch costs
// no further copy of anything.
//
// Threads: loop thread only; destruction on any.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "buffer_pool.h"
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
  explicit SendQueue(std::shared_ptr<BufferPool> pool)
      : pool_(std::move(pool)) {}
  ~SendQueue() {
    for (; !empty(); ++head_) {
      pool_->give_back(memory(front()), capacity(front()));
    }
  }
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  [[nodiscard]] bool empty() const { return head_ == messages_.size(); }
  [[nodiscard]] std::size_t size() const { return messages_.size() - head_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // What the messages take, as bounds count it.
  [[nodiscard]] std::size_t cost() const {
    return message_cost(bytes_, size());
  }

  void push(std::span<const std::byte> data, const SendOptions& options) {
    make_room();
    expires_.push_back(options.time_to_live
                           ? Loop::now() + *options.time_to_live
                           : MonotonicTime{});
    messages_.push_back(outgoing(pool_->allocate_copy(data), options));
    bytes_ += data.size();
  }

  [[nodiscard]] const OutgoingMessage& front() const {
    return messages_[head_];
  }

  // There is a last one, and it goes when it is its turn.
  [[nodiscard]] bool last_is_certain(std::uint16_t streams) const {
    return !empty() && messages_.back().stream.value() < streams &&
           goes_for_certain(messages_.back());
  }

  // Drops the first messages: the stack has taken them, or never will.
  void drop(std::size_t count) {
    for (; count > 0; --count, ++head_) {
      bytes_ -= front().data.size();
      pool_->keep(memory(front()), capacity(front()));
    }
    if (empty()) {
      messages_.clear();
      expires_.clear();
      head_ = 0;
    }
  }

  // Gives memory back that only a burst needed.
  void shrink() {
    if (!empty()) return;
    messages_.shrink_to_fit();
    expires_.shrink_to_fit();
  }

  // The first messages, at most `count`, up to one that can never go: it has
  // outlived its time here, or is for none of the `streams`. Valid until the queue
  // changes.
  std::span<const OutgoingMessage> ready(std::size_t count,
                                         std::uint16_t streams) {
    const auto first = std::span(messages_).subspan(head_);
    const auto most = first.first(std::min(count, first.size()));
    for (std::size_t i = 0; i < most.size(); ++i) {
      OutgoingMessage& message = most[i];
      if (message.stream.value() >= streams) return most.first(i);
      if (!message.time_to_live) continue;
      const auto left = expires_[head_ + i] - Loop::now();
      if (left <= left.zero()) return most.first(i);
      message.time_to_live = std::chrono::ceil<Milliseconds>(left);
    }
    return most;
  }

 private:
  // It is the queue's own.
  static std::byte* memory(const OutgoingMessage& message) {
    return const_cast<std::byte*>(message.data.data());
  }
  static std::size_t capacity(const OutgoingMessage& message) {
    return BufferPool::capacity_for(message.data.size());
  }

  // Takes the places of dropped messages before it grows.
  void make_room() {
    if (messages_.size() < messages_.capacity() ||
        head_ * 2 < messages_.size()) {
      return;
    }
    const auto dropped = static_cast<std::ptrdiff_t>(head_);
    messages_.erase(messages_.begin(), messages_.begin() + dropped);
    expires_.erase(expires_.begin(), expires_.begin() + dropped);
    head_ = 0;
  }

  const std::shared_ptr<BufferPool> pool_;
  // By message: as the stack takes it, and when its time is over if it has one.
  std::vector<OutgoingMessage> messages_;
  std::vector<MonotonicTime> expires_;
  std::size_t head_ = 0;  // first message still waiting
  std::size_t bytes_ = 0;
};

}  // namespace lksctp
