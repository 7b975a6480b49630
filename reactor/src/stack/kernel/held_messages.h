// What the kernel may be holding back of the messages handed over with MSG_MORE: what
// does not fill a packet yet. Of all that was handed over it is the end.
//
// Threads: value; loop thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "stack/stack.h"

namespace lksctp {

// What the kernel charges a send buffer for a message, at most: data and headers in a
// buffer rounded up to a power of two, and its own structures.
[[nodiscard]] constexpr std::size_t send_buffer_charge(std::size_t bytes) {
  return 2 * bytes + 2048;
}

class HeldMessages {
 public:
  // No packet is larger (RFC 791 §3.1, the length of a datagram).
  static constexpr std::size_t kPacket = 64 * 1024;

  void add(std::span<const OutgoingMessage> messages) {
    for (const OutgoingMessage& message : messages) {
      last_.bytes += message.data.size() + kChunkHeader;
      last_.charge += send_buffer_charge(message.data.size());
      // What is before it is on its way.
      if (last_.bytes >= kPacket) before_ = std::exchange(last_, {});
    }
  }
  // A message without MSG_MORE lets all of them go.
  void clear() { *this = {}; }

  // Upper bounds.
  [[nodiscard]] std::size_t bytes() const {
    return std::min(before_.bytes + last_.bytes, kPacket);
  }
  // Of the send buffer.
  [[nodiscard]] std::size_t charge() const {
    return before_.charge + last_.charge;
  }

 private:
  static constexpr std::size_t kChunkHeader = 16;  // DATA, RFC 9260 §3.3.1

  struct Part {
    std::size_t bytes = 0;  // as they are in a packet
    std::size_t charge = 0;
  };
  Part before_;  // at least a packet, when there is one
  Part last_;
};

}  // namespace lksctp
