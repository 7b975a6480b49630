// Errors as values. Nothing in the public interface throws for a run-time
// condition; every fallible call returns `Result`.
//
// Threads: values; thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "lksctp/decoder/address.h"

namespace lksctp {

// What went wrong, stable across releases. `error_code_name` gives the text
// form that logs, events and the Node binding share.
enum class ErrorCode : std::uint8_t {
  kSystem,           // errno says what; `Error::errno_value` is set
  kInvalidArgument,  // the call can never succeed as written
  kNotSupported,  // the chosen stack cannot do it; the message says which can
  kStackUnavailable,  // no SCTP stack can serve here; the message names the
                      // cures
  kStackInUse,  // usrsctp already belongs to another reactor or library copy
  kMessageTooLarge,  // above the bound; nothing was sent or delivered
  kWouldBlock,       // the send queue is full: wait for `on_writable`
  kClosed,           // the association or endpoint has ended
  kRemoteEnded,      // the peer has shut down: it takes no more messages
};

// "ERR_SCTP_MESSAGE_TOO_LARGE" …; for kSystem the errno's name
// ("ECONNREFUSED").
[[nodiscard]] std::string_view error_code_name(ErrorCode code, int errno_value);

struct Error {
  ErrorCode code = ErrorCode::kSystem;
  int errno_value = 0;    // errno for kSystem, else the nearest errno or 0
  std::string operation;  // "bind", "connect", "sendmsg" …; may be empty
  std::string message;    // one sentence: what failed and what to do about it
  Address address;  // the address concerned; family kNone when there is none

  friend bool operator==(const Error&, const Error&) = default;

  // An errno as an Error with strerror's words and `advice` after them.
  static Error system(int errno_value, std::string operation,
                      const Address& address = {},
                      std::string_view advice = {});
  static Error invalid_argument(std::string message);
  static Error make(ErrorCode code, std::string message, int errno_value = 0);

  // "ECONNREFUSED: connect 127.0.0.1:2905: connection refused …".
  [[nodiscard]] std::string to_string() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

}  // namespace lksctp
