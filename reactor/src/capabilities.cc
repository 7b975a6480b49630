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
    CapabilityRow{"partial_reliability_retransmissions",
                  &Capabilities::partial_reliability_retransmissions,
                  "messages sent again a few times only (RFC 7496)"},
    CapabilityRow{"partial_reliability_priority",
                  &Capabilities::partial_reliability_priority,
                  "messages that make room for more important ones (RFC 7496)"},
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
              .partial_reliability_retransmissions = true,
              .partial_reliability_priority = true,
              .plain_ip = true,
              .udp_encapsulation = true};
    case StackKind::kUsrsctp:
      return {.stack = stack,
              .multihoming = false,
              .abort_reason = true,
              .potentially_failed = false,
              .partial_reliability_ttl = true,
              .partial_reliability_retransmissions = true,
              .partial_reliability_priority = false,
              .plain_ip = false,
              .udp_encapsulation = true};
    case StackKind::kScripted:
      break;
  }
  return {.stack = stack};
}

}  // namespace lksctp
