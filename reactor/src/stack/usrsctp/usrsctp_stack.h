// The embedded stack: usrsctp over UDP encapsulation (RFC 6951), on the loop,
// without threads and without privileges.
//
// One path per association; one instance per process. The peer must speak SCTP
// over UDP and be reached at its UDP port; the SCTP port space is the
// process's, whatever the local address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "lksctp/decoder/address.h"
#include "lksctp/reactor/error.h"
#include "loop.h"
#include "stack/stack.h"

namespace lksctp {

// RFC 6951 §5.1: the port registered for SCTP over UDP.
inline constexpr std::uint16_t kDefaultUdpEncapsulationPort = 9899;

enum class PacketDirection : std::uint8_t { kOutgoing, kIncoming };

enum class PacketVerdict : std::uint8_t {
  kPass,
  kDrop,
  kHold,  // goes on right behind the next packet that passes in its direction
};

// Decides what happens to each SCTP packet between usrsctp and the UDP sockets:
// loss, reordering and silence for tests. `remote` is an IP address with a UDP
// port. Called from inside calls into the stack: must not call it.
using PacketFilter = std::function<PacketVerdict(
    PacketDirection direction, const Address& remote,
    std::span<const std::byte> packet)>;

struct UsrsctpStackOptions {
  PacketFilter packet_filter;  // none: every packet passes
};

// Loads usrsctp and takes ownership of it until the stack is destroyed, which
// aborts the associations of its sockets that are still open. Errors:
// kStackUnavailable, kStackInUse, as the message explains.
//
// The loop must outlive the stack, the stack its sockets' use: a socket that
// outlives it answers every call with ENOTCONN.
[[nodiscard]] Result<std::unique_ptr<Stack>> make_usrsctp_stack(
    Loop& loop, UsrsctpStackOptions options);

}  // namespace lksctp
