#include "stack/select.h"

#include "stack/kernel/kernel_stack.h"
#include "stack/usrsctp/usrsctp_stack.h"

namespace lksctp {

Result<std::unique_ptr<Stack>> make_stack(StackChoice choice, Loop& loop) {
  return choice == StackChoice::kUsrsctp ? make_usrsctp_stack(loop, {})
                                         : make_kernel_stack(loop);
}

std::string fallback_warning(const Error& no_kernel) {
  return no_kernel.message +
         "; using usrsctp: peers must use UDP encapsulation, by default on UDP "
         "port " +
         std::to_string(kDefaultUdpEncapsulationPort);
}

}  // namespace lksctp
