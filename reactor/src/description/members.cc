#include <string>
#include <vector>

#include "lksctp/decoder/table.h"
#include "notification_members.h"
#include "value_members.h"

namespace lksctp {
namespace {

std::vector<FieldMember> make_field_members(const NotificationRow& row) {
  std::vector<FieldMember> members;
  for (const FieldDescriptor& field : row.fields) {
    const bool kept =
        field.access.address != nullptr ||
        (field.access.load != nullptr && field.access.store != nullptr);
    if (!kept) continue;
    // What SCTP_SEND_FAILED_EVENT has in `ssf_flags` says what kind of failure it is;
    // `snd_flags` are the message's.
    const bool kind = std::string_view(field.name) == "ssf_flags";
    std::string name = kind ? "kind" : camel_case_name(field.name);
    std::string name_of_name = name + "Name";
    members.push_back({&field, std::move(name), std::move(name_of_name)});
  }
  return members;
}

std::vector<StatisticsMember> make_statistics_members() {
  // Kept for ever: the members are views of them.
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (const StatisticsRow& row : statistics_rows()) {
      made.push_back(camel_case_name(std::string("_") + row.name));
    }
    return made;
  }();
  std::vector<StatisticsMember> members;
  for (const StatisticsRow& row : statistics_rows()) {
    members.push_back({names[members.size()], row.member});
  }
  return members;
}

}  // namespace

std::span<const FieldMember> field_members(const NotificationRow& row) {
  static const std::vector<std::vector<FieldMember>> all = [] {
    std::vector<std::vector<FieldMember>> made;
    for (const NotificationRow& each : notification_rows()) {
      made.push_back(make_field_members(each));
    }
    return made;
  }();
  return all[static_cast<std::size_t>(&row - notification_rows().data())];
}

std::span<const StatisticsMember> statistics_members() {
  static const std::vector<StatisticsMember> all = make_statistics_members();
  return all;
}

std::string_view send_failed_kind_name(SendFailedKind kind) {
  static const FieldMember& member = []() -> const FieldMember& {
    for (const FieldMember& each :
         field_members(*row_of(Notification(SendFailed{})))) {
      if (each.name == "kind") return each;
    }
    std::abort();  // a test of every kind of event would never have passed
  }();
  return value_name(*member.field, static_cast<std::uint64_t>(kind));
}

bool set_error_code(Error& error, std::string_view name) {
  constexpr int kLast = static_cast<int>(ErrorCode::kRemoteEnded);
  for (int code = 0; code <= kLast; ++code) {
    error.code = static_cast<ErrorCode>(code);
    if (error_code_name(error.code, 0) == name) return true;
  }
  error.code = ErrorCode::kSystem;
  return !name.starts_with("ERR_");
}

}  // namespace lksctp
