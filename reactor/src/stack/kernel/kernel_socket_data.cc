// Messages and notifications through a kernel socket.
//
// What was measured decides how (docs/stacks.md, "Speed"): many messages in one
// system call, and MSG_MORE on all but the last so that the kernel bundles them
// into packets.
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "stack/kernel/kernel_options.h"
#include "stack/kernel/kernel_socket.h"

namespace lksctp {
namespace {

// What one read takes, about: more would leave the cache before it is delivered.
constexpr std::size_t kReceiveBytes = 256 * 1024;

// Reads of one message between two that look for more.
constexpr unsigned kSingleReads = 8;

// From here on a message has packets of its own: there is nothing to bundle.
constexpr std::size_t kFillsPackets = 32 * 1024;

// Looks at the peer's closed window that follow each other at once, giving the
// processor to a reader on this host: a window that closes for want of a moment
// opens within them. No clock is as fine.
constexpr int kHastyLooks = 32;
// Then: how long to wait between looks, and in all before a message asks. Longer
// than a reader takes a breath, shorter than a user waits when the news of an open
// window was lost.
constexpr std::chrono::milliseconds kFirstWindowWait{1};
constexpr std::chrono::milliseconds kLongestWindowWait{100};
constexpr std::chrono::milliseconds kWindowProbeAfter{2000};

std::size_t large_at_front(std::span<const OutgoingMessage> messages) {
  const auto small =
      std::ranges::find_if(messages, [](const OutgoingMessage& message) {
        return message.data.size() < kFillsPackets;
      });
  return static_cast<std::size_t>(small - messages.begin());
}

// How many are in front of the last one that goes for certain; 0 without one.
std::size_t in_front_of_certain(std::span<const OutgoingMessage> messages) {
  std::size_t front = messages.size() - 1;
  while (front != 0 && !goes_for_certain(messages[front])) --front;
  return front;
}

}  // namespace

ReceiveResult KernelSocket::receive(std::span<ReceiveSlot> slots) {
  ReceiveResult result;
  if (!fd_.valid()) {
    result.end = ReceiveEnd::kEndOfFile;
    return result;
  }
  if (role_ == Role::kListening) return result;
  const std::size_t asked =
      std::min({receive_ahead_, slots.size(), ReceiveBatch::kSize});
  const int got = shared_.receive_batch.receive(fd_.get(), slots.first(asked));
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return result;
    result.end = ReceiveEnd::kError;
    result.error_number = errno;
    return result;
  }
  const auto filled = static_cast<std::size_t>(got);
  bool notification = false;
  std::size_t largest = 1;
  for (const ReceiveSlot& slot : slots.first(filled)) {
    // A message has at least one byte: this is the end, and recvmmsg repeats it
    // up to the size of its array.
    if (slot.size == 0) {
      // The kernel says so as soon as the peer has sent SHUTDOWN. What is on its
      // way to the peer, and the handshake of the end, come after that: closing
      // now would abort them.
      if (get_kernel_status(fd_.get())) {
        watch_->want_news_only();
        return result;
      }
      result.end = ReceiveEnd::kEndOfFile;
      return result;
    }
    notification = notification || slot.notification;
    largest = std::max(largest, slot.size);
    ++result.filled;
  }
  if (asked == 1 && !notification) {
    // One was expected and one came. If there is more, the loop says so; now and
    // then that is looked at, since a read of two costs more.
    if (++single_reads_ % kSingleReads == 0) receive_ahead_ = 2;
    return result;
  }
  // Fewer than asked: drained, and nobody needs to ask again. Behind a
  // notification an error may wait, which the owner must hear.
  result.end = filled < asked && !notification ? ReceiveEnd::kWouldBlock
                                               : ReceiveEnd::kSlotsFull;
  if (filled == asked) {
    receive_ahead_ =
        std::clamp(kReceiveBytes / largest, kReceiveAtLeast, asked * 4);
  } else if (filled == 1 && !notification) {
    receive_ahead_ = asked / 2;
  }
  return result;
}

std::size_t KernelSocket::holdable(
    std::span<const OutgoingMessage> messages) const {
  const std::size_t bound = send_buffer_ / 4 * 3;
  std::size_t room = bound - std::min(bound, held_.charge());
  std::size_t count = 0;
  for (const OutgoingMessage& message : messages) {
    const std::size_t cost = send_buffer_charge(message.data.size());
    if (cost > room) break;
    room -= cost;
    ++count;
  }
  return count;
}

// Whether what follows `message` could wait for its SACK, which the peer may delay
// by 200 ms when it is alone: no other like it has room beside it.
bool KernelSocket::waits_for_sack(const OutgoingMessage& message) const {
  if (window_.asks()) return true;
  constexpr std::size_t kSmallMessage = 4 * 1024;  // many have room beside it
  const std::size_t size = message.data.size();
  return size >= kSmallMessage &&
         (send_buffer_charge(size) > send_buffer_ / 4 ||
          window_.is_filled_by(2 * size));
}

// A message sent without MSG_MORE lets everything before it go. Three things make
// sure that one always follows, so that nothing waits for ever:
// - messages are held only in front of one that goes for certain: another may be
//   refused, or be over before there is room
// - what is held together fills at most three quarters of the send buffer, so that
//   when the buffer is full, something in it is on its way and makes room when it is
//   acknowledged
// - after a full buffer the first message goes alone.
SendResult KernelSocket::send_run(std::span<const OutgoingMessage> messages,
                                  bool more) {
  SendResult result;
  const std::size_t large = large_at_front(messages);
  const std::size_t front =
      more ? messages.size() : in_front_of_certain(messages);
  const bool bundles = large == 0 && front != 0 && !full_;
  // Otherwise those that have nothing to be bundled with, or nothing behind them.
  const bool alone = full_ || goes_for_certain(messages.front());
  auto last = messages.first(large != 0 ? large : alone ? 1 : messages.size());
  if (bundles) {
    const auto held = messages.first(holdable(messages.first(front)));
    const int taken = held.empty() ? 0
                                   : shared_.send_batch.send(fd_.get(), held,
                                                             MSG_MORE, false);
    if (taken > 0) {
      result.sent = static_cast<std::size_t>(taken);
      held_.add(messages.first(result.sent));
      window_.sent(messages.first(result.sent));
    }
    if (result.sent == messages.size()) return result;
    last = messages.subspan(result.sent, 1);
  }
  const int taken =
      shared_.send_batch.send(fd_.get(), last, 0, waits_for_sack(last.back()));
  if (taken < 0) {
    result.error_number = errno;
    full_ = held_.bytes() != 0;
    return result;
  }
  held_.clear();
  full_ = false;
  window_.sent(last.first(static_cast<std::size_t>(taken)));
  result.sent += static_cast<std::size_t>(taken);
  return result;
}

// What is held has not been taken from the window yet.
void KernelSocket::look_at_window(const StatusSampled& status) {
  const std::size_t window = status.peer_receive_window;
  window_.look(window - std::min(window, held_.bytes()));
}

bool KernelSocket::window_is_open(const OutgoingMessage& next) {
  const auto status = get_kernel_status(fd_.get());
  if (!status) return true;  // sending tells what is wrong
  look_at_window(*status);
  const bool open = window_.room({&next, 1}).count != 0 &&
                    (window_looks_ == 0 || window_.is_worth_opening());
  if (!open) {
    // Everything has arrived, and there is room: how much, only a SACK tells. For one
    // that is larger than the window ever was there is never more.
    if (may_ask_ && status->unacknowledged_chunks == 0 &&
        (status->peer_receive_window >= next.data.size() ||
         window_.is_never_enough_for(next.data.size()))) {
      may_ask_ = false;
      window_.ask();
      return true;
    }
    if (window_waited_ < kWindowProbeAfter ||
        status->unacknowledged_chunks != 0) {
      return false;
    }
    window_.probe(status->peer_receive_window);
  }
  window_looks_ = 0;
  window_wait_ = {};
  window_waited_ = {};
  return true;
}

bool KernelSocket::window_opens(const OutgoingMessage& next) {
  if (window_is_open(next)) return true;
  // A reader on this host often needs no more than this.
  if (window_looks_++ != 0) return false;
  ::sched_yield();
  return window_is_open(next);
}

void KernelSocket::wait_for_window() {
  waits_for_window_ = true;
  if (!window_timer_) {
    window_timer_ = shared_.loop.timer([this] { on_window_timer(); });
  }
  if (window_looks_ <= kHastyLooks) {
    ::sched_yield();
  } else {
    window_wait_ =
        std::clamp(2 * window_wait_, kFirstWindowWait, kLongestWindowWait);
  }
  window_timer_->start(window_wait_);
}

void KernelSocket::on_window_timer() {
  waits_for_window_ = false;
  may_ask_ = true;
  window_waited_ += window_wait_;
  if (!want_write_) return;
  want_ready(want_read_, false);
  observer_.on_ready(false, true);
}

SendResult KernelSocket::send(std::span<const OutgoingMessage> messages,
                              bool more) {
  SendResult result;
  if (!fd_.valid()) {
    result.error_number = ENOTCONN;
    return result;
  }
  if (send_buffer_ == 0) send_buffer_ = largest_message();
  while (result.sent < messages.size()) {
    auto rest = messages.subspan(result.sent);
    PeerWindow::Room room = window_.room(rest);
    if (room.count != 0 && room.count < rest.size()) {
      // Looking again costs less than cutting a run in two.
      if (const auto status = get_kernel_status(fd_.get())) {
        look_at_window(*status);
        room = window_.room(rest);
      }
    }
    if (room.count == 0) {
      if (!window_opens(rest.front())) {
        wait_for_window();
        result.error_number = EAGAIN;
        return result;
      }
      room = window_.room(rest);
      room.count = std::max<std::size_t>(room.count, 1);
    }
    // Nothing is held when the window is looked at next, or next to nothing.
    const bool hold = more && room.left >= 2 * HeldMessages::kPacket;
    const SendResult run = send_run(rest.first(room.count), hold);
    result.sent += run.sent;
    if (run.error_number != 0) {
      result.error_number = run.error_number;
      return result;
    }
  }
  return result;
}

}  // namespace lksctp
