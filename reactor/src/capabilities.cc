#include "lksctp/reactor/capabilities.h"

#include <array>

namespace lksctp {
namespace {

constexpr std::array kRows = {
    CapabilityRow{"multihoming", &Capabilities::multihoming,
                  "several paths per association"},
    CapabilityRow{"abort_reason", &Capabilities::abort_reason,
                  "the reason of an abort reaches the peer"},
    CapabilityRow{"potentially_failed", &Capabilities::potentially_failed,
                  "potentially-failed paths are told (RFC 7829)"},
    CapabilityRow{"partial_reliability_ttl",
                  &Capabilities::partial_reliability_ttl,
                  "messages with a time to live (RFC 3758)"},
    CapabilityRow{"plain_ip", &Capabilities::plain_ip, "SCTP directly over IP"},
    CapabilityRow{"udp_encapsulation", &Capabilities::udp_encapsulation,
                  "SCTP over UDP (RFC 6951)"},
};

}  // namespace

std::span<const CapabilityRow> capability_rows() { return kRows; }

Capabilities capabilities_of(StackKind stack) {
  switch (stack) {
    case StackKind::kKernel:
      return {.stack = stack,
              .multihoming = true,
              .abort_reason = false,
              .potentially_failed = true,
              .partial_reliability_ttl = true,
              .plain_ip = true,
              .udp_encapsulation = true};
    case StackKind::kUsrsctp:
      return {.stack = stack,
              .multihoming = false,
              .abort_reason = true,
              .potentially_failed = false,
              .partial_reliability_ttl = true,
              .plain_ip = false,
              .udp_encapsulation = true};
    case StackKind::kScripted:
      break;
  }
  return {.stack = stack};
}

}  // namespace lksctp
