// Error causes of ABORT and ERROR chunks (RFC 9260 §3.3.10 and extensions).
//
// Threads: values and pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lksctp {

// Cause codes in host byte order. A code that is not listed is kept as it came.
enum class CauseCode : std::uint16_t {
  kNone = 0,
  kInvalidStreamIdentifier = 1,
  kMissingMandatoryParameter = 2,
  kStaleCookie = 3,
  kOutOfResource = 4,
  kUnresolvableAddress = 5,
  kUnrecognizedChunkType = 6,
  kInvalidMandatoryParameter = 7,
  kUnrecognizedParameters = 8,
  kNoUserData = 9,
  kCookieReceivedWhileShuttingDown = 10,
  kRestartWithNewAddresses = 11,
  kUserInitiatedAbort = 12,
  kProtocolViolation = 13,
  kRestartWithNewEncapsulationPort =
      14,  // Linux; draft-tuexen-tsvwg-rfc6951-bis
  kDeleteLastRemainingAddress = 0x00a0,        // RFC 5061 §4.3
  kOperationRefusedResourceShortage = 0x00a1,  // RFC 5061 §4.3
  kDeleteSourceAddress = 0x00a2,               // RFC 5061 §4.3
  kIllegalAsconfAck = 0x00a3,                  // RFC 5061 §4.3
  kRequestRefusedNoAuthorization = 0x00a4,     // RFC 5061 §4.3
  kNatCollidingState = 0x00b0,
  kNatMissingState = 0x00b1,
  kUnsupportedHmacIdentifier = 0x0105,  // RFC 4895 §4.1
};

// One error cause: its code and what follows the four-byte cause header.
struct ErrorCause {
  CauseCode code{};
  // Cause-specific information without padding where the stack kept the exact
  // length; Linux pads `sre_data` with zeros to a multiple of four.
  std::vector<std::byte> information;

  friend bool operator==(const ErrorCause&, const ErrorCause&) = default;
};

// The RFC's name of a cause in lower case, for example "user-initiated abort";
// "unknown cause" for a code the table does not have. Never empty.
[[nodiscard]] std::string_view cause_name(CauseCode code);

// Where a cause is defined: "RFC 9260 §3.3.10.12"; empty for an unknown code.
[[nodiscard]] std::string_view cause_section(CauseCode code);

// Name and readable information on one line: `user-initiated abort
// "bye-reason"`, "invalid stream identifier 7", "unknown cause 9999". Text of
// the peer appears only when it is printable ASCII, else its size does.
[[nodiscard]] std::string describe_cause(const ErrorCause& cause);

// Parses a sequence of cause TLVs in network byte order. Stops at the first TLV
// whose length is below four or beyond the bytes: what was read until then is
// returned and the rest is dropped, since no boundary can be trusted after it.
[[nodiscard]] std::vector<ErrorCause> parse_error_causes(
    std::span<const std::byte> tlvs);

// The inverse: cause TLVs in network byte order, padded in between and not at
// the end, as Linux hands them over in `sac_info`. REQUIRES: no information is
// longer than 65531 bytes, which no TLV can hold.
[[nodiscard]] std::vector<std::byte> encode_error_causes(
    std::span<const ErrorCause> causes);

}  // namespace lksctp
