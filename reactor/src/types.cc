#include "lksctp/reactor/types.h"

namespace lksctp {

std::string_view stack_name(StackKind kind) {
  switch (kind) {
    case StackKind::kKernel:
      return "kernel";
    case StackKind::kUsrsctp:
      return "usrsctp";
    case StackKind::kScripted:
      return "scripted";
  }
  return "unknown";
}

}  // namespace lksctp
