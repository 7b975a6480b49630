// User messages: what to send with one, and one as received.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "lksctp/decoder/address.h"
#include "lksctp/decoder/ancillary.h"
#include "lksctp/decoder/strong_type.h"
#include "lksctp/reactor/options.h"

namespace lksctp {

// Attributes of a message to send (RFC 6458 §5.3.4, §5.3.7). Value;
// thread-compatible.
//
// At most one of `time_to_live`, `max_retransmissions` and `priority` says when the
// message may be abandoned (one policy per message, RFC 6458 §5.3.7); without them
// it is reliable. `MessageFailed` tells of an abandoned message on usrsctp; the
// kernel tells of one whose time was over before it was sent, and of no other.
struct SendOptions {
  StreamId stream{};          // below the negotiated outbound streams
  Ppid ppid{};                // host byte order
  bool unordered = false;     // SCTP_UNORDERED
  std::uint32_t context = 0;  // comes back in `MessageFailed`
  // Life time of the message (RFC 3758, SCTP_PR_SCTP_TTL): not delivered in
  // time, it is abandoned.
  std::optional<Milliseconds> time_to_live;
  // Abandoned instead of being sent again more often than this (RFC 7496 §3.1,
  // SCTP_PR_SCTP_RTX); 0: sent once.
  std::optional<std::uint32_t> max_retransmissions;
  // Abandoned when the stack's send buffer is full and a message of a lower value
  // is next (RFC 7496 §3.2, SCTP_PR_SCTP_PRIO); 0 is the most important.
  // See `Capabilities::partial_reliability_priority`.
  std::optional<std::uint32_t> priority;
  // Asks the peer to acknowledge this message without delay (RFC 7053, the I bit).
  bool sack_immediately = false;
  // Path to send it on (RFC 6458 §5.3.4, SCTP_ADDR_OVER): one of the association's;
  // its port does not matter. Family kNone: where the stack sends, the primary path.
  Address destination{};
};

// Memory of a received message, owned by one holder and given back to its
// reactor's pool when dropped. Movable; may be dropped on any thread, after the
// reactor too.
class MessageBuffer {
 public:
  class Source {  // where a buffer returns to
   public:
    virtual void give_back(std::byte* memory,
                           std::size_t capacity) noexcept = 0;

   protected:
    ~Source() = default;
  };

  MessageBuffer() = default;
  MessageBuffer(std::byte* memory, std::size_t size, std::size_t capacity,
                std::shared_ptr<Source> source)
      : memory_(memory),
        size_(size),
        capacity_(capacity),
        source_(std::move(source)) {}
  MessageBuffer(MessageBuffer&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(other.capacity_),
        source_(std::move(other.source_)) {}
  MessageBuffer& operator=(MessageBuffer&& other) noexcept {
    if (this != &other) {
      release();
      memory_ = std::exchange(other.memory_, nullptr);
      size_ = std::exchange(other.size_, 0);
      capacity_ = other.capacity_;
      source_ = std::move(other.source_);
    }
    return *this;
  }
  MessageBuffer(const MessageBuffer&) = delete;
  MessageBuffer& operator=(const MessageBuffer&) = delete;
  ~MessageBuffer() { release(); }

  [[nodiscard]] std::span<const std::byte> bytes() const {
    return {memory_, size_};
  }

 private:
  void release() noexcept {
    if (memory_ != nullptr) source_->give_back(memory_, capacity_);
  }

  std::byte* memory_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::shared_ptr<Source> source_;
};

// What `messages` with `bytes` altogether count against a bound: the memory of a
// small message is more than its bytes.
inline constexpr std::size_t kMessageOverhead = 128;
[[nodiscard]] constexpr std::size_t message_cost(std::size_t bytes,
                                                 std::size_t messages = 1) {
  return bytes + messages * kMessageOverhead;
}

// One whole received message (RFC 6458 §5.3.5).
struct Message {
  ReceiveInfo info;  // stream, SSN, TSN, PPID, unordered, context
  MessageBuffer buffer;

  // Valid as long as the message.
  [[nodiscard]] std::span<const std::byte> payload() const {
    return buffer.bytes();
  }
};

}  // namespace lksctp
