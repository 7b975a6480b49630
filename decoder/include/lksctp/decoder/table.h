// The table of notification types: the only list there is. Decoding, names,
// labels, subscriptions, the field tree, the fuzzing dictionary, the page
// docs/notifications.md and the boundary tests iterate it. The rows stand in
// `src/rows.h`; docs/adding-a-notification.md walks through one.
//
// Numbers: Linux 6.1 uapi <linux/sctp.h> and usrsctp 0.9.5 <usrsctp.h>, 64-bit.
// A test compiles both headers and compares each number and offset.
//
// Threads: immutable.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lksctp/decoder/notification.h"
#include "lksctp/decoder/row.h"

namespace lksctp {

// All rows, in the order of the alternatives of `Notification`.
[[nodiscard]] std::span<const NotificationRow> notification_rows();

// The row of a value; null for UnknownNotification.
[[nodiscard]] const NotificationRow* row_of(const Notification& notification);

// The row with this type number in `abi`; null when there is none.
[[nodiscard]] const NotificationRow* row_of_type(std::uint16_t type, Abi abi);

// "association_change" and so on; "unknown" for UnknownNotification. A literal.
[[nodiscard]] const char* notification_label(const Notification& notification);

// The name of a field's value, which is Linux's number: "SCTP_COMM_UP". Empty
// when the field has no names or the value none.
[[nodiscard]] std::string_view value_name(const FieldDescriptor& field,
                                          std::uint64_t value);

// The name of a field in JavaScript and JSON: "sac_outbound_streams" becomes
// "outboundStreams", without the prefix of its record.
[[nodiscard]] std::string camel_case_name(std::string_view field);

// The type numbers every endpoint subscribes with SCTP_EVENT (RFC 6458 §6.2.2):
// all but SCTP_SENDER_DRY_EVENT, which is for who asks for it, the deprecated
// SCTP_SEND_FAILED, which would report each failure twice, and
// SCTP_NOTIFICATIONS_STOPPED_EVENT, which usrsctp refuses with ENOTSUP.
[[nodiscard]] std::span<const std::uint16_t> subscription_types(Abi abi);

}  // namespace lksctp
