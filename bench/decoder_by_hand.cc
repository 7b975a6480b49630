#include "decoder_by_hand.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lksctp {
namespace {

using View = std::span<const std::byte>;
using Result = tl::expected<Notification, DecodeError>;

std::uint16_t u16(View bytes, std::size_t at) {
  std::uint16_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::uint32_t u32(View bytes, std::size_t at) {
  std::uint32_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::uint16_t be16(View bytes, std::size_t at) {
  return __builtin_bswap16(u16(bytes, at));
}

StackAssociationId id(View bytes, std::size_t at) {
  return StackAssociationId(u32(bytes, at));
}

tl::unexpected<DecodeError> short_record(std::uint16_t type) {
  return tl::unexpected(
      DecodeError{DecodeErrorCode::kFieldTruncated, type, "", ""});
}

View chunk_causes(View chunk, std::uint8_t type) {
  if (chunk.size() < 4 || chunk[0] != std::byte{type}) return {};
  const std::size_t length = be16(chunk, 2);
  if (length < 4) return {};
  return chunk.subspan(4, std::min(length, chunk.size()) - 4);
}

std::uint32_t usrsctp_state(std::uint32_t raw, std::uint32_t last,
                            std::uint32_t unknown) {
  return raw >= 1 && raw <= last ? raw - 1 : raw | unknown;
}

Result association_change(View r, bool is_linux, std::uint16_t type) {
  if (r.size() < 20) return short_record(type);
  AssociationChange change;
  const std::uint16_t state = u16(r, 8);
  change.state = AssociationChangeState(
      is_linux ? state
               : static_cast<std::uint16_t>(usrsctp_state(state, 5, 0x8000)));
  change.error = CauseCode(is_linux ? be16(r, 10) : u16(r, 10));
  change.association = id(r, 16);
  const View tail = r.subspan(20);
  if (change.state == AssociationChangeState::kCommUp ||
      change.state == AssociationChangeState::kRestart) {
    change.outbound_streams = u16(r, 12);
    change.inbound_streams = u16(r, 14);
    if (!is_linux && !tail.empty()) {
      PeerFeatures features;
      for (std::byte byte : tail) {
        switch (std::to_integer<int>(byte)) {
          case 1:
            features.partial_reliability = true;
            break;
          case 2:
            features.authentication = true;
            break;
          case 3:
            features.address_reconfiguration = true;
            break;
          case 4:
            features.multiple_buffers = true;
            break;
          case 5:
            features.stream_reconfiguration = true;
            break;
          case 6:
            features.interleaving = true;
            break;
          default:
            break;
        }
      }
      change.features = features;
    }
  } else if (!tail.empty()) {
    change.causes = parse_error_causes(is_linux ? tail : chunk_causes(tail, 6));
    if (change.error == CauseCode::kNone && !change.causes.empty()) {
      change.error = change.causes.front().code;
    }
  }
  return change;
}

Address address(View sockaddr) {
  Address out;
  const std::uint16_t family = u16(sockaddr, 0);
  if (family == 2) {
    out.family = AddressFamily::kIpv4;
    std::memcpy(out.ip.data(), sockaddr.data() + 4, 4);
  } else if (family == 10) {
    static constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0,    0,
                                                  0, 0, 0, 0, 0xff, 0xff};
    if (std::memcmp(sockaddr.data() + 8, kMapped, sizeof kMapped) == 0) {
      out.family = AddressFamily::kIpv4;
      std::memcpy(out.ip.data(), sockaddr.data() + 20, 4);
    } else {
      out.family = AddressFamily::kIpv6;
      std::memcpy(out.ip.data(), sockaddr.data() + 8, 16);
      if (out.ip[0] == 0xfe && (out.ip[1] & 0xc0) == 0x80) {
        out.scope_id = u32(sockaddr, 24);
      }
    }
  } else {
    return out;
  }
  out.port = be16(sockaddr, 2);
  return out;
}

Result peer_address_change(View r, bool is_linux, std::uint16_t type) {
  if (r.size() < 148) return short_record(type);
  PeerAddressChange change;
  change.address = address(r.subspan(8, 128));
  const std::uint32_t state = u32(r, 136);
  change.state =
      PeerAddressState(is_linux ? state : usrsctp_state(state, 6, 0x80000000));
  change.error = u32(r, 140);
  change.association = id(r, 144);
  return change;
}

Result send_failed(View r, bool is_linux, bool deprecated, std::uint16_t type) {
  const std::size_t fixed = !deprecated ? 32 : is_linux ? 48 : 144;
  if (r.size() < fixed) return short_record(type);
  SendFailed failed;
  failed.deprecated = deprecated;
  const std::uint16_t kind = u16(r, 2);
  failed.kind = SendFailedKind(
      is_linux ? kind
               : static_cast<std::uint16_t>(usrsctp_state(kind, 2, 0x8000)));
  failed.error =
      CauseCode(is_linux ? be16(r, 8) : static_cast<std::uint16_t>(u32(r, 8)));
  const std::size_t info = deprecated ? 16 : 14;
  failed.stream = StreamId(u16(r, 12));
  failed.flags = u16(r, info);
  const std::size_t ppid = deprecated ? 20 : 16;
  failed.ppid = Ppid(__builtin_bswap32(u32(r, ppid)));
  failed.context = u32(r, ppid + 4);
  failed.association = id(r, fixed - 4);
  failed.data.assign(r.begin() + static_cast<std::ptrdiff_t>(fixed), r.end());
  return failed;
}

Result remote_error(View r, bool is_linux, std::uint16_t type) {
  if (r.size() < 16) return short_record(type);
  RemoteError error;
  error.error = CauseCode(is_linux ? be16(r, 8) : u16(r, 8));
  error.association = id(r, 12);
  error.cause.code = error.error;
  const View tail = r.subspan(16);
  if (is_linux) {
    error.cause.information.assign(tail.begin(), tail.end());
    return error;
  }
  auto causes = parse_error_causes(chunk_causes(tail, 9));
  if (!causes.empty()) {
    error.cause = std::move(causes.front());
    error.error = error.cause.code;
  }
  return error;
}

Result partial_delivery(View r, bool is_linux, std::uint16_t type) {
  if (r.size() < (is_linux ? 16 : 20)) return short_record(type);
  PartialDelivery event;
  const std::uint32_t indication = u32(r, 8);
  event.indication = PartialDeliveryIndication(
      is_linux ? indication : usrsctp_state(indication, 1, 0x80000000));
  if (is_linux) {
    event.association = id(r, 12);
    if (r.size() >= 20) event.stream = u32(r, 16);
    if (r.size() >= 24) event.sequence = u32(r, 20);
  } else {
    event.stream = u16(r, 12);
    event.sequence = u16(r, 14);
    event.association = id(r, 16);
  }
  return event;
}

Result authentication(View r, bool is_linux, std::uint16_t type) {
  if (r.size() < 20) return short_record(type);
  AuthenticationEvent event;
  event.key_number = u16(r, 8);
  event.alternate_key_number = u16(r, 10);
  std::uint32_t indication = u32(r, 12);
  if (!is_linux) {
    switch (indication) {
      case 1:
        indication = 0;
        break;
      case 2:
        break;
      case 3:
        indication = 1;
        break;
      default:
        indication |= 0x80000000;
    }
  }
  event.indication = AuthenticationIndication(indication);
  event.association = id(r, 16);
  return event;
}

ReconfigurationResult result_of(std::uint16_t flags) {
  if ((flags & 8) != 0) return ReconfigurationResult::kFailed;
  return (flags & 4) != 0 ? ReconfigurationResult::kDenied
                          : ReconfigurationResult::kPerformed;
}

Result stream_reset(View r, std::uint16_t type) {
  if (r.size() < 12) return short_record(type);
  StreamReset reset;
  const std::uint16_t flags = u16(r, 2);
  reset.incoming = (flags & 1) != 0;
  reset.outgoing = (flags & 2) != 0;
  reset.result = result_of(flags);
  reset.association = id(r, 8);
  reset.streams.reserve((r.size() - 12) / 2);
  for (std::size_t at = 12; at + 2 <= r.size(); at += 2) {
    reset.streams.emplace_back(u16(r, at));
  }
  return reset;
}

Result association_reset(View r, bool is_linux, std::uint16_t type) {
  if (r.size() < 20) return short_record(type);
  AssociationReset reset;
  reset.result = result_of(u16(r, 2));
  reset.association = id(r, 8);
  reset.local_tsn = Tsn(u32(r, is_linux ? 16 : 12));
  reset.remote_tsn = Tsn(is_linux ? u32(r, 12) : u32(r, 16) - 1);
  return reset;
}

void change_count(bool is_linux, ReconfigurationResult result,
                  std::uint16_t value, const std::uint16_t* known,
                  std::optional<std::uint16_t>& added,
                  std::optional<std::uint16_t>& total) {
  if (!is_linux) total = value;
  if (result != ReconfigurationResult::kPerformed) {
    added = 0;
    if (is_linux && known != nullptr) total = *known;
  } else if (is_linux) {
    added = value;
    if (known != nullptr && *known + value <= 0xffff) {
      total = static_cast<std::uint16_t>(*known + value);
    }
  } else if (known != nullptr && *known <= value) {
    added = static_cast<std::uint16_t>(value - *known);
  }
}

Result stream_change(View r, bool is_linux, std::uint16_t type,
                     const StreamCounts* known) {
  if (r.size() < 16) return short_record(type);
  StreamChange change;
  change.result = result_of(u16(r, 2));
  change.association = id(r, 8);
  change_count(is_linux, change.result, u16(r, 12),
               known == nullptr ? nullptr : &known->inbound,
               change.inbound_added, change.inbound_streams);
  change_count(is_linux, change.result, u16(r, 14),
               known == nullptr ? nullptr : &known->outbound,
               change.outbound_added, change.outbound_streams);
  return change;
}

}  // namespace

Result decode_by_hand(View bytes, Abi abi, const StreamCounts* known) {
  if (bytes.size() < 8) {
    return tl::unexpected(
        DecodeError{DecodeErrorCode::kHeaderTruncated, 0, "", ""});
  }
  const std::uint16_t type = u16(bytes, 0);
  const std::uint32_t length = u32(bytes, 4);
  if (length < 8 || length > bytes.size()) {
    return tl::unexpected(DecodeError{length < 8
                                          ? DecodeErrorCode::kLengthTooSmall
                                          : DecodeErrorCode::kLengthBeyondBytes,
                                      type, "", ""});
  }
  const View r = bytes.first(length);
  const bool is_linux = abi == Abi::kLinux;
  // usrsctp's numbers moved behind Linux's, so that one switch serves both.
  switch (is_linux ? type : type | 0x10000) {
    case 0x8001:
    case 0x10001:
      return association_change(r, is_linux, type);
    case 0x8002:
    case 0x10002:
      return peer_address_change(r, is_linux, type);
    case 0x8003:
    case 0x10004:
      return send_failed(r, is_linux, /*deprecated=*/true, type);
    case 0x800d:
    case 0x1000e:
      return send_failed(r, is_linux, /*deprecated=*/false, type);
    case 0x8004:
    case 0x10003:
      return remote_error(r, is_linux, type);
    case 0x8005:
    case 0x10005:
      if (r.size() < 12) return short_record(type);
      return ShutdownEvent{id(r, 8)};
    case 0x8006:
    case 0x10007:
      return partial_delivery(r, is_linux, type);
    case 0x8007:
    case 0x10006:
      if (r.size() < 16) return short_record(type);
      return AdaptationIndication{u32(r, 8), id(r, 12)};
    case 0x8008:
    case 0x10008:
      return authentication(r, is_linux, type);
    case 0x8009:
    case 0x1000a:
      if (r.size() < 12) return short_record(type);
      return SenderDry{id(r, 8)};
    case 0x800a:
    case 0x10009:
      return stream_reset(r, type);
    case 0x800b:
    case 0x1000c:
      return association_reset(r, is_linux, type);
    case 0x800c:
    case 0x1000d:
      return stream_change(r, is_linux, type, known);
    case 0x1000b:
      return NotificationsStopped{};
    default:
      return UnknownNotification{type, {r.begin(), r.end()}};
  }
}

}  // namespace lksctp
