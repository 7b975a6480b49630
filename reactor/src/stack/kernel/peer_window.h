// How much may be handed to the kernel before the peer's receive window closes.
//
// A window that closes stalls Linux for a retransmission time-out, a second at
// least: the kernel sends one message into it, which is dropped, and when the
// window opens again what follows arrives behind a gap that only T3-rtx closes
// when packets are as large as on loopback. Small messages close it sooner than
// it says, because a receiver charges its buffer about 256 bytes more for each
// than the window counts. So the sender stops before, and looks again.
//
// Threads: value; loop thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "stack/stack.h"

namespace lksctp {

class PeerWindow {
 public:
  // How many of some messages, from the first, may go before the next look, and
  // the bytes that are left behind them.
  struct Room {
    std::size_t count = 0;
    std::size_t left = 0;
  };
  [[nodiscard]] Room room(std::span<const OutgoingMessage> messages) const {
    std::size_t left = allowance_;
    std::size_t count = 0;
    for (const OutgoingMessage& message : messages) {
      const std::size_t cost = charge(message.data.size());
      // One larger than the window ever is goes when the window is empty; one that
      // asks goes as it is.
      const bool alone = left == largest_ || asking_;
      if (cost > left && !(count == 0 && alone && left != 0)) break;
      left -= std::min(cost, left);
      ++count;
    }
    return {.count = count, .left = left};
  }

  void sent(std::span<const OutgoingMessage> messages) {
    if (!messages.empty()) asking_ = false;
    for (const OutgoingMessage& message : messages) {
      const std::size_t cost = charge(message.data.size());
      bytes_ += message.data.size();
      charged_ += cost;
      allowance_ -= std::min(cost, allowance_);
    }
  }

  // `window`: what SCTP_STATUS says, which leaves out what is on its way.
  void look(std::size_t window) {
    asking_ = false;
    largest_ = std::max(largest_, window);
    // What is on its way or unread was probably like what was sent last.
    const std::size_t used = largest_ - window;
    const std::size_t used_charge =
        bytes_ == 0 ? used : used * charged_ / bytes_;
    allowance_ = largest_ - std::min(used_charge, largest_);
    if (bytes_ > largest_) {
      bytes_ /= 2;
      charged_ /= 2;
    }
  }

  // After it was closed: opening it for every message would look as often.
  [[nodiscard]] bool is_worth_opening() const {
    return allowance_ != 0 && allowance_ >= largest_ / 4;
  }

  // One message, to hear how much is free now: a receiver says so by itself only
  // when much has become free.
  void ask() {
    asking_ = true;
    allowance_ = 1;
  }

  [[nodiscard]] bool asks() const { return asking_; }

  // Behind a message of `bytes` the window would be closed.
  [[nodiscard]] bool is_filled_by(std::size_t bytes) const {
    return charge(bytes) >= allowance_;
  }

  // A message of `bytes` is more than the window was ever seen to be.
  [[nodiscard]] bool is_never_enough_for(std::size_t bytes) const {
    return bytes > largest_;
  }

  // The peer's window was not seen to open for long: the news may be lost, or
  // it has less than before. The next message asks.
  void probe(std::size_t window) {
    largest_ = std::max<std::size_t>(window, 1);
    allowance_ = largest_;
  }

 private:
  // Of a window that is half of the receiver's buffer, as on Linux.
  static std::size_t charge(std::size_t bytes) {
    constexpr std::size_t kOverhead = 256;
    return std::max(bytes, (bytes + kOverhead) / 2);
  }

  std::size_t largest_ = 0;    // window ever seen, hence with nothing in it
  std::size_t allowance_ = 0;  // charge that may still be sent
  bool asking_ = false;
  // Of the messages sent last, fading.
  std::size_t bytes_ = 0;
  std::size_t charged_ = 0;
};

}  // namespace lksctp
