// Compile-time checks over the rows.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <variant>

#include "lksctp/decoder/notification.h"
#include "lksctp/decoder/row.h"

namespace lksctp::table {

// The index of `T` in `Notification`.
template <typename T, std::size_t kIndex = 0>
constexpr std::size_t alternative_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<kIndex, Notification>,
                               T>) {
    return kIndex;
  } else {
    return alternative_of<T, kIndex + 1>();
  }
}
template <typename T>
inline constexpr std::size_t alternative = alternative_of<T>();

// Rows follow the alternatives, and only UnknownNotification, the last one, has
// none.
consteval bool rows_are_ordered(std::span<const NotificationRow> rows) {
  std::size_t expected = 0;
  for (const NotificationRow& row : rows) {
    if (row.deprecated) {
      if (row.alternative + 1 != expected) return false;
    } else if (row.alternative != expected++) {
      return false;
    }
  }
  return expected == alternative<UnknownNotification>;
}

consteval bool rows_are_unique(std::span<const NotificationRow> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
        if (rows[i].type(abi) != 0 && rows[i].type(abi) == rows[j].type(abi)) {
          return false;
        }
      }
      if (std::string_view(rows[i].name) == rows[j].name ||
          std::string_view(rows[i].label) == rows[j].label ||
          std::string_view(rows[i].member) == rows[j].member) {
        return false;
      }
    }
  }
  return true;
}

// Each byte of the fixed part belongs to one field or pad, in both ABIs.
consteval bool fields_tile_records(std::span<const NotificationRow> rows) {
  for (const NotificationRow& row : rows) {
    for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
      std::array<bool, 256> covered{};
      std::size_t bytes = 0;
      if (row.type(abi) == 0) continue;
      for (const FieldDescriptor& field : row.fields) {
        const Slot& slot = field.slot(abi);
        if (slot.end() > row.fixed_size(abi)) return false;
        for (std::size_t at = slot.offset; at < slot.end(); ++at) {
          if (covered[at]) return false;
          covered[at] = true;
          ++bytes;
        }
      }
      if (bytes != row.fixed_size(abi)) return false;
    }
  }
  return true;
}

}  // namespace lksctp::table
