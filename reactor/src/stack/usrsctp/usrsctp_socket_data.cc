// Messages and notifications through a usrsctp socket.
#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "stack/socket_address.h"
#include "stack/usrsctp/usrsctp_socket.h"

namespace lksctp {
namespace {

// Where sctp_paddr_change, the only record with an address, has it.
constexpr std::size_t kAddressOffset = offsetof(sctp_paddr_change, spc_aaddr);

// usrsctp's words for "no association (any more)" and "shutting down".
int send_error(int error) {
  switch (error) {
    case ENOENT:
      return ENOTCONN;
    case ECONNRESET:
      return EPIPE;
    default:
      return error;
  }
}

}  // namespace

ReceiveResult UsrsctpSocket::receive(std::span<ReceiveSlot> slots) {
  ReceiveResult result;
  if (handle_ == nullptr || ended_) {
    ended_ = true;
    result.end = ReceiveEnd::kEndOfFile;
    return result;
  }
  if (is_listener()) return result;
  engine_->mark_active(*this);
  while (result.filled < slots.size()) {
    ReceiveSlot& slot = slots[result.filled];
    sctp_rcvinfo info{};
    socklen_t info_length = sizeof info;
    unsigned info_type = SCTP_RECVV_NOINFO;
    int flags = 0;
    const ssize_t size =
        api().recvv(handle_, slot.buffer.data(), slot.buffer.size(), nullptr,
                    nullptr, &info, &info_length, &info_type, &flags);
    if (size < 0 && errno == EAGAIN) {
      result.end = ReceiveEnd::kWouldBlock;
      return result;
    }
    if (size < 0 && !error_read_) {
      error_read_ = true;
      result.end = ReceiveEnd::kError;
      result.error_number = errno;
      return result;
    }
    if (size <= 0) {
      ended_ = true;
      result.end = ReceiveEnd::kEndOfFile;
      return result;
    }
    slot.size = static_cast<std::size_t>(size);
    slot.notification = (flags & MSG_NOTIFICATION) != 0;
    slot.end_of_record = (flags & MSG_EOR) != 0;
    slot.info.reset();
    if (slot.notification) {
      hide_handles(slot.buffer.first(slot.size));
      if (slot.end_of_record) record_offset_ = 0;
    } else if (info_type == SCTP_RECVV_RCVINFO) {
      slot.info = decode_receive_info(std::as_bytes(std::span(&info, 1)),
                                      Abi::kUsrsctp);
    }
    ++result.filled;
  }
  result.end = ReceiveEnd::kSlotsFull;
  return result;
}

void UsrsctpSocket::hide_handles(std::span<std::byte> piece) {
  if (record_offset_ == 0) {
    std::uint16_t type = 0;
    std::memcpy(&type, piece.data(), std::min(piece.size(), sizeof type));
    record_has_address_ = type == SCTP_PEER_ADDR_CHANGE;
  }
  const std::size_t begin = record_offset_;
  const std::size_t end = begin + piece.size();
  record_offset_ = end;
  if (!record_has_address_) return;
  sockaddr_storage storage{};
  const SocketAddress address = to_socket_address(peer());
  std::memcpy(&storage, &address.generic, address.length);
  const auto replacement = std::as_bytes(std::span(&storage, 1));
  const std::size_t from = std::max(begin, kAddressOffset);
  const std::size_t to = std::min(end, kAddressOffset + replacement.size());
  if (from >= to) return;
  std::copy_n(
      replacement.begin() + static_cast<std::ptrdiff_t>(from - kAddressOffset),
      to - from, piece.begin() + static_cast<std::ptrdiff_t>(from - begin));
}

int UsrsctpSocket::send_one(const OutgoingMessage& message) {
  sctp_sendv_spa parameters{};
  parameters.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  sctp_sndinfo& info = parameters.sendv_sndinfo;
  info.snd_sid = message.stream.value();
  unsigned send_flags = 0;
  if (message.unordered) send_flags |= SCTP_UNORDERED;
  if (message.sack_immediately) send_flags |= SCTP_SACK_IMMEDIATELY;
  info.snd_flags = static_cast<std::uint16_t>(send_flags);
  info.snd_ppid = htonl(message.ppid.value());
  info.snd_context = message.context;
  if (message.time_to_live) {
    parameters.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    parameters.sendv_prinfo.pr_policy = SCTP_PR_SCTP_TTL;
    parameters.sendv_prinfo.pr_value = message.time_to_live->count();
  } else if (message.max_retransmissions) {
    parameters.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    parameters.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
    parameters.sendv_prinfo.pr_value = *message.max_retransmissions;
  }
  // The only path is where it goes anyway.
  if (message.destination.family != AddressFamily::kNone &&
      message.destination != peer()) {
    return EADDRNOTAVAIL;
  }
  if (message.data.empty()) return EINVAL;
  return api().sendv(handle_, message.data.data(), message.data.size(), nullptr,
                     0, &parameters, sizeof parameters, SCTP_SENDV_SPA, 0) < 0
             ? errno
             : 0;
}

// Packets leave at the end of the turn anyway.
SendResult UsrsctpSocket::send(std::span<const OutgoingMessage> messages,
                               bool) {
  SendResult result;
  if (handle_ == nullptr) {
    result.error_number = ENOTCONN;
    return result;
  }
  engine_->mark_active(*this);
  for (const OutgoingMessage& message : messages) {
    if (const int error = send_one(message); error != 0) {
      result.error_number = send_error(error);
      write_blocked_ = result.error_number == EAGAIN;
      return result;
    }
    ++result.sent;
  }
  return result;
}

}  // namespace lksctp
