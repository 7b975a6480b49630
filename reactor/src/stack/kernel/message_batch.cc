#include "stack/kernel/message_batch.h"

#include <netinet/in.h>
#include <netinet/sctp.h>

#include <algorithm>
#include <cstring>

namespace lksctp {
namespace {

// Writes one control message (RFC 6458 §5.3) to the front of `control`; returns
// what follows it.
template <typename T>
std::span<std::byte> write_message(std::span<std::byte> control, int type,
                                   const T& value) {
  cmsghdr header{};
  header.cmsg_len = CMSG_LEN(sizeof value);
  header.cmsg_level = IPPROTO_SCTP;
  header.cmsg_type = type;
  std::memcpy(control.data(), &header, sizeof header);
  std::memcpy(control.data() + CMSG_LEN(0), &value, sizeof value);
  return control.subspan(CMSG_SPACE(sizeof value));
}

// Returns the bytes written.
std::size_t write_control(std::span<std::byte> control,
                          const OutgoingMessage& message,
                          bool sack_immediately) {
  constexpr SendFlags kFlags = send_flags(Abi::kLinux);
  unsigned flags = 0;
  if (message.unordered) flags |= kFlags.unordered;
  if (sack_immediately || message.sack_immediately) {
    flags |= kFlags.sack_immediately;
  }
  if (message.destination.family != AddressFamily::kNone) {
    flags |= kFlags.address_override;
  }
  const sctp_sndinfo info{.snd_sid = message.stream.value(),
                          .snd_flags = static_cast<std::uint16_t>(flags),
                          .snd_ppid = htonl(message.ppid.value()),
                          .snd_context = message.context,
                          .snd_assoc_id = 0};
  auto rest = write_message(control, SCTP_SNDINFO, info);
  const auto write_policy = [&](std::uint16_t policy, std::uint32_t value) {
    rest = write_message(rest, SCTP_PRINFO,
                         sctp_prinfo{.pr_policy = policy, .pr_value = value});
  };
  if (message.time_to_live) {
    write_policy(kFlags.policy_ttl, message.time_to_live->count());
  } else if (message.max_retransmissions) {
    write_policy(kFlags.policy_retransmit, *message.max_retransmissions);
  } else if (message.priority) {
    write_policy(kFlags.policy_priority, *message.priority);
  }
  return control.size() - rest.size();
}

}  // namespace

ReceiveBatch::ReceiveBatch() {
  for (std::size_t i = 0; i < kSize; ++i) {
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_control = control_[i].data();
  }
}

int ReceiveBatch::receive(int fd, std::span<ReceiveSlot> slots) {
  const std::size_t asked = std::min(slots.size(), kSize);
  for (std::size_t i = 0; i < asked; ++i) {
    vectors_[i] = {.iov_base = slots[i].buffer.data(),
                   .iov_len = slots[i].buffer.size()};
    headers_[i].msg_hdr.msg_controllen = kControlSize;
  }
  int got = 0;
  if (asked == 1) {
    const ssize_t size = ::recvmsg(fd, &headers_[0].msg_hdr, MSG_DONTWAIT);
    got = size < 0 ? -1 : 1;
    headers_[0].msg_len = static_cast<unsigned>(size);
  } else {
    got = ::recvmmsg(fd, headers_.data(), static_cast<unsigned>(asked),
                     MSG_DONTWAIT, nullptr);
  }
  for (int i = 0; i < got; ++i) {
    const mmsghdr& header = headers_[static_cast<std::size_t>(i)];
    ReceiveSlot& slot = slots[static_cast<std::size_t>(i)];
    slot.size = header.msg_len;
    slot.notification = (header.msg_hdr.msg_flags & MSG_NOTIFICATION) != 0;
    slot.end_of_record = (header.msg_hdr.msg_flags & MSG_EOR) != 0;
    slot.info.reset();
    if (!slot.notification) {
      slot.info = decode_control(std::span(static_cast<const std::byte*>(
                                               header.msg_hdr.msg_control),
                                           header.msg_hdr.msg_controllen))
                      .receive;
    }
  }
  return got;
}

SendBatch::SendBatch() {
  for (std::size_t i = 0; i < kSize; ++i) {
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_control = control_[i].data();
  }
}

int SendBatch::send(int fd, std::span<const OutgoingMessage> messages,
                    int flags, bool sack_immediately) {
  const std::size_t count = std::min(messages.size(), kSize);
  for (std::size_t i = 0; i < count; ++i) {
    // sendmsg takes the buffer as it takes every buffer: not const, not written.
    vectors_[i] = {.iov_base = const_cast<std::byte*>(messages[i].data.data()),
                   .iov_len = messages[i].data.size()};
    headers_[i].msg_hdr.msg_controllen = write_control(
        control_[i], messages[i], sack_immediately && i + 1 == count);
    headers_[i].msg_hdr.msg_name = nullptr;
    headers_[i].msg_hdr.msg_namelen = 0;
    if (messages[i].destination.family != AddressFamily::kNone) {
      destinations_[i] = to_socket_address(messages[i].destination);
      headers_[i].msg_hdr.msg_name = &destinations_[i].generic;
      headers_[i].msg_hdr.msg_namelen = destinations_[i].length;
    }
  }
  flags |= MSG_DONTWAIT | MSG_NOSIGNAL;
  if (count == 1) {
    return ::sendmsg(fd, &headers_[0].msg_hdr, flags) < 0 ? -1 : 1;
  }
  return ::sendmmsg(fd, headers_.data(), static_cast<unsigned>(count), flags);
}

}  // namespace lksctp
