// Reads the fields of a record into a typed value, driven by descriptors that
// are constants: each field becomes one load, one test at most, and one store.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "lksctp/decoder/row.h"
#include "sockaddr.h"

namespace lksctp {

static_assert(std::endian::native == std::endian::little,
              "the tables describe little-endian hosts");

// The number in `sizeof(U)` bytes at `at`, wherever they are aligned.
template <typename U>
U load_host(const std::byte* at) {
  U value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

constexpr std::uint16_t swap16(std::uint16_t value) {
  return static_cast<std::uint16_t>(value << 8 | value >> 8);
}

constexpr std::uint32_t swap32(std::uint32_t value) {
  return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) |
         value >> 24;
}

inline std::uint16_t load_be16(const std::byte* at) {
  return swap16(load_host<std::uint16_t>(at));
}

inline std::uint32_t load_be32(const std::byte* at) {
  return swap32(load_host<std::uint32_t>(at));
}

inline void store_be16(std::byte* at, std::uint16_t value) {
  const std::uint16_t swapped = swap16(value);
  std::memcpy(at, &swapped, sizeof swapped);
}

// `Source` has a constant `kFields`: a std::span<const FieldDescriptor>.
// Reading through a type keeps every descriptor a constant where it is used.
template <typename Source, Abi kAbi>
class FieldReader {
 public:
  // How many bytes a record needs so that no required field is missing.
  static constexpr std::size_t kRequiredSize = [] {
    std::size_t size = 0;
    for (const FieldDescriptor& field : Source::kFields) {
      const std::size_t end = field.slot(kAbi).end();
      if (field.required() && end > size) size = end;
    }
    return size;
  }();

  // The first required field that a record of `size` bytes does not cover.
  static const char* missing_field(std::size_t size) {
    const FieldDescriptor* first = nullptr;
    for (const FieldDescriptor& field : Source::kFields) {
      const Slot& slot = field.slot(kAbi);
      if (!field.required() || slot.end() <= size) continue;
      if (first == nullptr || slot.offset < first->slot(kAbi).offset) {
        first = &field;
      }
    }
    return first == nullptr ? "" : first->name;
  }

  // Fills `object`, the typed struct of the descriptors. REQUIRES: `record` has
  // kRequiredSize bytes.
  static void read(std::span<const std::byte> record, void* object) {
    read_all(record, object,
             std::make_index_sequence<Source::kFields.size()>{});
  }

 private:
  template <std::size_t... kIndex>
  static void read_all(std::span<const std::byte> record, void* object,
                       std::index_sequence<kIndex...>) {
    (read_one<kIndex>(record, object), ...);
  }

  template <std::size_t kIndex>
  static void read_one(std::span<const std::byte> record, void* object) {
    constexpr const FieldDescriptor& kField = Source::kFields[kIndex];
    constexpr Slot kSlot = kField.slot(kAbi);
    // Constants of their own: compilers inline calls through these, and not
    // those through a descriptor.
    constexpr auto kStore = kField.access.store;
    constexpr auto kAddress = kField.access.address;
    if constexpr (kSlot.present() && kAddress != nullptr) {
      *kAddress(object) =
          load_sockaddr(record.subspan(kSlot.offset, kSlot.width));
    } else if constexpr (kSlot.present() && kStore != nullptr) {
      if constexpr (kField.optional) {
        if (record.size() < kSlot.end()) return;
      }
      kStore(object,
             translate<kIndex>(load<kIndex>(record.data() + kSlot.offset)));
    }
  }

  template <std::size_t kIndex>
  static std::uint32_t load(const std::byte* at) {
    constexpr Slot kSlot = Source::kFields[kIndex].slot(kAbi);
    if constexpr (kSlot.width == 2) {
      return kSlot.order == ByteOrder::kHost ? load_host<std::uint16_t>(at)
                                             : load_be16(at);
    } else {
      static_assert(kSlot.width == 4);
      if constexpr (kSlot.order == ByteOrder::kNetworkLow16) {
        return swap16(
            static_cast<std::uint16_t>(load_host<std::uint32_t>(at) & 0xffff));
      }
      return kSlot.order == ByteOrder::kHost ? load_host<std::uint32_t>(at)
                                             : load_be32(at);
    }
  }

  // usrsctp's number to Linux's. One without a name keeps its number with the
  // top bit of the field set, so that it is not taken for another of Linux's.
  template <std::size_t kIndex>
  static std::uint32_t translate(std::uint32_t raw) {
    constexpr const FieldDescriptor& kField = Source::kFields[kIndex];
    if constexpr (kAbi == Abi::kLinux || numbers_agree(kField)) {
      return raw;
    } else if constexpr (kField.kind == FieldKind::kFlags) {
      std::uint32_t bits = 0;
      for (const ValueName& bit : kField.values) {
        if (bit.usrsctp_value != ValueName::kAbsent &&
            (raw & bit.usrsctp_value) != 0) {
          bits |= bit.linux_value;
        }
      }
      return bits;
    } else {
      constexpr std::uint32_t kTopBit = std::uint32_t{1}
                                        << (8 * kField.slot(kAbi).width - 1);
      constexpr auto kNumbers = linux_numbers<kIndex>();
      if (raw < kNumbers.size() && kNumbers[raw] != ValueName::kAbsent) {
        return kNumbers[raw];
      }
      return raw | kTopBit;
    }
  }

  // True when all named values have one number, and where none is named.
  static constexpr bool numbers_agree(const FieldDescriptor& field) {
    for (const ValueName& name : field.values) {
      if (name.linux_value != name.usrsctp_value) return false;
    }
    return true;
  }

  // Linux's number of a value, by usrsctp's, which all are small.
  template <std::size_t kIndex>
  static consteval auto linux_numbers() {
    std::array<std::uint32_t, 16> numbers{};
    numbers.fill(ValueName::kAbsent);
    for (const ValueName& name : Source::kFields[kIndex].values) {
      if (name.usrsctp_value != ValueName::kAbsent) {
        numbers[name.usrsctp_value] = name.linux_value;
      }
    }
    return numbers;
  }
};

}  // namespace lksctp
