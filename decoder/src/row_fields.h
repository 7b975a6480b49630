// What the rows are made of: the names of field values with their numbers in
// each ABI, the accessors that are not plain members, and short forms for
// descriptors.
#pragma once

#include <array>
#include <cstdint>

#include "lksctp/decoder/row.h"

namespace lksctp {
namespace table {

inline constexpr std::array kAssociationStates{
    ValueName{"SCTP_COMM_UP", 0, 1}, ValueName{"SCTP_COMM_LOST", 1, 2},
    ValueName{"SCTP_RESTART", 2, 3}, ValueName{"SCTP_SHUTDOWN_COMP", 3, 4},
    ValueName{"SCTP_CANT_STR_ASSOC", 4, 5}};

inline constexpr std::array kPeerAddressStates{
    ValueName{"SCTP_ADDR_AVAILABLE", 0, 1},
    ValueName{"SCTP_ADDR_UNREACHABLE", 1, 2},
    ValueName{"SCTP_ADDR_REMOVED", 2, 3},
    ValueName{"SCTP_ADDR_ADDED", 3, 4},
    ValueName{"SCTP_ADDR_MADE_PRIM", 4, 5},
    ValueName{"SCTP_ADDR_CONFIRMED", 5, 6},
    ValueName{"SCTP_ADDR_POTENTIALLY_FAILED", 6, ValueName::kAbsent}};

inline constexpr std::array kSendFailedKinds{
    ValueName{"SCTP_DATA_UNSENT", 0, 1}, ValueName{"SCTP_DATA_SENT", 1, 2}};

inline constexpr std::array kPartialDeliveryIndications{
    ValueName{"SCTP_PARTIAL_DELIVERY_ABORTED", 0, 1}};

inline constexpr std::array kAuthenticationIndications{
    ValueName{"SCTP_AUTH_NEW_KEY", 0, 1}, ValueName{"SCTP_AUTH_FREE_KEY", 1, 3},
    ValueName{"SCTP_AUTH_NO_AUTH", 2, 2}};

inline constexpr std::array kStreamResetFlags{
    ValueName{"SCTP_STREAM_RESET_INCOMING_SSN", 1, 1},
    ValueName{"SCTP_STREAM_RESET_OUTGOING_SSN", 2, 2},
    ValueName{"SCTP_STREAM_RESET_DENIED", 4, 4},
    ValueName{"SCTP_STREAM_RESET_FAILED", 8, 8}};

inline constexpr std::array kAssociationResetFlags{
    ValueName{"SCTP_ASSOC_RESET_DENIED", 4, 4},
    ValueName{"SCTP_ASSOC_RESET_FAILED", 8, 8}};

inline constexpr std::array kStreamChangeFlags{
    ValueName{"SCTP_STREAM_CHANGE_DENIED", 4, 4},
    ValueName{"SCTP_STREAM_CHANGE_FAILED", 8, 8}};

inline constexpr std::uint64_t kResetIncoming = 1;
inline constexpr std::uint64_t kResetOutgoing = 2;
inline constexpr std::uint64_t kReconfigurationDenied = 4;
inline constexpr std::uint64_t kReconfigurationFailed = 8;

constexpr ReconfigurationResult result_of(std::uint64_t flags) {
  if ((flags & kReconfigurationFailed) != 0) {
    return ReconfigurationResult::kFailed;
  }
  return (flags & kReconfigurationDenied) != 0
             ? ReconfigurationResult::kDenied
             : ReconfigurationResult::kPerformed;
}

constexpr std::uint64_t flags_of(ReconfigurationResult result) {
  if (result == ReconfigurationResult::kFailed) return kReconfigurationFailed;
  return result == ReconfigurationResult::kDenied ? kReconfigurationDenied : 0;
}

// The DENIED and FAILED bits of assocreset_flags and strchange_flags.
template <typename T>
struct ResultFlags {
  static void store(void* object, std::uint64_t flags) {
    static_cast<T*>(object)->result = result_of(flags);
  }
  static std::uint64_t load(const void* object) {
    return flags_of(static_cast<const T*>(object)->result);
  }
};
template <typename T>
inline constexpr Access result_flags{&ResultFlags<T>::store,
                                     &ResultFlags<T>::load, nullptr};

struct StreamResetFlags {
  static void store(void* object, std::uint64_t flags) {
    auto& reset = *static_cast<StreamReset*>(object);
    reset.incoming = (flags & kResetIncoming) != 0;
    reset.outgoing = (flags & kResetOutgoing) != 0;
    reset.result = result_of(flags);
  }
  static std::uint64_t load(const void* object) {
    const auto& reset = *static_cast<const StreamReset*>(object);
    return (reset.incoming ? kResetIncoming : 0) |
           (reset.outgoing ? kResetOutgoing : 0) | flags_of(reset.result);
  }
};
inline constexpr Access stream_reset_flags{&StreamResetFlags::store,
                                           &StreamResetFlags::load, nullptr};

// The stream numbers of a StreamChange as Linux reports them: those added. The
// record's number goes to both members; `decode` makes out which it was.
template <auto kAdded, auto kTotal>
struct StreamChangeCount {
  static void store(void* object, std::uint64_t value) {
    auto& change = *static_cast<StreamChange*>(object);
    change.*kAdded = static_cast<std::uint16_t>(value);
    change.*kTotal = static_cast<std::uint16_t>(value);
  }
  static std::uint64_t load(const void* object) {
    return (static_cast<const StreamChange*>(object)->*kAdded).value_or(0);
  }
};
template <auto kAdded, auto kTotal>
inline constexpr Access stream_change_count{
    &StreamChangeCount<kAdded, kTotal>::store,
    &StreamChangeCount<kAdded, kTotal>::load, nullptr};

constexpr FieldDescriptor type_field(const char* name) {
  return {.name = name,
          .kind = FieldKind::kType,
          .linux_slot = u16_at(0),
          .usrsctp_slot = u16_at(0)};
}

constexpr FieldDescriptor flags_field(const char* name, Access access = {},
                                      std::span<const ValueName> bits = {}) {
  return {.name = name,
          .kind = FieldKind::kFlags,
          .linux_slot = u16_at(2),
          .usrsctp_slot = u16_at(2),
          .access = access,
          .values = bits};
}

constexpr FieldDescriptor length_field(const char* name) {
  return {.name = name,
          .kind = FieldKind::kLength,
          .linux_slot = u32_at(4),
          .usrsctp_slot = u32_at(4)};
}

constexpr FieldDescriptor field(const char* name, Slot linux_slot,
                                Slot usrsctp_slot, Access access,
                                std::span<const ValueName> values = {}) {
  return {.name = name,
          .linux_slot = linux_slot,
          .usrsctp_slot = usrsctp_slot,
          .access = access,
          .values = values};
}

// A field at the same place, width and order in both ABIs.
constexpr FieldDescriptor field(const char* name, Slot slot, Access access,
                                std::span<const ValueName> values = {}) {
  return field(name, slot, slot, access, values);
}

constexpr FieldDescriptor address_field(const char* name, Slot slot,
                                        Access access) {
  return {.name = name,
          .kind = FieldKind::kAddress,
          .linux_slot = slot,
          .usrsctp_slot = slot,
          .access = access};
}

constexpr FieldDescriptor pad(const char* name, Slot linux_slot,
                              Slot usrsctp_slot) {
  return {.name = name,
          .kind = FieldKind::kPad,
          .linux_slot = linux_slot,
          .usrsctp_slot = usrsctp_slot};
}

// Where UNSENT and SENT, enumerated, stand in the flags.
constexpr FieldDescriptor send_failed_kind_field(const char* name) {
  return field(name, u16_at(2), member<&SendFailed::kind>, kSendFailedKinds);
}

// The same field where a record may end before it.
constexpr FieldDescriptor optional(FieldDescriptor field) {
  field.optional = true;
  return field;
}

// The same field inside a nested struct.
constexpr FieldDescriptor in_group(const char* group, FieldDescriptor field) {
  field.group = group;
  return field;
}

// The same field, spelled differently by usrsctp.
constexpr FieldDescriptor usrsctp_spelling(const char* name,
                                           FieldDescriptor field) {
  field.usrsctp_name = name;
  return field;
}

// A field that both stacks leave at 0 and the typed value does not keep.
constexpr FieldDescriptor unused(const char* name, Slot slot) {
  return field(name, slot, Access{});
}

inline constexpr Slot kAbsent{};
inline constexpr ByteOrder kNet = ByteOrder::kNetwork;

}  // namespace table
}  // namespace lksctp
