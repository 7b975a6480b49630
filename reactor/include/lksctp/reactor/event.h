// Events: the facts of a reactor, in order. Everything else (association table,
// metrics, journal, Node) is a projection of them.
//
// An `Event` is an immutable value: endpoint, association, two clocks, a dense
// sequence number and a body from the closed set `EventBody`. User messages are
// not events; their totals enter as `TrafficSampled`.
//
// Ownership: events own all they hold. Threads: values; thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lksctp/decoder/notification.h"
#include "lksctp/decoder/ppid.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/options.h"
#include "lksctp/reactor/statistics.h"
#include "lksctp/reactor/types.h"

namespace lksctp {

enum class EndpointRole : std::uint8_t { kListen, kConnect };

// ---- what the reactor did or was told -------------------------------------

struct EndpointOpened {
  std::string
      name;  // stable identity for observers: `listen:<ip>:<port>`, `connect` …
  EndpointRole role{};
  StackKind stack{};
  friend bool operator==(const EndpointOpened&,
                         const EndpointOpened&) = default;
};

struct EndpointBound {
  std::vector<Address> local;
  std::optional<std::uint16_t> udp_port;  // local encapsulation port (RFC 6951)
  friend bool operator==(const EndpointBound&, const EndpointBound&) = default;
};

struct EndpointClosed {
  friend bool operator==(const EndpointClosed&,
                         const EndpointClosed&) = default;
};

// Accepting stopped (for example EMFILE) or works again (`error` absent).
struct AcceptStateChanged {
  std::optional<Error> error;
  friend bool operator==(const AcceptStateChanged&,
                         const AcceptStateChanged&) = default;
};

// A configured peer was declared before it ever connected (`endpoint` by name).
struct PeerExpected {
  std::string endpoint;
  std::string peer;
  friend bool operator==(const PeerExpected&, const PeerExpected&) = default;
};

// A peer that is not configured has been gone for the grace period: its series end.
struct PeerForgotten {
  std::string endpoint;
  std::string peer;
  friend bool operator==(const PeerForgotten&, const PeerForgotten&) = default;
};

// `connect` was called; the association exists from here on.
struct ConnectRequested {
  std::string peer;
  std::vector<Address> remote;  // in the order they are tried or set up with
  bool configured = true;       // stays at `up 0` after loss, until we leave it
  friend bool operator==(const ConnectRequested&,
                         const ConnectRequested&) = default;
};

// The attempt ended without an association; `AssociationClosed` follows.
struct ConnectFailed {
  Error error;
  friend bool operator==(const ConnectFailed&, const ConnectFailed&) = default;
};

// A peer's association was accepted; the association exists from here on.
struct AssociationAccepted {
  std::string peer;
  Address remote;
  friend bool operator==(const AssociationAccepted&,
                         const AssociationAccepted&) = default;
};

struct ShutdownRequested {
  friend bool operator==(const ShutdownRequested&,
                         const ShutdownRequested&) = default;
};

struct AbortRequested {
  std::string reason;  // for the peer where the stack can carry it (RFC 9260
                       // §3.3.10.12)
  friend bool operator==(const AbortRequested&,
                         const AbortRequested&) = default;
};

enum class CloseReason : std::uint8_t {
  kShutdownLocal,   // our graceful shutdown completed
  kShutdownRemote,  // the peer's graceful shutdown completed
  kAbortLocal,
  kAbortRemote,
  kTimeout,  // retransmissions or the connect attempt ran out
  kRefused,  // the peer answered INIT with ABORT, or nothing listens there
  kError,    // anything else; `error` says what
};

// "shutdown_local" …: label value and log text.
[[nodiscard]] std::string_view close_reason_name(CloseReason reason);

// The association has ended. The last event with its id.
struct AssociationClosed {
  CloseReason reason{};
  CauseCode cause{};  // of the ABORT, when there was one
  std::optional<Error> error;
  friend bool operator==(const AssociationClosed&,
                         const AssociationClosed&) = default;
};

// Options were set; read back from the stack afterwards.
struct OptionsChanged {
  SocketOptions options;
  friend bool operator==(const OptionsChanged&,
                         const OptionsChanged&) = default;
};

// A message sent earlier will not be delivered: the SEND_FAILED records of one
// message joined, or a message still queued here when the association ended.
struct MessageFailed {
  StreamId stream{};
  Ppid ppid{};
  std::uint32_t context = 0;
  std::uint64_t size = 0;  // bytes
  SendFailedKind kind{};
  CauseCode cause{};
  friend bool operator==(const MessageFailed&, const MessageFailed&) = default;
};

// Bytes from the stack did not decode, or a message broke the receive bound.
// The association lives on unless a close follows.
struct ReceiveFailed {
  Error error;
  Bytes raw;  // the record for a decoding failure, else empty
  friend bool operator==(const ReceiveFailed&, const ReceiveFailed&) = default;
};

// ---- samples: what was read from the stack, when it changed ----------------

// RFC 6458 §8.2.1 numbering, as Linux's `enum sctp_sstat_state`.
enum class AssociationState : std::uint8_t {
  kEmpty = 0,
  kClosed = 1,
  kCookieWait = 2,
  kCookieEchoed = 3,
  kEstablished = 4,
  kShutdownPending = 5,
  kShutdownSent = 6,
  kShutdownReceived = 7,
  kShutdownAckSent = 8,
};

[[nodiscard]] std::string_view association_state_name(AssociationState state);

// Linux's `enum sctp_spinfo_state`, RFC 6458 §8.2.2.
enum class PathState : std::uint8_t {
  kInactive = 0,
  kPotentiallyFailed = 1,
  kActive = 2,
  kUnconfirmed = 3,
};

[[nodiscard]] std::string_view path_state_name(PathState state);

// SCTP_STATUS, RFC 6458 §8.2.1.
struct StatusSampled {
  AssociationState state{};
  StackAssociationId stack_association{};
  std::uint32_t peer_receive_window = 0;  // bytes
  std::uint32_t unacknowledged_chunks = 0;
  std::uint32_t pending_chunks = 0;  // received, not yet read
  std::uint16_t inbound_streams = 0;
  std::uint16_t outbound_streams = 0;
  std::uint32_t fragmentation_point = 0;  // bytes
  std::uint64_t send_queue = 0;           // bytes queued in this library
  friend bool operator==(const StatusSampled&, const StatusSampled&) = default;
};

// SCTP_GET_PEER_ADDR_INFO of one path, RFC 6458 §8.2.2. Times are milliseconds
// whatever unit the stack uses.
struct PathInfo {
  Address address;
  PathState state{};
  bool primary = false;
  std::uint32_t congestion_window = 0;  // bytes
  Milliseconds srtt{};
  Milliseconds rto{};
  std::uint32_t mtu = 0;  // bytes
  friend bool operator==(const PathInfo&, const PathInfo&) = default;
};

// All paths of an association; a path that is not listed is gone.
struct PathsSampled {
  std::vector<PathInfo> paths;
  friend bool operator==(const PathsSampled&, const PathsSampled&) = default;
};

// The association's local addresses.
struct LocalAddressesSampled {
  std::vector<Address> local;
  friend bool operator==(const LocalAddressesSampled&,
                         const LocalAddressesSampled&) = default;
};

// Messages and payload bytes in one direction.
struct Traffic {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

struct StreamTraffic {
  StreamId stream{};
  Traffic sent;
  Traffic received;
  friend bool operator==(const StreamTraffic&, const StreamTraffic&) = default;
};

// By the protocol that a message's PPID names; those without a name in the
// registry (`ppid_name`) are together under `kOtherPpid`.
struct PpidTraffic {
  Ppid ppid{};
  Traffic sent;
  Traffic received;
  friend bool operator==(const PpidTraffic&, const PpidTraffic&) = default;
};

// Totals since the association began, exact at the moment of the event. `sent`
// is what the stack took, `received` what it delivered. `streams` and `ppids`
// list only those whose totals changed since the previous sample. Sampled on a
// period, when the association ends, and before a snapshot is taken.
struct TrafficSampled {
  Traffic sent;
  Traffic received;
  std::vector<StreamTraffic> streams;
  std::vector<PpidTraffic> ppids;
  std::uint64_t would_block = 0;  // messages refused: the send queue was full
  friend bool operator==(const TrafficSampled&,
                         const TrafficSampled&) = default;
};

// What the stack counts of the association; a stack that does not count has no
// such event. What it counted last, at its end, is mostly lost with it.
struct StatisticsSampled {
  AssociationStatistics statistics;
  friend bool operator==(const StatisticsSampled&,
                         const StatisticsSampled&) = default;
};

// ---- facts about the log itself --------------------------------------------

// Events `from` to `to` were not kept (a reader or journal could not follow).
struct LogGap {
  EventSeq from{};
  EventSeq to{};
  friend bool operator==(const LogGap&, const LogGap&) = default;
};

// The path of this journal has one that was not closed: its process crashed.
struct LogRecovered {
  std::string journal;           // its id
  EventSeq last{};               // the last event that can be read
  std::uint64_t lost_bytes = 0;  // torn, behind that
  friend bool operator==(const LogRecovered&, const LogRecovered&) = default;
};

// The closed set. `event_kind_name` names every member.
using EventBody =
    std::variant<Notification, EndpointOpened, EndpointBound, EndpointClosed,
                 AcceptStateChanged, PeerExpected, PeerForgotten,
                 ConnectRequested, ConnectFailed, AssociationAccepted,
                 ShutdownRequested, AbortRequested, AssociationClosed,
                 OptionsChanged, MessageFailed, ReceiveFailed, StatusSampled,
                 PathsSampled, LocalAddressesSampled, TrafficSampled,
                 StatisticsSampled, LogGap, LogRecovered>;

// A kind of event: every alternative of `Notification`, then every other
// alternative of `EventBody`, as one dense index.
enum class EventKind : std::uint8_t {};

inline constexpr std::size_t kNotificationKinds =
    std::variant_size_v<Notification>;
inline constexpr std::size_t kEventKinds =
    kNotificationKinds + std::variant_size_v<EventBody> - 1;

// Immutable facts about kinds; any thread.
[[nodiscard]] EventKind kind_of(const EventBody& body);
[[nodiscard]] std::string_view event_kind_name(EventKind kind);
// The kind of that name; nullopt when there is none.
[[nodiscard]] std::optional<EventKind> event_kind_from_name(
    std::string_view name);

struct Event {
  EventSeq seq{};
  MonotonicTime monotonic{};
  WallTime wall{};
  EndpointId endpoint{};        // 0 for facts of the whole reactor
  AssociationId association{};  // 0 for facts of an endpoint or the reactor
  EventBody body;
  // The record of a notification as the stack gave it, in the stack's own ABI;
  // empty when no subscriber asked for it (`EventFilter::with_raw`). One record
  // may be several notifications: each then has all of it.
  Bytes raw = {};
  friend bool operator==(const Event&, const Event&) = default;
};

// "association_change" … for notifications (the decoder table's label),
// "connect_requested" … for the rest. Stable; used as metric label and filter.
[[nodiscard]] std::string_view event_kind_name(const EventBody& body);

// One readable line: "#12 14:03:07.120 assoc 3 SCTP_ASSOC_CHANGE: SCTP_COMM_UP,
// …".
[[nodiscard]] std::string to_string(const Event& event);

}  // namespace lksctp
