#include "lksctp/decoder/ancillary.h"

#include <algorithm>
#include <array>

#include "field_reader.h"
#include "row_fields.h"

namespace lksctp {
namespace {

using table::field;
using table::kNet;
using table::member;
using table::pad;
using table::u16_at;
using table::u32_at;

constexpr std::uint32_t kUnordered = send_flags(Abi::kLinux).unordered;
constexpr std::uint32_t kNotification = 0x8000;
// Linux has no such bit: one outside the 16 of its field.
constexpr std::uint32_t kComplete = 0x10000;

constexpr std::array kReceiveFlags{ValueName{
    "SCTP_UNORDERED", kUnordered, send_flags(Abi::kUsrsctp).unordered}};

constexpr std::array kNextFlags{
    ValueName{"SCTP_UNORDERED", kUnordered,
              send_flags(Abi::kUsrsctp).unordered},
    ValueName{"SCTP_NOTIFICATION", kNotification, 0x0010},
    ValueName{"SCTP_COMPLETE", kComplete, 0x0020}};

void store_receive_flags(void* object, std::uint64_t flags) {
  static_cast<ReceiveInfo*>(object)->unordered = (flags & kUnordered) != 0;
}

void store_next_flags(void* object, std::uint64_t flags) {
  auto& next = *static_cast<NextInfo*>(object);
  next.unordered = (flags & kUnordered) != 0;
  next.notification = (flags & kNotification) != 0;
  next.complete = (flags & kComplete) != 0;
}

constexpr FieldDescriptor flags(const char* name, std::uint16_t offset,
                                void (*store)(void*, std::uint64_t),
                                std::span<const ValueName> bits) {
  FieldDescriptor descriptor =
      field(name, u16_at(offset), Access{store, nullptr, nullptr}, bits);
  descriptor.kind = FieldKind::kFlags;
  return descriptor;
}

struct ReceiveInfoFields {
  static constexpr std::array kList{
      field("rcv_sid", u16_at(0), member<&ReceiveInfo::stream>),
      field("rcv_ssn", u16_at(2), member<&ReceiveInfo::ssn>),
      flags("rcv_flags", 4, &store_receive_flags, kReceiveFlags),
      pad("padding", u16_at(6), u16_at(6)),
      field("rcv_ppid", u32_at(8, kNet), member<&ReceiveInfo::ppid>),
      field("rcv_tsn", u32_at(12), member<&ReceiveInfo::tsn>),
      field("rcv_cumtsn", u32_at(16), member<&ReceiveInfo::cumulative_tsn>),
      field("rcv_context", u32_at(20), member<&ReceiveInfo::context>),
      field("rcv_assoc_id", u32_at(24), member<&ReceiveInfo::association>),
  };
  static constexpr std::span<const FieldDescriptor> kFields = kList;
};

struct NextInfoFields {
  static constexpr std::array kList{
      field("nxt_sid", u16_at(0), member<&NextInfo::stream>),
      flags("nxt_flags", 2, &store_next_flags, kNextFlags),
      field("nxt_ppid", u32_at(4, kNet), member<&NextInfo::ppid>),
      field("nxt_length", u32_at(8), member<&NextInfo::length>),
      field("nxt_assoc_id", u32_at(12), member<&NextInfo::association>),
  };
  static constexpr std::span<const FieldDescriptor> kFields = kList;
};

struct SendReceiveInfoFields {
  static constexpr std::array kList{
      field("sinfo_stream", u16_at(0), {}, member<&ReceiveInfo::stream>),
      field("sinfo_ssn", u16_at(2), {}, member<&ReceiveInfo::ssn>),
      flags("sinfo_flags", 4, &store_receive_flags, kReceiveFlags),
      pad("padding", u16_at(6), {}),
      field("sinfo_ppid", u32_at(8, kNet), {}, member<&ReceiveInfo::ppid>),
      field("sinfo_context", u32_at(12), {}, member<&ReceiveInfo::context>),
      field("sinfo_timetolive", u32_at(16), {}, Access{}),
      field("sinfo_tsn", u32_at(20), {}, member<&ReceiveInfo::tsn>),
      field("sinfo_cumtsn", u32_at(24), {},
            member<&ReceiveInfo::cumulative_tsn>),
      field("sinfo_assoc_id", u32_at(28), {},
            member<&ReceiveInfo::association>),
  };
  static constexpr std::span<const FieldDescriptor> kFields = kList;
};

constexpr std::array kAncillaryRows{
    AncillaryRow{"sctp_rcvinfo", 28, 28, ReceiveInfoFields::kFields},
    AncillaryRow{"sctp_nxtinfo", 16, 16, NextInfoFields::kFields},
    AncillaryRow{"sctp_sndrcvinfo", 32, 0, SendReceiveInfoFields::kFields},
};

// Into its place: one is read per message.
template <typename Fields, Abi kAbi, typename Value>
void read(std::span<const std::byte> bytes, std::optional<Value>& value) {
  using Reader = FieldReader<Fields, kAbi>;
  value.reset();
  if (bytes.size() >= Reader::kRequiredSize) {
    Reader::read(bytes, &value.emplace());
  }
}

template <typename Fields, typename Value>
std::optional<Value> read(std::span<const std::byte> bytes, Abi abi) {
  std::optional<Value> value;
  if (abi == Abi::kLinux) {
    read<Fields, Abi::kLinux>(bytes, value);
  } else {
    read<Fields, Abi::kUsrsctp>(bytes, value);
  }
  return value;
}

// `struct cmsghdr`: size_t length, int level, int type; data at 16, the next
// header at the next multiple of 8.
constexpr std::size_t kControlHeaderSize = 16;
constexpr std::size_t kControlLevelOffset = 8;
constexpr std::size_t kControlTypeOffset = 12;

constexpr std::size_t control_aligned(std::size_t length) {
  return (length + 7) & ~std::size_t{7};
}

}  // namespace

std::optional<ReceiveInfo> decode_receive_info(std::span<const std::byte> bytes,
                                               Abi abi) {
  return read<ReceiveInfoFields, ReceiveInfo>(bytes, abi);
}

std::optional<NextInfo> decode_next_info(std::span<const std::byte> bytes,
                                         Abi abi) {
  return read<NextInfoFields, NextInfo>(bytes, abi);
}

ControlData decode_control(std::span<const std::byte> control) {
  ControlData data;
  while (control.size() >= kControlHeaderSize) {
    const auto length = load_host<std::uint64_t>(control.data());
    if (length < kControlHeaderSize || length > control.size()) break;
    const auto level =
        load_host<std::int32_t>(control.data() + kControlLevelOffset);
    const ControlType type{
        load_host<std::int32_t>(control.data() + kControlTypeOffset)};
    const auto payload =
        control.subspan(kControlHeaderSize, length - kControlHeaderSize);
    if (level == kSctpLevel) {
      if (type == ControlType::kReceiveInfo) {
        read<ReceiveInfoFields, Abi::kLinux>(payload, data.receive);
      } else if (type == ControlType::kNextInfo) {
        read<NextInfoFields, Abi::kLinux>(payload, data.next);
      } else if (type == ControlType::kSendReceiveInfo) {
        read<SendReceiveInfoFields, Abi::kLinux>(payload, data.send_receive);
      }
    }
    control =
        control.subspan(std::min(control_aligned(length), control.size()));
  }
  return data;
}

std::span<const AncillaryRow> ancillary_rows() { return kAncillaryRows; }

}  // namespace lksctp
