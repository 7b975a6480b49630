#include "notifications_page.h"

#include <cstdio>
#include <string_view>

#include "lksctp/decoder/table.h"

namespace lksctp {
namespace {

std::string hexadecimal(unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%04x", value);
  return text;
}

std::string type_number(std::uint16_t type) {
  return type == 0 ? "none" : hexadecimal(type);
}

std::string place(const NotificationRow& row, const Slot& slot, Abi abi) {
  if (row.type(abi) == 0 || !slot.present()) return "none";
  std::string out =
      std::to_string(slot.offset) + " / " + std::to_string(slot.width);
  if (slot.order == ByteOrder::kNetwork) out += " network";
  if (slot.order == ByteOrder::kNetworkLow16) out += " network, low 16 bits";
  return out;
}

std::string values(const FieldDescriptor& field) {
  std::string out;
  for (const ValueName& value : field.values) {
    if (!out.empty()) out += "<br>";
    out += "`" + std::string(value.name) + "` " +
           std::to_string(value.linux_value) + " / ";
    out += value.usrsctp_value == ValueName::kAbsent
               ? "none"
               : std::to_string(value.usrsctp_value);
  }
  return out;
}

std::string_view tail_text(TailKind tail) {
  switch (tail) {
    case TailKind::kNone:
      return "";
    case TailKind::kAssociationInfo:
      return "the error causes of the peer's ABORT; on usrsctp the whole ABORT "
             "chunk, and for COMM_UP and RESTART a byte per feature of the "
             "peer";
    case TailKind::kCause:
      return "the payload of one error cause, padded to four bytes; on usrsctp "
             "the whole ERROR chunk";
    case TailKind::kData:
      return "the user data of the DATA chunk";
    case TailKind::kStreamList:
      return "16-bit stream numbers; none for all streams";
  }
  return "";
}

std::string row_section(const NotificationRow& row) {
  std::string out = "\n## " + std::string(row.name) + "\n\n" + row.section +
                    ", `struct " + row.struct_name + "`, `" + row.member +
                    "`, label `" + row.label + "`. Fixed part: ";
  out +=
      row.linux_type == 0 ? "none" : std::to_string(row.linux_size) + " bytes";
  out += " on Linux, " + std::to_string(row.usrsctp_size) +
         " on usrsctp.\n\n"
         "| field | Linux | usrsctp | values Linux / usrsctp |\n"
         "|---|---|---|---|\n";
  for (const FieldDescriptor& field : row.fields) {
    out += "| `";
    if (field.group != nullptr) out += std::string(field.group) + ".";
    out += std::string(field.name) + "`";
    if (field.usrsctp_name != nullptr) {
      out += " (usrsctp `" + std::string(field.usrsctp_name) + "`)";
    }
    out += " | " + place(row, field.linux_slot, Abi::kLinux) + " | " +
           place(row, field.usrsctp_slot, Abi::kUsrsctp) + " | " +
           values(field) + " |\n";
  }
  if (row.tail != TailKind::kNone) {
    out += "\nTail `" + std::string(row.tail_name) + "`: ";
    out += tail_text(row.tail);
    out += ".\n";
  }
  return out;
}

const char* subscription_text(Subscription subscription) {
  switch (subscription) {
    case Subscription::kAlways:
      return "yes";
    case Subscription::kOnRequest:
      return "on request";
    case Subscription::kNever:
      return "no";
  }
  return "";
}

}  // namespace

std::string notifications_page() {
  std::string out =
      "# Notifications\n\n"
      "Generated from the decoder's table by `lksctp_notifications_page`; a "
      "test "
      "compares the two. Places are `offset / width` in bytes, in host order "
      "unless said otherwise, on 64-bit little-endian hosts.\n\n"
      "| notification | Linux | usrsctp | defined in | label | subscribed |\n"
      "|---|---|---|---|---|---|\n";
  for (const NotificationRow& row : notification_rows()) {
    out += "| `" + std::string(row.name) + "` | " +
           type_number(row.linux_type) + " | " + type_number(row.usrsctp_type) +
           " | " + row.section + " | `" + row.label + "` | " +
           subscription_text(row.subscription) + " |\n";
  }
  for (const NotificationRow& row : notification_rows())
    out += row_section(row);
  return out;
}

}  // namespace lksctp
