#include "stack/usrsctp/usrsctp_options.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "stack/option_codec.h"

namespace lksctp {
namespace {

constexpr std::uint32_t kDefaultPathMtu = 1500;
// What a UDP datagram holds, as a path MTU: no larger SCTP packet can leave.
constexpr std::uint32_t kMaxUdpPayload = 65507;
constexpr std::uint32_t kSctpHeader = 12;
// SCTP_MAXSEG counts an IPv4 header that AF_CONN packets do not have: it is
// added when set and when an endpoint is read, not when an association is.
constexpr std::uint32_t kMaxSegmentError = 20;

// See option_codec.h.
struct UsrsctpAccess {
  using InitMessage = sctp_initmsg;
  using SackInfo = sctp_sack_info;
  using RtoInfo = sctp_rtoinfo;
  using AssociationParameters = sctp_assocparams;
  using PathParameters = sctp_paddrparams;
  using AssociationValue = sctp_assoc_value;
  using Event = sctp_event;
  static constexpr Abi kAbi = Abi::kUsrsctp;
  static constexpr OptionNumbers kNumbers = {
      .init_message = SCTP_INITMSG,
      .delayed_sack = SCTP_DELAYED_SACK,
      .no_delay = SCTP_NODELAY,
      .rto_info = SCTP_RTOINFO,
      .association_info = SCTP_ASSOCINFO,
      .peer_address_parameters = SCTP_PEER_ADDR_PARAMS,
      .max_segment = SCTP_MAXSEG,
      .max_burst = SCTP_MAX_BURST,
      .fragment_interleave = SCTP_FRAGMENT_INTERLEAVE,
      .event = SCTP_EVENT,
      .receive_info = SCTP_RECVRCVINFO};

  const UsrsctpApi& api;
  UsrsctpHandle* handle;
  AddressFamily family;

  template <typename T>
  Result<void> set(int level, int name, const T& value,
                   const char* what) const {
    if (api.setsockopt(handle, level, name, &value, sizeof value) != 0) {
      return tl::unexpected(
          Error::system(errno, std::string("setsockopt ") + what));
    }
    return {};
  }

  // `value` goes in as well: some options read their key from it.
  template <typename T>
  Result<void> get(int level, int name, T& value, const char* what) const {
    socklen_t length = sizeof value;
    if (api.getsockopt(handle, level, name, &value, &length) != 0) {
      return tl::unexpected(
          Error::system(errno, std::string("getsockopt ") + what));
    }
    return {};
  }

  Result<void> set_buffer(int name, std::uint32_t bytes,
                          const char* what) const {
    return set(SOL_SOCKET, name, static_cast<int>(bytes), what);
  }
  static std::uint32_t buffer(int raw) {
    return static_cast<std::uint32_t>(raw);
  }

  // The null AF_CONN address: every path (RFC 6458 §8.1.12 for a wildcard). A
  // zeroed address is refused with EAFNOSUPPORT.
  static PathParameters all_paths() {
    PathParameters parameters{};
    parameters.spp_address.ss_family = AF_CONN;
    return parameters;
  }

  static Result<void> check(const SocketOptions& options) {
    const char* reason = nullptr;
    if (options.path.dscp) {
      reason =
          "usrsctp's packets share UDP sockets: a dscp of an association needs "
          "the "
          "kernel stack";
    } else if (options.potentially_failed.value_or(false)) {
      reason =
          "usrsctp knows no potentially failed paths (RFC 7829): the kernel "
          "stack "
          "does";
    }
    if (reason == nullptr) return {};
    return tl::unexpected(
        Error::make(ErrorCode::kNotSupported, reason, EOPNOTSUPP));
  }
  // What `check` lets through is how it is.
  static Result<void> set_potentially_failed(bool) { return {}; }
  static Result<std::optional<bool>> get_potentially_failed() {
    return std::optional<bool>{};
  }

  [[nodiscard]] std::uint32_t path_mtu_to_stack(std::uint32_t mtu) const {
    const std::uint32_t overhead = encapsulation_overhead(family);
    return mtu <= overhead
               ? 0
               : std::min(mtu - overhead, kMaxUdpPayload - kSctpHeader);
  }
  [[nodiscard]] std::uint32_t path_mtu_from_stack(std::uint32_t mtu) const {
    return mtu + encapsulation_overhead(family);
  }
  static std::uint32_t max_segment_to_stack(std::uint32_t bytes) {
    return bytes > kMaxSegmentError ? bytes - kMaxSegmentError : bytes;
  }
  [[nodiscard]] std::uint32_t max_segment_from_stack(
      std::uint32_t bytes) const {
    sctp_status status{};
    const bool has_association =
        get(IPPROTO_SCTP, SCTP_STATUS, status, "SCTP_STATUS").has_value();
    return bytes + (has_association ? 0 : kMaxSegmentError);
  }
};

AssociationState association_state(std::int32_t state) {
  switch (state) {
    case SCTP_COOKIE_WAIT:
      return AssociationState::kCookieWait;
    case SCTP_COOKIE_ECHOED:
      return AssociationState::kCookieEchoed;
    case SCTP_ESTABLISHED:
      return AssociationState::kEstablished;
    case SCTP_SHUTDOWN_PENDING:
      return AssociationState::kShutdownPending;
    case SCTP_SHUTDOWN_SENT:
      return AssociationState::kShutdownSent;
    case SCTP_SHUTDOWN_RECEIVED:
      return AssociationState::kShutdownReceived;
    case SCTP_SHUTDOWN_ACK_SENT:
      return AssociationState::kShutdownAckSent;
    default:
      return AssociationState::kClosed;
  }
}

PathState path_state(std::int32_t state) {
  if ((state & SCTP_UNCONFIRMED) != 0) return PathState::kUnconfirmed;
  return (state & SCTP_ACTIVE) != 0 ? PathState::kActive : PathState::kInactive;
}

}  // namespace

std::uint32_t encapsulation_overhead(AddressFamily family) {
  constexpr std::uint32_t kUdpHeader = 8;
  const std::uint32_t ip = family == AddressFamily::kIpv6 ? 40 : 20;
  return ip + kUdpHeader + kSctpHeader;
}

Result<void> configure_socket(const UsrsctpApi& api, UsrsctpHandle* handle,
                              const SocketOptions& options,
                              AddressFamily family) {
  const UsrsctpAccess socket{api, handle, family};
  // Closing aborts what is alive: nothing goes on in the background behind a
  // reactor's back, or after it.
  const linger abort_on_close{.l_onoff = 1, .l_linger = 0};
  SocketOptions all = options;
  if (!all.path.path_mtu) all.path.path_mtu = kDefaultPathMtu;
  auto result = subscribe_socket(socket);
  if (result) {
    result = socket.set(SOL_SOCKET, SO_LINGER, abort_on_close, "SO_LINGER");
  }
  return result ? lksctp::set_socket_options(socket, all) : result;
}

Result<void> set_socket_options(const UsrsctpApi& api, UsrsctpHandle* handle,
                                const SocketOptions& options,
                                AddressFamily family) {
  return lksctp::set_socket_options(UsrsctpAccess{api, handle, family},
                                    options);
}

Result<SocketOptions> get_socket_options(const UsrsctpApi& api,
                                         UsrsctpHandle* handle,
                                         AddressFamily family) {
  return lksctp::get_socket_options(UsrsctpAccess{api, handle, family});
}

Result<StatusAndPath> get_status(const UsrsctpApi& api, UsrsctpHandle* handle,
                                 const Address& peer) {
  sctp_status raw{};
  socklen_t length = sizeof raw;
  if (api.getsockopt(handle, IPPROTO_SCTP, SCTP_STATUS, &raw, &length) != 0) {
    // usrsctp says EINVAL for a socket whose association is gone.
    return tl::unexpected(Error::system(errno == EINVAL ? ENOTCONN : errno,
                                        "getsockopt SCTP_STATUS", peer));
  }
  StatusAndPath result;
  result.status.state = association_state(raw.sstat_state);
  result.status.stack_association = StackAssociationId(raw.sstat_assoc_id);
  result.status.peer_receive_window = raw.sstat_rwnd;
  result.status.unacknowledged_chunks = raw.sstat_unackdata;
  result.status.pending_chunks = raw.sstat_penddata;
  result.status.inbound_streams = raw.sstat_instrms;
  result.status.outbound_streams = raw.sstat_outstrms;
  result.status.fragmentation_point = raw.sstat_fragmentation_point;
  const sctp_paddrinfo& primary = raw.sstat_primary;
  result.path.address = peer;
  result.path.state = path_state(primary.spinfo_state);
  result.path.primary = true;
  result.path.congestion_window = primary.spinfo_cwnd;
  result.path.srtt = Milliseconds(primary.spinfo_srtt);
  result.path.rto = Milliseconds(primary.spinfo_rto);
  // Of the IP packet, as the kernel counts it; usrsctp leaves the headers out.
  result.path.mtu = primary.spinfo_mtu + encapsulation_overhead(peer.family);
  return result;
}

}  // namespace lksctp
