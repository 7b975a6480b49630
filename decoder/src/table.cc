#include "lksctp/decoder/table.h"

#include <array>
#include <cstddef>
#include <variant>

#include "rows.h"

namespace lksctp {
namespace {

consteval bool is_subscribed(const NotificationRow& row, Abi abi) {
  return row.subscription == Subscription::kAlways && row.type(abi) != 0;
}

template <Abi kAbi>
consteval std::size_t subscription_count() {
  std::size_t count = 0;
  for (const NotificationRow& row : table::kRows) {
    if (is_subscribed(row, kAbi)) ++count;
  }
  return count;
}

template <Abi kAbi>
consteval auto make_subscription_types() {
  std::array<std::uint16_t, subscription_count<kAbi>()> types{};
  std::size_t count = 0;
  for (const NotificationRow& row : table::kRows) {
    if (is_subscribed(row, kAbi)) types[count++] = row.type(kAbi);
  }
  return types;
}

constexpr auto kLinuxSubscriptions = make_subscription_types<Abi::kLinux>();
constexpr auto kUsrsctpSubscriptions = make_subscription_types<Abi::kUsrsctp>();

}  // namespace

std::span<const NotificationRow> notification_rows() { return table::kRows; }

const NotificationRow* row_of(const Notification& notification) {
  const auto* send_failed = std::get_if<SendFailed>(&notification);
  const bool deprecated = send_failed != nullptr && send_failed->deprecated;
  for (const NotificationRow& row : table::kRows) {
    if (row.alternative == notification.index() &&
        row.deprecated == deprecated) {
      return &row;
    }
  }
  return nullptr;
}

const NotificationRow* row_of_type(std::uint16_t type, Abi abi) {
  for (const NotificationRow& row : table::kRows) {
    if (row.type(abi) == type && type != 0) return &row;
  }
  return nullptr;
}

const char* notification_label(const Notification& notification) {
  const NotificationRow* row = row_of(notification);
  return row == nullptr ? "unknown" : row->label;
}

std::string_view value_name(const FieldDescriptor& field, std::uint64_t value) {
  for (const ValueName& name : field.values) {
    if (name.linux_value == value) return name.name;
  }
  return {};
}

std::span<const std::uint16_t> subscription_types(Abi abi) {
  if (abi == Abi::kLinux) return kLinuxSubscriptions;
  return kUsrsctpSubscriptions;
}

std::string camel_case_name(std::string_view field) {
  field.remove_prefix(field.find('_') + 1);
  std::string name;
  bool capital = false;
  for (const char c : field) {
    if (c == '_') {
      capital = true;
    } else {
      // Names of the table are ASCII.
      name += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                                              : c;
      capital = false;
    }
  }
  return name;
}

}  // namespace lksctp
