// What a stack can do here, so that a program can ask before it tries.
//
// Threads: values; any thread.
#pragma once

#include <cstdint>
#include <span>

#include "lksctp/reactor/types.h"

namespace lksctp {

struct Capabilities {
  StackKind stack{};
  bool multihoming = false;              // several paths per association
  bool abort_reason = false;             // an abort's reason reaches the peer
  bool potentially_failed = false;       // RFC 7829 state and event
  bool partial_reliability_ttl = false;  // RFC 3758, SCTP_PR_SCTP_TTL
  bool partial_reliability_retransmissions =
      false;  // RFC 7496 §3.1, SCTP_PR_SCTP_RTX
  bool partial_reliability_priority =
      false;                       // RFC 7496 §3.2, SCTP_PR_SCTP_PRIO
  bool plain_ip = false;           // SCTP directly over IP
  bool udp_encapsulation = false;  // RFC 6951
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

// What `stack` can do where the host lets it; `Reactor::capabilities` tells what
// it can do here.
[[nodiscard]] Capabilities capabilities_of(StackKind stack);

struct CapabilityRow {
  const char* name = "";  // of the member
  bool Capabilities::*member = nullptr;
  const char* meaning = "";  // a line for people
};

// One row per capability, in the order of the members.
[[nodiscard]] std::span<const CapabilityRow> capability_rows();

// Which stack a reactor takes.
enum class StackChoice : std::uint8_t {
  kAuto,     // the kernel's where it has SCTP, else usrsctp with one warning
  kKernel,   // fails with kStackUnavailable where the kernel has no SCTP
  kUsrsctp,  // fails when the library is missing or in use
};

}  // namespace lksctp
