// A notification as one line for a person.
//
// Threads: thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "lksctp/decoder/notification.h"

namespace lksctp {

// One readable line without a newline, the same on both stacks:
//   SCTP_ASSOC_CHANGE: SCTP_COMM_UP, MIS 10 / OS 10
//   SCTP_ASSOC_CHANGE: SCTP_COMM_LOST, user-initiated abort "bye-reason"
//   SCTP_PEER_ADDR_CHANGE: SCTP_ADDR_CONFIRMED 10.0.0.1
// MIS is the number of inbound streams, OS that of outbound ones. Text of the
// peer appears only when it is printable ASCII.
// `left_out` bytes of user data are not in the value any more, and are told nevertheless.
[[nodiscard]] std::string interpret(const Notification& notification,
                                    std::size_t left_out = 0);

}  // namespace lksctp
