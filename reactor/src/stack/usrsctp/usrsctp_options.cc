#include "stack/usrsctp/usrsctp_options.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "lksctp/decoder/table.h"

namespace lksctp {
namespace {

constexpr std::uint32_t kDefaultPathMtu = 1500;
// What a UDP datagram holds, as a path MTU: no larger SCTP packet can leave.
constexpr std::uint32_t kMaxUdpPayload = 65507;
constexpr std::uint32_t kSctpHeader = 12;
// SCTP_MAXSEG counts an IPv4 header that AF_CONN packets do not have: it is
// added when set and when an endpoint is read, not when an association is.
constexpr std::uint32_t kMaxSegmentError = 20;

template <typename T>
Result<void> set(const UsrsctpApi& api, UsrsctpHandle* handle, int level,
                 int name, const T& value, const char* what) {
  if (api.setsockopt(handle, level, name, &value, sizeof value) != 0) {
    return tl::unexpected(
        Error::system(errno, std::string("setsockopt ") + what));
  }
  return {};
}

// `value` goes in as well: some options read their key from it.
template <typename T>
Result<void> get(const UsrsctpApi& api, UsrsctpHandle* handle, int level,
                 int name, T& value, const char* what) {
  socklen_t length = sizeof value;
  if (api.getsockopt(handle, level, name, &value, &length) != 0) {
    return tl::unexpected(
        Error::system(errno, std::string("getsockopt ") + what));
  }
  return {};
}

// The null AF_CONN address: every path (RFC 6458 §8.1.12 for a wildcard). A
// zeroed address is refused with EAFNOSUPPORT.
sctp_paddrparams all_paths() {
  sctp_paddrparams parameters{};
  parameters.spp_address.ss_family = AF_CONN;
  return parameters;
}

Milliseconds milliseconds(std::uint32_t count) { return Milliseconds(count); }

std::uint32_t count_or_keep(const std::optional<Milliseconds>& value) {
  return value ? value->count() : 0;  // 0 = keep, in every such option
}

Result<void> set_path(const UsrsctpApi& api, UsrsctpHandle* handle,
                      const PathOptions& path, AddressFamily family) {
  if (path == PathOptions{}) return {};
  sctp_paddrparams parameters = all_paths();
  if (path.heartbeat) {
    parameters.spp_flags |= *path.heartbeat ? SPP_HB_ENABLE : SPP_HB_DISABLE;
  }
  if (path.heartbeat_interval) {
    parameters.spp_hbinterval = path.heartbeat_interval->count();
    if (parameters.spp_hbinterval == 0) {
      parameters.spp_flags |= SPP_HB_TIME_IS_ZERO;
    }
  }
  parameters.spp_pathmaxrxt = path.max_retransmissions.value_or(0);
  if (path.path_mtu) {
    const std::uint32_t overhead = encapsulation_overhead(family);
    if (*path.path_mtu <= overhead) {
      return tl::unexpected(
          Error::invalid_argument("path_mtu " + std::to_string(*path.path_mtu) +
                                  " leaves no room behind the headers"));
    }
    parameters.spp_flags |= SPP_PMTUD_DISABLE;
    parameters.spp_pathmtu =
        std::min(*path.path_mtu - overhead, kMaxUdpPayload - kSctpHeader);
  }
  return set(api, handle, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, parameters,
             "SCTP_PEER_ADDR_PARAMS");
}

bool has_association(const UsrsctpApi& api, UsrsctpHandle* handle) {
  sctp_status status{};
  return get(api, handle, IPPROTO_SCTP, SCTP_STATUS, status, "SCTP_STATUS")
      .has_value();
}

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
                              AddressFamily family) {
  const int on = 1;
  // Closing aborts what is alive: nothing goes on in the background behind a
  // reactor's back, or after it.
  const linger abort_on_close{.l_onoff = 1, .l_linger = 0};
  auto result =
      set(api, handle, IPPROTO_SCTP, SCTP_RECVRCVINFO, on, "SCTP_RECVRCVINFO");
  if (result) {
    result =
        set(api, handle, SOL_SOCKET, SO_LINGER, abort_on_close, "SO_LINGER");
  }
  for (const std::uint16_t type : subscription_types(Abi::kUsrsctp)) {
    if (!result) return result;
    sctp_event event{};
    event.se_type = type;
    event.se_on = 1;
    result = set(api, handle, IPPROTO_SCTP, SCTP_EVENT, event, "SCTP_EVENT");
  }
  if (!result) return result;
  PathOptions path;
  path.path_mtu = kDefaultPathMtu;
  return set_path(api, handle, path, family);
}

Result<void> set_socket_options(const UsrsctpApi& api, UsrsctpHandle* handle,
                                const SocketOptions& options,
                                AddressFamily family) {
  Result<void> result;
  if (options.initiation != InitiationOptions{}) {
    sctp_initmsg init{};
    init.sinit_num_ostreams = options.initiation.outbound_streams.value_or(0);
    init.sinit_max_instreams =
        options.initiation.max_inbound_streams.value_or(0);
    init.sinit_max_attempts = options.initiation.max_attempts.value_or(0);
    init.sinit_max_init_timeo = static_cast<std::uint16_t>(
        std::min(count_or_keep(options.initiation.max_timeout), 65535U));
    result = set(api, handle, IPPROTO_SCTP, SCTP_INITMSG, init, "SCTP_INITMSG");
  }
  if (result && options.delayed_sack != DelayedSackOptions{}) {
    sctp_sack_info sack{};
    sack.sack_delay = count_or_keep(options.delayed_sack.delay);
    sack.sack_freq = options.delayed_sack.frequency.value_or(0);
    result = set(api, handle, IPPROTO_SCTP, SCTP_DELAYED_SACK, sack,
                 "SCTP_DELAYED_SACK");
  }
  if (result && options.no_delay) {
    const int value = *options.no_delay ? 1 : 0;
    result =
        set(api, handle, IPPROTO_SCTP, SCTP_NODELAY, value, "SCTP_NODELAY");
  }
  if (result && options.rto != RtoOptions{}) {
    sctp_rtoinfo rto{};
    rto.srto_initial = count_or_keep(options.rto.initial);
    rto.srto_min = count_or_keep(options.rto.minimum);
    rto.srto_max = count_or_keep(options.rto.maximum);
    result = set(api, handle, IPPROTO_SCTP, SCTP_RTOINFO, rto, "SCTP_RTOINFO");
  }
  if (result && options.association != AssociationOptions{}) {
    sctp_assocparams association{};
    association.sasoc_asocmaxrxt =
        options.association.max_retransmissions.value_or(0);
    association.sasoc_cookie_life =
        count_or_keep(options.association.cookie_life);
    result = set(api, handle, IPPROTO_SCTP, SCTP_ASSOCINFO, association,
                 "SCTP_ASSOCINFO");
  }
  if (result) result = set_path(api, handle, options.path, family);
  if (result && options.max_segment) {
    sctp_assoc_value segment{};
    segment.assoc_value = *options.max_segment > kMaxSegmentError
                              ? *options.max_segment - kMaxSegmentError
                              : *options.max_segment;
    result =
        set(api, handle, IPPROTO_SCTP, SCTP_MAXSEG, segment, "SCTP_MAXSEG");
  }
  if (result && options.send_buffer) {
    const int bytes = static_cast<int>(*options.send_buffer);
    result = set(api, handle, SOL_SOCKET, SO_SNDBUF, bytes, "SO_SNDBUF");
  }
  if (result && options.receive_buffer) {
    const int bytes = static_cast<int>(*options.receive_buffer);
    result = set(api, handle, SOL_SOCKET, SO_RCVBUF, bytes, "SO_RCVBUF");
  }
  return result;
}

Result<SocketOptions> get_socket_options(const UsrsctpApi& api,
                                         UsrsctpHandle* handle,
                                         AddressFamily family) {
  sctp_initmsg init{};
  sctp_sack_info sack{};
  sctp_rtoinfo rto{};
  sctp_assocparams association{};
  sctp_paddrparams path = all_paths();
  sctp_assoc_value segment{};
  int no_delay = 0;
  int send_buffer = 0;
  int receive_buffer = 0;
  auto result =
      get(api, handle, IPPROTO_SCTP, SCTP_INITMSG, init, "SCTP_INITMSG");
  const auto next = [&](int level, int name, auto& value, const char* what) {
    if (result) result = get(api, handle, level, name, value, what);
  };
  next(IPPROTO_SCTP, SCTP_DELAYED_SACK, sack, "SCTP_DELAYED_SACK");
  next(IPPROTO_SCTP, SCTP_RTOINFO, rto, "SCTP_RTOINFO");
  next(IPPROTO_SCTP, SCTP_ASSOCINFO, association, "SCTP_ASSOCINFO");
  next(IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path, "SCTP_PEER_ADDR_PARAMS");
  next(IPPROTO_SCTP, SCTP_MAXSEG, segment, "SCTP_MAXSEG");
  next(IPPROTO_SCTP, SCTP_NODELAY, no_delay, "SCTP_NODELAY");
  next(SOL_SOCKET, SO_SNDBUF, send_buffer, "SO_SNDBUF");
  next(SOL_SOCKET, SO_RCVBUF, receive_buffer, "SO_RCVBUF");
  if (!result) return tl::unexpected(result.error());

  SocketOptions options;
  options.initiation = {.outbound_streams = init.sinit_num_ostreams,
                        .max_inbound_streams = init.sinit_max_instreams,
                        .max_attempts = init.sinit_max_attempts,
                        .max_timeout = milliseconds(init.sinit_max_init_timeo)};
  options.delayed_sack = {.delay = milliseconds(sack.sack_delay),
                          .frequency = sack.sack_freq};
  options.no_delay = no_delay != 0;
  options.rto = {.initial = milliseconds(rto.srto_initial),
                 .minimum = milliseconds(rto.srto_min),
                 .maximum = milliseconds(rto.srto_max)};
  options.association = {
      .max_retransmissions = association.sasoc_asocmaxrxt,
      .cookie_life = milliseconds(association.sasoc_cookie_life)};
  options.path.heartbeat = (path.spp_flags & SPP_HB_DISABLE) == 0;
  options.path.heartbeat_interval = milliseconds(path.spp_hbinterval);
  options.path.max_retransmissions = path.spp_pathmaxrxt;
  if (path.spp_pathmtu != 0) {
    options.path.path_mtu = path.spp_pathmtu + encapsulation_overhead(family);
  }
  if (segment.assoc_value != 0) {
    options.max_segment = segment.assoc_value +
                          (has_association(api, handle) ? 0 : kMaxSegmentError);
  }
  options.send_buffer = static_cast<std::uint32_t>(send_buffer);
  options.receive_buffer = static_cast<std::uint32_t>(receive_buffer);
  return options;
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
  result.path.srtt = milliseconds(primary.spinfo_srtt);
  result.path.rto = milliseconds(primary.spinfo_rto);
  // Of the IP packet, as the kernel counts it; usrsctp leaves the headers out.
  result.path.mtu = primary.spinfo_mtu + encapsulation_overhead(peer.family);
  return result;
}

}  // namespace lksctp
