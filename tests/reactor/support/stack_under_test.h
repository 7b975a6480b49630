// The stack that real associations are tested on: LKSCTP_TEST_STACK in the
// environment, `kernel` or `usrsctp` (the default). The same tests run on both;
// where a stack lacks something, they assert what it says instead.
#pragma once

#include <cstdlib>
#include <string_view>

#include "lksctp/reactor/capabilities.h"

namespace lksctp::test {

inline StackChoice stack_under_test() {
  const char* name = std::getenv("LKSCTP_TEST_STACK");
  return name != nullptr && std::string_view(name) == "kernel"
             ? StackChoice::kKernel
             : StackChoice::kUsrsctp;
}

inline bool on_kernel() { return stack_under_test() == StackChoice::kKernel; }

}  // namespace lksctp::test
