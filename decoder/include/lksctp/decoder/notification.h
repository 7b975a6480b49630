// The typed values that notifications of RFC 6458 §6.1 and RFC 6525 §6.1 decode
// to. The same fact gives the same value whichever stack reported it: enum
// values are Linux's, integers are host byte order, causes are parsed,
// addresses are IP addresses.
//
// Start here for the types, then `decode.h` to make them from bytes and
// `interpret.h` to show them.
//
// Ownership: values own their tails; a record without a tail allocates nothing.
// Threads: values; thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "lksctp/decoder/address.h"
#include "lksctp/decoder/error_cause.h"
#include "lksctp/decoder/strong_type.h"

namespace lksctp {

using Bytes = std::vector<std::byte>;

// Which stack laid the bytes out (64-bit little-endian layouts).
enum class Abi : std::uint8_t {
  kLinux,    // Linux 6.1 uapi <linux/sctp.h>; older and newer kernels as far as
             // their records reach
  kUsrsctp,  // usrsctp 0.9.5
};

// RFC 6458 §6.1.1. Values are Linux's `enum sctp_sac_state`; one that is not
// listed is kept as it came; one of usrsctp's with the top bit set, here and in
// the other enumerations, so that it is not taken for another of Linux's.
enum class AssociationChangeState : std::uint16_t {
  kCommUp = 0,
  kCommLost = 1,
  kRestart = 2,
  kShutdownComplete = 3,
  kCantStart = 4,
};

// Features the peer supports, as usrsctp lists them in `sac_info` of COMM_UP
// and RESTART (RFC 6458 §6.1.1). Linux lists none there.
struct PeerFeatures {
  bool partial_reliability = false;
  bool authentication = false;
  bool address_reconfiguration = false;
  bool multiple_buffers = false;
  bool stream_reconfiguration = false;
  bool interleaving = false;

  friend bool operator==(const PeerFeatures&, const PeerFeatures&) = default;
};

// SCTP_ASSOC_CHANGE, RFC 6458 §6.1.1.
struct AssociationChange {
  AssociationChangeState state{};
  // First cause of the ABORT, CauseCode::kNone when there is none.
  CauseCode error{};
  // Negotiated streams; 0 unless state is kCommUp or kRestart.
  std::uint16_t outbound_streams = 0;
  std::uint16_t inbound_streams = 0;
  StackAssociationId association{};
  std::vector<ErrorCause> causes;        // of the ABORT chunk the peer sent
  std::optional<PeerFeatures> features;  // usrsctp only

  friend bool operator==(const AssociationChange&,
                         const AssociationChange&) = default;
};

// RFC 6458 §6.1.2. Values are Linux's `enum sctp_spc_state`.
enum class PeerAddressState : std::uint32_t {
  kAvailable = 0,
  kUnreachable = 1,
  kRemoved = 2,
  kAdded = 3,
  kMadePrimary = 4,
  kConfirmed = 5,
  kPotentiallyFailed = 6,  // RFC 7829 §7.1; Linux only
};

// SCTP_PEER_ADDR_CHANGE, RFC 6458 §6.1.2.
struct PeerAddressChange {
  Address address;
  PeerAddressState state{};
  std::uint32_t error = 0;  // Linux `enum sctp_sn_error`; 0 on usrsctp
  StackAssociationId association{};

  friend bool operator==(const PeerAddressChange&,
                         const PeerAddressChange&) = default;
};

// SCTP_REMOTE_ERROR, RFC 6458 §6.1.3: one cause of an ERROR chunk.
struct RemoteError {
  CauseCode error{};
  StackAssociationId association{};
  ErrorCause cause;

  friend bool operator==(const RemoteError&, const RemoteError&) = default;
};

// `ssf_flags` / `ssfe_flags`; values are Linux's.
enum class SendFailedKind : std::uint16_t {
  kUnsent = 0,  // never put on the wire
  kSent = 1,    // sent at least once, never acknowledged
};

// SCTP_SEND_FAILED_EVENT, RFC 6458 §6.1.11, and the deprecated
// SCTP_SEND_FAILED, §6.1.4. One record is one DATA chunk: `SendFailureJoiner`
// makes messages.
struct SendFailed {
  bool deprecated = false;  // it came as SCTP_SEND_FAILED
  SendFailedKind kind{};
  CauseCode error{};  // kNone for expiry (RFC 3758) and time-outs
  StreamId stream{};
  std::uint16_t flags = 0;  // DATA chunk bits (RFC 9260 §3.3.1): 1 end, 2
                            // begin, 3 whole message, 4 unordered, 8 immediate
  Ppid ppid{};
  std::uint32_t context = 0;  // as given when the message was sent
  StackAssociationId association{};
  Bytes data;  // the user data of this chunk

  friend bool operator==(const SendFailed&, const SendFailed&) = default;
};

// SCTP_SHUTDOWN_EVENT, RFC 6458 §6.1.5: the peer sends no more.
struct ShutdownEvent {
  StackAssociationId association{};

  friend bool operator==(const ShutdownEvent&, const ShutdownEvent&) = default;
};

// SCTP_ADAPTATION_INDICATION, RFC 6458 §6.1.6.
struct AdaptationIndication {
  std::uint32_t indication = 0;
  StackAssociationId association{};

  friend bool operator==(const AdaptationIndication&,
                         const AdaptationIndication&) = default;
};

// `pdapi_indication`; the only value either stack has.
enum class PartialDeliveryIndication : std::uint32_t { kAborted = 0 };

// SCTP_PARTIAL_DELIVERY_EVENT, RFC 6458 §6.1.7: the message being delivered in
// pieces will never complete.
struct PartialDelivery {
  PartialDeliveryIndication indication{};
  // Linux without I-DATA reports 0 for both whatever the message's stream was.
  std::uint32_t stream = 0;
  std::uint32_t sequence = 0;
  StackAssociationId association{};

  friend bool operator==(const PartialDelivery&,
                         const PartialDelivery&) = default;
};

// `auth_indication`; values are Linux's.
enum class AuthenticationIndication : std::uint32_t {
  kNewKey = 0,
  kFreeKey = 1,
  kNoAuthentication = 2,  // the peer does not support AUTH
};

// SCTP_AUTHENTICATION_EVENT, RFC 6458 §6.1.8.
struct AuthenticationEvent {
  AuthenticationIndication indication{};
  std::uint16_t key_number = 0;
  std::uint16_t alternate_key_number = 0;
  StackAssociationId association{};

  friend bool operator==(const AuthenticationEvent&,
                         const AuthenticationEvent&) = default;
};

// SCTP_SENDER_DRY_EVENT, RFC 6458 §6.1.9: all data sent was acknowledged.
struct SenderDry {
  StackAssociationId association{};

  friend bool operator==(const SenderDry&, const SenderDry&) = default;
};

// SCTP_NOTIFICATIONS_STOPPED_EVENT, RFC 6458 §6.1.10: notifications were lost
// for want of memory. Linux has no number for it and usrsctp never sends it.
struct NotificationsStopped {
  friend bool operator==(const NotificationsStopped&,
                         const NotificationsStopped&) = default;
};

// Outcome of a re-configuration request (RFC 6525 §6.1).
enum class ReconfigurationResult : std::uint8_t {
  kPerformed,
  kDenied,
  kFailed,
};

// SCTP_STREAM_RESET_EVENT, RFC 6525 §6.1.1. Directions are seen from the
// receiver of the event.
struct StreamReset {
  bool incoming = false;
  bool outgoing = false;
  ReconfigurationResult result{};
  StackAssociationId association{};
  std::vector<StreamId> streams;  // empty = all streams

  friend bool operator==(const StreamReset&, const StreamReset&) = default;
};

// SCTP_ASSOC_RESET_EVENT, RFC 6525 §6.1.2.
struct AssociationReset {
  ReconfigurationResult result{};
  StackAssociationId association{};
  Tsn local_tsn{};   // own next TSN
  Tsn remote_tsn{};  // the peer's next TSN

  friend bool operator==(const AssociationReset&,
                         const AssociationReset&) = default;
};

// SCTP_STREAM_CHANGE_EVENT, RFC 6525 §6.1.3. Linux reports the streams added,
// usrsctp the new totals; `decode` fills what the record and the stream counts
// it was given allow.
struct StreamChange {
  ReconfigurationResult result{};
  StackAssociationId association{};
  std::optional<std::uint16_t> inbound_added;
  std::optional<std::uint16_t> outbound_added;
  std::optional<std::uint16_t> inbound_streams;   // total
  std::optional<std::uint16_t> outbound_streams;  // total

  friend bool operator==(const StreamChange&, const StreamChange&) = default;
};

// A type number the table does not have. Not an error: kept whole and counted.
struct UnknownNotification {
  std::uint16_t type = 0;  // as the stack numbers it
  Bytes raw;               // the whole record, header included

  friend bool operator==(const UnknownNotification&,
                         const UnknownNotification&) = default;
};

// Every notification there is. The order is that of the decoder's table.
using Notification =
    std::variant<AssociationChange, PeerAddressChange, SendFailed, RemoteError,
                 ShutdownEvent, PartialDelivery, AdaptationIndication,
                 AuthenticationEvent, SenderDry, StreamReset, AssociationReset,
                 StreamChange, NotificationsStopped, UnknownNotification>;

}  // namespace lksctp
