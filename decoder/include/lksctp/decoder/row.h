// The shapes of the decoder's tables: what one row and one field descriptor
// say. `table.h` gives the rows of notifications, `ancillary.h` those of
// receive information.
//
// Threads: immutable values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "lksctp/decoder/notification.h"

namespace lksctp {

// How the bytes of an integer field are stored. The layouts are those of 64-bit
// little-endian hosts, so host order is little-endian.
enum class ByteOrder : std::uint8_t {
  kHost,
  kNetwork,
  kNetworkLow16,  // 32 bits in host order whose low half holds a 16-bit number
                  // in network order: Linux's `ssf_error`
};

// Where a field lies in the records of one ABI, in bytes from their start.
// Width 0: this ABI does not have the field.
struct Slot {
  std::uint16_t offset = 0;
  std::uint16_t width = 0;
  ByteOrder order = ByteOrder::kHost;

  [[nodiscard]] constexpr bool present() const { return width != 0; }
  [[nodiscard]] constexpr std::size_t end() const {
    return std::size_t{offset} + width;
  }
};

// One named value of a field (or one bit, in FieldKind::kFlags), with its
// number in each ABI.
struct ValueName {
  static constexpr std::uint32_t kAbsent = 0xffffffff;

  const char* name = "";
  std::uint32_t linux_value = kAbsent;
  std::uint32_t usrsctp_value = kAbsent;

  [[nodiscard]] constexpr std::uint32_t value(Abi abi) const {
    return abi == Abi::kLinux ? linux_value : usrsctp_value;
  }
};

enum class FieldKind : std::uint8_t {
  kType,     // the record's type number
  kLength,   // the record's declared length, header included
  kInteger,  // an integer, or an enumeration when the descriptor names values
  kFlags,    // a bit set; bits that the descriptor names are translated
  kAddress,  // a sockaddr_storage
  kPad,      // bytes that mean nothing
};

// How a field reaches the typed value: `store` takes the number as Linux has
// it, in host order, and `load` gives it back. The object is the record's typed
// struct. Null for fields that the typed value does not keep; `load` alone for
// those that repeat another field.
struct Access {
  void (*store)(void* object, std::uint64_t value) = nullptr;
  std::uint64_t (*load)(const void* object) = nullptr;
  Address* (*address)(void* object) = nullptr;  // FieldKind::kAddress only
};

// One field of a record.
struct FieldDescriptor {
  const char* name = "";  // the Linux header's spelling
  FieldKind kind = FieldKind::kInteger;
  Slot linux_slot{};
  Slot usrsctp_slot{};
  Access access{};
  std::span<const ValueName> values{};
  // Where the typed value is left at its default when a record ends before the
  // field, because some kernel's records do; an error everywhere else.
  bool optional = false;
  const char* group = nullptr;         // the nested struct it belongs to
  const char* usrsctp_name = nullptr;  // its spelling there when it differs

  [[nodiscard]] constexpr const Slot& slot(Abi abi) const {
    return abi == Abi::kLinux ? linux_slot : usrsctp_slot;
  }
  [[nodiscard]] constexpr bool required() const {
    return (access.store != nullptr || access.address != nullptr) && !optional;
  }
};

// What follows the fixed part of a record.
enum class TailKind : std::uint8_t {
  kNone,
  kAssociationInfo,  // causes of an ABORT; on usrsctp inside their chunk, or
                     // the peer's features
  kCause,            // payload of one cause; on usrsctp the whole ERROR chunk
  kData,             // user data
  kStreamList,       // 16-bit stream numbers in host order
};

// Whether an endpoint asks for a notification with SCTP_EVENT.
enum class Subscription : std::uint8_t {
  kAlways,
  kOnRequest,  // one per burst of messages: a program says that it wants them
  kNever,
};

// One notification type.
struct NotificationRow {
  std::uint16_t linux_type = 0;  // 0: the ABI does not have it
  std::uint16_t usrsctp_type = 0;
  const char* name = "";         // "SCTP_ASSOC_CHANGE"
  const char* struct_name = "";  // "sctp_assoc_change"
  const char* member = "";   // in `union sctp_notification`, Linux's spelling
  const char* section = "";  // "RFC 6458 §6.1.1"
  const char* label = "";    // metric label value and JS name
  std::size_t alternative = 0;  // index in `Notification`
  TailKind tail = TailKind::kNone;
  const char* tail_name = "";
  std::uint16_t linux_size = 0;  // of the fixed part, in bytes
  std::uint16_t usrsctp_size = 0;
  std::span<const FieldDescriptor> fields{};
  Subscription subscription = Subscription::kAlways;
  bool deprecated = false;  // fills an alternative that another row fills, too

  [[nodiscard]] constexpr std::uint16_t type(Abi abi) const {
    return abi == Abi::kLinux ? linux_type : usrsctp_type;
  }
  [[nodiscard]] constexpr std::uint16_t fixed_size(Abi abi) const {
    return abi == Abi::kLinux ? linux_size : usrsctp_size;
  }
};

// Type, flags and length open every record (RFC 6458 §6.1).
inline constexpr std::size_t kNotificationHeaderSize = 8;

namespace table {

constexpr Slot u16_at(std::uint16_t offset,
                      ByteOrder order = ByteOrder::kHost) {
  return {offset, 2, order};
}
constexpr Slot u32_at(std::uint16_t offset,
                      ByteOrder order = ByteOrder::kHost) {
  return {offset, 4, order};
}
constexpr Slot bytes_at(std::uint16_t offset, std::uint16_t width) {
  return {offset, width, ByteOrder::kHost};
}

template <typename V>
constexpr V to_member(std::uint64_t value) {
  if constexpr (std::is_enum_v<V> || std::is_integral_v<V>) {
    return static_cast<V>(value);
  } else {
    return V(static_cast<typename V::ValueType>(value));
  }
}

template <typename V>
constexpr std::uint64_t from_member(V value) {
  if constexpr (std::is_enum_v<V> || std::is_integral_v<V>) {
    return static_cast<std::uint64_t>(value);
  } else {
    return value.value();
  }
}

template <auto kMember>
struct MemberAccess;

template <typename T, typename V, V T::*kMember>
struct MemberAccess<kMember> {
  static void store(void* object, std::uint64_t value) {
    static_cast<T*>(object)->*kMember = to_member<V>(value);
  }
  static std::uint64_t load(const void* object) {
    return from_member(static_cast<const T*>(object)->*kMember);
  }
};

template <auto kMember>
struct AddressAccess;

template <typename T, Address T::*kMember>
struct AddressAccess<kMember> {
  static Address* address(void* object) {
    return &(static_cast<T*>(object)->*kMember);
  }
};

// The typed member that a field fills.
template <auto kMember>
inline constexpr Access member{&MemberAccess<kMember>::store,
                               &MemberAccess<kMember>::load, nullptr};

// The typed member that a field repeats and does not fill.
template <auto kMember>
inline constexpr Access repeats{nullptr, &MemberAccess<kMember>::load, nullptr};

template <auto kMember>
inline constexpr Access address_member{nullptr, nullptr,
                                       &AddressAccess<kMember>::address};

}  // namespace table
}  // namespace lksctp
