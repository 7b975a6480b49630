#include "stack/select.h"

#include <spdlog/logger.h>

#include <cerrno>

#include "stack/usrsctp/usrsctp_stack.h"

namespace lksctp {

Result<std::unique_ptr<Stack>> select_stack(StackChoice choice, Loop& loop,
                                            spdlog::logger* logger) {
  if (choice == StackChoice::kKernel) {
    return tl::unexpected(
        Error::make(ErrorCode::kStackUnavailable,
                    "this version has no kernel stack: choose usrsctp, which "
                    "speaks SCTP over UDP (RFC 6951)",
                    EPROTONOSUPPORT));
  }
  if (choice == StackChoice::kAuto && logger != nullptr) {
    logger->warn(
        "using usrsctp, which speaks SCTP over UDP: peers must use UDP "
        "encapsulation (RFC 6951), by default on UDP port 9899");
  }
  return make_usrsctp_stack(loop, {});
}

}  // namespace lksctp
