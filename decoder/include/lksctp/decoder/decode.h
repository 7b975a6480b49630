// Bytes of one notification to its typed value.
//
//   auto event = lksctp::decode(bytes, lksctp::Abi::kLinux);
//   if (!event) log(to_string(event.error()));
//
// Everything in which the two stacks differ ends here; see `notification.h`.
// Pure functions over bytes that nothing is assumed of.
//
// Threads: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "lksctp/decoder/notification.h"

namespace lksctp {

// Why bytes are not a notification. Closed: there is no other reason.
enum class DecodeErrorCode : std::uint8_t {
  kHeaderTruncated,    // fewer than the 8 bytes of the header
  kLengthTooSmall,     // the declared length does not cover the header
  kLengthBeyondBytes,  // the declared length is larger than what was received
  kFieldTruncated,     // the declared length ends before a field every known
                       // kernel sends
};

// A record that could not be decoded, with the row and field where it failed.
struct DecodeError {
  DecodeErrorCode code{};
  std::uint16_t type = 0;  // as the stack numbers it; 0 when unreadable
  const char* row = "";    // "SCTP_ASSOC_CHANGE", "" when no row has the type
  const char* field = "";  // "sac_state", "" when no field is to blame
};

// One line, for example "SCTP_ASSOC_CHANGE: record ends before sac_state".
[[nodiscard]] std::string to_string(const DecodeError& error);

// Stream counts of the association before the notification.
struct StreamCounts {
  std::uint16_t inbound = 0;
  std::uint16_t outbound = 0;
};

// Decodes one complete record (pieces without MSG_EOR go through
// `NotificationAssembler` first). A type that the table does not have is an
// `UnknownNotification`, not an error. Bytes behind the declared length are
// ignored. `known` completes the counts of a StreamChange; null when unknown.
//
// Of a usrsctp REMOTE_ERROR with several causes this gives the first:
// `decode_all` gives them all. An AF_CONN address becomes AddressFamily::kNone.
// Allocates nothing but for the tail of a record that has one.
[[nodiscard]] tl::expected<Notification, DecodeError> decode(
    std::span<const std::byte> bytes, Abi abi,
    const StreamCounts* known = nullptr);

// Like `decode`, and appends to `out` what the same fact gives on Linux: one
// RemoteError per cause. `out` is unchanged on error.
[[nodiscard]] tl::expected<void, DecodeError> decode_all(
    std::span<const std::byte> bytes, Abi abi, std::vector<Notification>& out,
    const StreamCounts* known = nullptr);

}  // namespace lksctp
