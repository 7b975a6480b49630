#include "stack/select.h"

#include <spdlog/logger.h>

#include "stack/kernel/kernel_stack.h"
#include "stack/usrsctp/usrsctp_stack.h"

namespace lksctp {

Result<std::unique_ptr<Stack>> select_stack(StackChoice choice, Loop& loop,
                                            spdlog::logger* logger) {
  if (choice == StackChoice::kUsrsctp) return make_usrsctp_stack(loop, {});
  auto kernel = make_kernel_stack(loop);
  if (kernel || choice == StackChoice::kKernel ||
      kernel.error().code != ErrorCode::kStackUnavailable) {
    return kernel;
  }
  if (logger != nullptr) {
    logger->warn(
        "{}; using usrsctp: peers must use UDP encapsulation, by default on "
        "UDP "
        "port {}",
        kernel.error().message, kDefaultUdpEncapsulationPort);
  }
  return make_usrsctp_stack(loop, {});
}

}  // namespace lksctp
