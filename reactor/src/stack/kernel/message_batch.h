// The arrays that recvmmsg and sendmmsg work on, made once and used by all
// sockets of a stack: setting up 64 entries costs as much as sending a message.
//
// Threads: loop thread only.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>

#include "stack/socket_address.h"
#include "stack/stack.h"

namespace lksctp {

class ReceiveBatch {
 public:
  static constexpr std::size_t kSize = 64;

  ReceiveBatch();
  ReceiveBatch(const ReceiveBatch&) = delete;
  ReceiveBatch& operator=(const ReceiveBatch&) = delete;

  // Reads up to `slots.size()` (at most kSize) pieces. Returns recvmmsg's
  // result; -1 leaves errno.
  int receive(int fd, std::span<ReceiveSlot> slots);

 private:
  static constexpr std::size_t kControlSize = 64;  // one SCTP_RCVINFO: 48

  std::array<mmsghdr, kSize> headers_{};
  std::array<iovec, kSize> vectors_{};
  alignas(cmsghdr)
      std::array<std::array<std::byte, kControlSize>, kSize> control_{};
};

class SendBatch {
 public:
  static constexpr std::size_t kSize = 64;

  SendBatch();
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  // Hands over up to kSize messages with `flags`, the last with the I bit (RFC
  // 7053) when `sack_immediately`. Returns how many the kernel took; -1 leaves
  // errno.
  int send(int fd, std::span<const OutgoingMessage> messages, int flags,
           bool sack_immediately);

 private:
  // SCTP_SNDINFO 32, SCTP_PRINFO 24.
  static constexpr std::size_t kControlSize = 64;

  std::array<mmsghdr, kSize> headers_{};
  std::array<iovec, kSize> vectors_{};
  std::array<SocketAddress, kSize> destinations_{};
  alignas(cmsghdr)
      std::array<std::array<std::byte, kControlSize>, kSize> control_{};
};

}  // namespace lksctp
