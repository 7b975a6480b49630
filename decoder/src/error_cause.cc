#include "lksctp/decoder/error_cause.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "field_reader.h"
#include "printable.h"

namespace lksctp {
namespace {

constexpr std::size_t kCauseHeaderSize = 4;
constexpr std::size_t kLengthOffset = 2;

using Information = std::span<const std::byte>;

std::uint32_t be16_or_zero(Information information, std::size_t offset = 0) {
  if (information.size() < offset + 2) return 0;
  return load_be16(information.data() + offset);
}

std::uint32_t be32_or_zero(Information information) {
  return information.size() < 4 ? 0 : load_be32(information.data());
}

// Readers of cause-specific information: what stands behind the cause's name.

std::string opaque(Information) { return {}; }

std::string text(Information information) {
  const std::string quoted = quote_if_printable(information);
  return quoted.empty() ? quoted : " " + quoted;
}

// " 7". Appended, not added to a literal, in which GCC 12 sees an overlap that is
// not there (-Wrestrict).
std::string number(std::uint32_t value) {
  std::string text = " ";
  return text += std::to_string(value);
}

std::string stream(Information information) {
  return number(be16_or_zero(information));
}

std::string microseconds(Information information) {
  return ", stale by " + std::to_string(be32_or_zero(information)) + " us";
}

std::string tsn(Information information) {
  return ", TSN " + std::to_string(be32_or_zero(information));
}

std::string chunk_type(Information information) {
  return ", chunk type " + std::to_string(std::to_integer<int>(information[0]));
}

std::string parameter_type(Information information) {
  return ", parameter " + hexadecimal(be16_or_zero(information));
}

std::string missing_types(Information information) {
  constexpr std::size_t kTypesOffset = 4;
  std::string out;
  for (std::size_t at = kTypesOffset; at + 2 <= information.size(); at += 2) {
    out += out.empty() ? ", parameters " : ", ";
    out += hexadecimal(be16_or_zero(information, at));
  }
  return out;
}

std::string ports(Information information) {
  return ", port " + std::to_string(be16_or_zero(information)) + " to " +
         std::to_string(be16_or_zero(information, 2));
}

std::string hmac_identifier(Information information) {
  return number(be16_or_zero(information));
}

// One cause: its name, where it is defined, and how its information reads. A
// reader is not called for information shorter than `minimum`.
struct CauseRow {
  CauseCode code{};
  std::string_view name;
  std::string_view section;
  std::string (*read)(Information) = &opaque;
  std::size_t minimum = 0;
};

constexpr std::array kCauses{
    CauseRow{CauseCode::kInvalidStreamIdentifier, "invalid stream identifier",
             "RFC 9260 §3.3.10.1", &stream, 2},
    CauseRow{CauseCode::kMissingMandatoryParameter,
             "missing mandatory parameter", "RFC 9260 §3.3.10.2",
             &missing_types, 6},
    CauseRow{CauseCode::kStaleCookie, "stale cookie", "RFC 9260 §3.3.10.3",
             &microseconds, 4},
    CauseRow{CauseCode::kOutOfResource, "out of resource",
             "RFC 9260 §3.3.10.4"},
    CauseRow{CauseCode::kUnresolvableAddress, "unresolvable address",
             "RFC 9260 §3.3.10.5", &parameter_type, 2},
    CauseRow{CauseCode::kUnrecognizedChunkType, "unrecognized chunk type",
             "RFC 9260 §3.3.10.6", &chunk_type, 1},
    CauseRow{CauseCode::kInvalidMandatoryParameter,
             "invalid mandatory parameter", "RFC 9260 §3.3.10.7"},
    CauseRow{CauseCode::kUnrecognizedParameters, "unrecognized parameters",
             "RFC 9260 §3.3.10.8", &parameter_type, 2},
    CauseRow{CauseCode::kNoUserData, "no user data", "RFC 9260 §3.3.10.9", &tsn,
             4},
    CauseRow{CauseCode::kCookieReceivedWhileShuttingDown,
             "cookie received while shutting down", "RFC 9260 §3.3.10.10"},
    CauseRow{CauseCode::kRestartWithNewAddresses,
             "restart of an association with new addresses",
             "RFC 9260 §3.3.10.11", &parameter_type, 2},
    CauseRow{CauseCode::kUserInitiatedAbort, "user-initiated abort",
             "RFC 9260 §3.3.10.12", &text, 1},
    CauseRow{CauseCode::kProtocolViolation, "protocol violation",
             "RFC 9260 §3.3.10.13", &text, 1},
    CauseRow{CauseCode::kRestartWithNewEncapsulationPort,
             "restart of an association with new encapsulation port",
             "draft-tuexen-tsvwg-rfc6951-bis", &ports, 4},
    CauseRow{CauseCode::kDeleteLastRemainingAddress,
             "request to delete last remaining IP address", "RFC 5061 §4.3.1",
             &parameter_type, 2},
    CauseRow{CauseCode::kOperationRefusedResourceShortage,
             "operation refused due to resource shortage", "RFC 5061 §4.3.2",
             &parameter_type, 2},
    CauseRow{CauseCode::kDeleteSourceAddress,
             "request to delete source IP address", "RFC 5061 §4.3.3",
             &parameter_type, 2},
    CauseRow{CauseCode::kIllegalAsconfAck,
             "association aborted due to illegal ASCONF-ACK",
             "RFC 5061 §4.3.4"},
    CauseRow{CauseCode::kRequestRefusedNoAuthorization,
             "request refused, no authorization", "RFC 5061 §4.3.5",
             &parameter_type, 2},
    CauseRow{CauseCode::kNatCollidingState, "VTag and port number collision",
             "draft-ietf-tsvwg-natsupp §6.2.1"},
    CauseRow{CauseCode::kNatMissingState, "missing state",
             "draft-ietf-tsvwg-natsupp §6.2.2"},
    CauseRow{CauseCode::kUnsupportedHmacIdentifier,
             "unsupported HMAC identifier", "RFC 4895 §4.1", &hmac_identifier,
             2},
};

static_assert(std::is_sorted(kCauses.begin(), kCauses.end(),
                             [](const CauseRow& a, const CauseRow& b) {
                               return a.code < b.code;
                             }));

const CauseRow* row_of_cause(CauseCode code) {
  for (const CauseRow& row : kCauses) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

constexpr std::size_t padded(std::size_t length) {
  return (length + 3) & ~std::size_t{3};
}

}  // namespace

std::string_view cause_name(CauseCode code) {
  const CauseRow* row = row_of_cause(code);
  return row == nullptr ? "unknown cause" : row->name;
}

std::string_view cause_section(CauseCode code) {
  const CauseRow* row = row_of_cause(code);
  return row == nullptr ? "" : row->section;
}

std::string describe_cause(const ErrorCause& cause) {
  const CauseRow* row = row_of_cause(cause.code);
  if (row == nullptr) {
    return "unknown cause " + std::to_string(static_cast<int>(cause.code));
  }
  std::string out(row->name);
  if (cause.information.size() >= row->minimum) {
    out += row->read(cause.information);
  }
  return out;
}

std::vector<ErrorCause> parse_error_causes(std::span<const std::byte> tlvs) {
  std::vector<ErrorCause> causes;
  while (tlvs.size() >= kCauseHeaderSize) {
    const std::size_t length = load_be16(tlvs.data() + kLengthOffset);
    if (length < kCauseHeaderSize || length > tlvs.size()) break;
    const auto information =
        tlvs.subspan(kCauseHeaderSize, length - kCauseHeaderSize);
    causes.push_back({CauseCode{load_be16(tlvs.data())},
                      {information.begin(), information.end()}});
    tlvs = tlvs.subspan(std::min(padded(length), tlvs.size()));
  }
  return causes;
}

std::vector<std::byte> encode_error_causes(std::span<const ErrorCause> causes) {
  std::vector<std::byte> tlvs;
  for (const ErrorCause& cause : causes) {
    tlvs.resize(padded(tlvs.size()));
    const std::size_t at = tlvs.size();
    tlvs.resize(at + kCauseHeaderSize);
    store_be16(tlvs.data() + at, static_cast<std::uint16_t>(cause.code));
    store_be16(tlvs.data() + at + kLengthOffset,
               static_cast<std::uint16_t>(kCauseHeaderSize +
                                          cause.information.size()));
    tlvs.insert(tlvs.end(), cause.information.begin(), cause.information.end());
  }
  return tlvs;
}

}  // namespace lksctp
