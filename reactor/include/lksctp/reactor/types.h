// Identities and clocks of the reactor's events.
//
// Threads: values; thread-compatible.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "lksctp/decoder/strong_type.h"

namespace lksctp {

// An association's identity: never reused within one event log. 0 = none.
using AssociationId = StrongType<struct AssociationIdTag, std::uint64_t>;

// A bound local socket's identity: never reused within one event log. 0 = none.
using EndpointId = StrongType<struct EndpointIdTag, std::uint64_t>;

// An event's position in its log: dense, strictly increasing, the first is 1.
using EventSeq = StrongType<struct EventSeqTag, std::uint64_t>;

// CLOCK_MONOTONIC and CLOCK_REALTIME in nanoseconds. Events carry both: the
// first to measure with, the second to show.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock,
                                              std::chrono::nanoseconds>;
using WallTime = std::chrono::time_point<std::chrono::system_clock,
                                         std::chrono::nanoseconds>;

// An SCTP implementation.
enum class StackKind : std::uint8_t {
  kKernel,    // Linux kernel SCTP
  kUsrsctp,   // the embedded userland stack, over UDP (RFC 6951)
  kScripted,  // plays a script instead of a network; for tests of programs
};

// Lower-case name for logs and labels: "kernel", "usrsctp", "scripted".
[[nodiscard]] std::string_view stack_name(StackKind kind);

}  // namespace lksctp
