#include "lksctp/reactor/error.h"

#include <cctype>
#include <cstring>
#include <utility>

namespace lksctp {
namespace {

// strerror's words without its shared buffer; in lower case, because they stand
// in the middle of a sentence.
std::string errno_words(int errno_value) {
  const char* words = ::strerrordesc_np(errno_value);
  if (words == nullptr) return "error " + std::to_string(errno_value);
  std::string text = words;
  // "RPC version wrong" and its like keep their capitals.
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1]))) {
    text[0] =
        static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

}  // namespace

std::string_view error_code_name(ErrorCode code, int errno_value) {
  switch (code) {
    case ErrorCode::kSystem: {
      const char* name = ::strerrorname_np(errno_value);
      return name != nullptr && errno_value != 0 ? name : "ERR_SCTP_SYSTEM";
    }
    case ErrorCode::kInvalidArgument:
      return "ERR_INVALID_ARG_VALUE";
    case ErrorCode::kNotSupported:
      return "ERR_SCTP_NOT_SUPPORTED";
    case ErrorCode::kStackUnavailable:
      return "ERR_SCTP_STACK_UNAVAILABLE";
    case ErrorCode::kStackInUse:
      return "ERR_SCTP_STACK_IN_USE";
    case ErrorCode::kMessageTooLarge:
      return "ERR_SCTP_MESSAGE_TOO_LARGE";
    case ErrorCode::kWouldBlock:
      return "ERR_SCTP_WOULD_BLOCK";
    case ErrorCode::kClosed:
      return "ERR_SCTP_CLOSED";
    case ErrorCode::kRemoteEnded:
      return "ERR_SCTP_REMOTE_ENDED";
  }
  return "ERR_SCTP_UNKNOWN";
}

Error Error::system(int errno_value, std::string operation,
                    const Address& address, std::string_view advice) {
  Error error;
  error.code = ErrorCode::kSystem;
  error.errno_value = errno_value;
  error.operation = std::move(operation);
  error.message = errno_words(errno_value);
  if (!advice.empty()) {
    error.message += "; ";
    error.message += advice;
  }
  error.address = address;
  return error;
}

Error Error::invalid_argument(std::string message) {
  return make(ErrorCode::kInvalidArgument, std::move(message));
}

Error Error::make(ErrorCode code, std::string message, int errno_value) {
  Error error;
  error.code = code;
  error.errno_value = errno_value;
  error.message = std::move(message);
  return error;
}

std::string Error::to_string() const {
  std::string text(error_code_name(code, errno_value));
  text += ": ";
  if (!operation.empty() || address.family != AddressFamily::kNone) {
    text += operation;
    if (address.family != AddressFamily::kNone) {
      if (!operation.empty()) text += ' ';
      text += address.to_string();
    }
    text += ": ";
  }
  text += message;
  return text;
}

}  // namespace lksctp
