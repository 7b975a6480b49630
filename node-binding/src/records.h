// The records that cross between the threads in blocks of bytes: messages to send
// one way; received messages and what became of those sent the other way. Whatever
// else crosses is an object whose place in the order a record keeps.
//
// lib/bridge.js reads InboundRecord by these offsets.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lksctp::node {

// One side's name of a connection or listener of an environment; 0 = none.
using Handle = std::uint32_t;

// JS to loop. Followed by `size` bytes of payload.
struct OutboundRecord {
  static constexpr std::uint16_t kUnordered = 1;
  // What `policy_value` means, at most one of them.
  static constexpr std::uint16_t kTimeToLive = 2;  // milliseconds
  static constexpr std::uint16_t kRetransmissions = 8;
  static constexpr std::uint16_t kPriority = 16;
  static constexpr std::uint16_t kReport = 4;  // say at once when it was taken
  static constexpr std::uint16_t kSackImmediately = 32;
  // Behind the payload, not counted in `size`: an IP address as text, padded with
  // zeros to `kDestinationSize`.
  static constexpr std::uint16_t kDestination = 64;
  static constexpr std::size_t kDestinationSize = 64;

  Handle handle = 0;  // 0: the next task of the block
  std::uint32_t size = 0;
  std::uint32_t ppid = 0;
  std::uint32_t context = 0;
  std::uint32_t policy_value = 0;
  std::uint16_t stream = 0;
  std::uint16_t flags = 0;

  // With all that belongs to it.
  [[nodiscard]] std::size_t total_size() const {
    return sizeof *this + size +
           ((flags & kDestination) != 0 ? kDestinationSize : 0);
  }
};
static_assert(sizeof(OutboundRecord) == 24);

// Loop to JS.
struct InboundRecord {
  enum class Kind : std::uint16_t {
    kMessage = 0,  // `size` bytes of payload follow
    kLarge = 1,    // a message in the next buffer of the batch
    kObject = 2,   // the next object of the batch
    kTaken = 3,  // `context` messages of the connection, `size` bytes, settled:
    // taken by the stack, but for those an object has told of before
    kEnding = 4,  // the association shuts down: nothing is queued any more
  };
  static constexpr std::uint16_t kUnordered = 1;

  Handle handle = 0;
  std::uint32_t size = 0;
  Kind kind{};
  std::uint16_t flags = 0;
  std::uint16_t stream = 0;
  std::uint16_t ssn = 0;
  std::uint32_t ppid = 0;
  std::uint32_t tsn = 0;
  std::uint32_t context = 0;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(InboundRecord) == 32);

}  // namespace lksctp::node
