// What comes and goes beside a message: receive information (RFC 6458 §5.3.5,
// §5.3.6), Linux's control messages that carry it, and the numbers of the send
// flags in each ABI.
//
// Pure functions over bytes that nothing is assumed of; no socket headers.
//
// Threads: values and pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "lksctp/decoder/notification.h"
#include "lksctp/decoder/row.h"

namespace lksctp {

// `struct sctp_rcvinfo`, RFC 6458 §5.3.5: the attributes of a received message.
struct ReceiveInfo {
  StreamId stream{};
  std::uint16_t ssn = 0;  // stream sequence number
  bool unordered = false;
  Ppid ppid{};
  Tsn tsn{};  // of the first DATA chunk of this piece
  // Linux: 0 unless unordered; usrsctp: equals `tsn`.
  std::uint32_t cumulative_tsn = 0;
  std::uint32_t context = 0;  // SCTP_CONTEXT
  StackAssociationId association{};

  friend bool operator==(const ReceiveInfo&, const ReceiveInfo&) = default;
};

// `struct sctp_nxtinfo`, RFC 6458 §5.3.6: the message behind the one received.
struct NextInfo {
  StreamId stream{};
  bool unordered = false;
  bool notification = false;
  bool complete = false;  // usrsctp only
  Ppid ppid{};
  std::uint32_t length = 0;  // bytes that are there already
  StackAssociationId association{};

  friend bool operator==(const NextInfo&, const NextInfo&) = default;
};

// What a control buffer held.
struct ControlData {
  std::optional<ReceiveInfo> receive;
  std::optional<NextInfo> next;
  // From the deprecated `struct sctp_sndrcvinfo` (RFC 6458 §5.3.2).
  std::optional<ReceiveInfo> send_receive;
};

// Each returns nullopt for fewer bytes than the struct has; more are ignored.
[[nodiscard]] std::optional<ReceiveInfo> decode_receive_info(
    std::span<const std::byte> bytes, Abi abi);
[[nodiscard]] std::optional<NextInfo> decode_next_info(
    std::span<const std::byte> bytes, Abi abi);

// Walks the control messages of `msg_control` as 64-bit Linux lays them out.
// Messages of other levels and types are skipped; the walk ends at the first
// one whose length is below its header or beyond the bytes.
[[nodiscard]] ControlData decode_control(std::span<const std::byte> control);

// IPPROTO_SCTP, the level of SCTP's control messages and socket options.
inline constexpr int kSctpLevel = 132;

// Linux's `cmsg_type` numbers (`enum sctp_cmsg_type`).
enum class ControlType : std::int32_t {
  kInit = 0,
  kSendReceiveInfo = 1,
  kSendInfo = 2,
  kReceiveInfo = 3,
  kNextInfo = 4,
  kPrInfo = 5,
  kAuthInfo = 6,
  kDestinationIpv4 = 7,
  kDestinationIpv6 = 8,
};

// Numbers of `snd_flags` and `pr_policy`; 0 where the ABI does not have the
// flag.
struct SendFlags {
  std::uint16_t unordered = 0;
  std::uint16_t address_override = 0;
  std::uint16_t abort = 0;
  std::uint16_t sack_immediately = 0;
  std::uint16_t send_all = 0;
  std::uint16_t end_of_file = 0;    // SCTP_EOF: shut down after this message
  std::uint16_t end_of_record = 0;  // SCTP_EOR, with SCTP_EXPLICIT_EOR
  // Policies of RFC 3758 and RFC 7496.
  std::uint16_t policy_ttl = 0;         // milliseconds
  std::uint16_t policy_retransmit = 0;  // number of retransmissions
  std::uint16_t policy_priority = 0;    // Linux only
  std::uint16_t policy_buffer = 0;      // bytes; usrsctp only
};

// The numbers of one ABI. Danger: 0x0200 is EOF on Linux and ABORT on usrsctp.
[[nodiscard]] constexpr SendFlags send_flags(Abi abi) {
  if (abi == Abi::kLinux) {
    return {.unordered = 0x0001,
            .address_override = 0x0002,
            .abort = 0x0004,
            .sack_immediately = 0x0008,
            .send_all = 0x0040,
            .end_of_file = 0x0200,
            .policy_ttl = 0x0010,
            .policy_retransmit = 0x0020,
            .policy_priority = 0x0030};
  }
  return {.unordered = 0x0400,
          .address_override = 0x0800,
          .abort = 0x0200,
          .sack_immediately = 0x4000,
          .send_all = 0x1000,
          .end_of_file = 0x0100,
          .end_of_record = 0x2000,
          .policy_ttl = 0x0001,
          .policy_retransmit = 0x0003,
          .policy_buffer = 0x0002};
}

// A fixed struct of ancillary data, described like the notifications.
struct AncillaryRow {
  const char* struct_name = "";
  std::uint16_t linux_size = 0;
  std::uint16_t usrsctp_size = 0;  // 0: the ABI does not have it
  std::span<const FieldDescriptor> fields{};
};

// sctp_rcvinfo, sctp_nxtinfo and sctp_sndrcvinfo.
[[nodiscard]] std::span<const AncillaryRow> ancillary_rows();

}  // namespace lksctp
