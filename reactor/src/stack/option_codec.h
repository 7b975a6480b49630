// Socket options (RFC 6458 §8) between `SocketOptions` and a stack's structs. The
// members of the structs have RFC names in every stack; layouts, numbers and a
// few meanings differ, and the headers of two stacks cannot meet in one
// translation unit: `Access` stands for both.
//
// `Access` has
// - the types InitMessage, SackInfo, RtoInfo, AssociationParameters,
//   PathParameters, AssociationValue, Event
// - `static constexpr OptionNumbers kNumbers` and `static constexpr Abi kAbi`
// - `Result<void> set(level, name, const T&, what)` and `get(level, name, T&,
//   what)`; errors kSystem
// - `Result<void> set_buffer(name, bytes, what)` and `buffer(raw)`, what a
//   program calls the size that was read
// - `PathParameters all_paths()`: a key for every path
// - `Result<void> check(const SocketOptions&)`: what the stack does not have;
//   kNotSupported
// - `set_potentially_failed(bool)`, `get_potentially_failed()`: errors kSystem;
//   absent where the stack does not have it
// - `path_mtu_to_stack`, `path_mtu_from_stack`, `max_segment_to_stack`,
//   `max_segment_from_stack`: from and to bytes as `SocketOptions` counts them;
//   0 when there is no room for what is asked
//
// Threads: loop thread only.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>

#include "lksctp/decoder/table.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/options.h"

namespace lksctp {

// Option numbers at level IPPROTO_SCTP, named as in RFC 6458 §8.
struct OptionNumbers {
  int init_message;
  int delayed_sack;
  int no_delay;
  int rto_info;
  int association_info;
  int peer_address_parameters;
  int max_segment;
  int max_burst;
  int fragment_interleave;
  int event;
  int receive_info;
};

namespace option_codec {

// `spp_flags`, RFC 6458 §8.1.12: the same in every stack.
enum PathFlag : std::uint32_t {
  kHeartbeatEnable = 1,
  kHeartbeatDisable = 2,
  kPathMtuDiscoveryEnable = 8,
  kPathMtuDiscoveryDisable = 0x10,
  kHeartbeatTimeIsZero = 0x80,
  kDscp = 0x200,
};

// `spp_dscp` holds the code point in its upper six bits.
inline constexpr unsigned kDscpShift = 2;
inline constexpr std::uint8_t kMaxDscp = 63;

// What no socket of this library can have.
inline Result<void> check_options(const SocketOptions& options) {
  if (options.fragment_interleave.value_or(0) >= 2) {
    return tl::unexpected(Error::make(
        ErrorCode::kNotSupported,
        "fragment_interleave 2 delivers parts of messages in turns (RFC 6458 "
        "§8.1.20); whole messages are what is delivered here: 0 or 1",
        EOPNOTSUPP));
  }
  if (options.path.dscp.value_or(0) > kMaxDscp) {
    return tl::unexpected(
        Error::invalid_argument("a dscp has 6 bits: 0 to 63 (RFC 2474)"));
  }
  return {};
}

inline std::uint32_t count_or_keep(const std::optional<Milliseconds>& value) {
  return value ? value->count() : 0;  // 0 = keep, in every such option
}

template <typename Access>
std::uint16_t sender_dry_type() {
  return row_of(SenderDry{})->type(Access::kAbi);
}

template <typename Access>
Result<void> set_event(const Access& socket, std::uint16_t type, bool on) {
  typename Access::Event event{};
  event.se_type = type;
  event.se_on = on ? 1 : 0;
  return socket.set(IPPROTO_SCTP, Access::kNumbers.event, event, "SCTP_EVENT");
}

template <typename Access>
Result<void> set_path(const Access& socket, const PathOptions& path) {
  if (path == PathOptions{}) return {};
  typename Access::PathParameters parameters = socket.all_paths();
  std::optional<bool> heartbeat = path.heartbeat;
  if (!heartbeat && path.heartbeat_interval) {
    // Linux takes an interval with SPP_HB_ENABLE only: what is off stays off.
    auto current = parameters;
    const auto known =
        socket.get(IPPROTO_SCTP, Access::kNumbers.peer_address_parameters,
                   current, "SCTP_PEER_ADDR_PARAMS");
    if (!known) return known;
    heartbeat = (current.spp_flags & kHeartbeatDisable) == 0;
  }
  if (heartbeat) {
    parameters.spp_flags |= *heartbeat ? kHeartbeatEnable : kHeartbeatDisable;
  }
  if (path.heartbeat_interval) {
    parameters.spp_hbinterval = path.heartbeat_interval->count();
    if (parameters.spp_hbinterval == 0) {
      parameters.spp_flags |= kHeartbeatTimeIsZero;
    }
  }
  parameters.spp_pathmaxrxt = path.max_retransmissions.value_or(0);
  if (path.path_mtu) {
    const std::uint32_t mtu = socket.path_mtu_to_stack(*path.path_mtu);
    if (mtu == 0) {
      return tl::unexpected(
          Error::invalid_argument("path_mtu " + std::to_string(*path.path_mtu) +
                                  " leaves no room behind the headers"));
    }
    parameters.spp_flags |= kPathMtuDiscoveryDisable;
    parameters.spp_pathmtu = mtu;
  }
  if (path.dscp) {
    parameters.spp_flags |= kDscp;
    parameters.spp_dscp = static_cast<std::uint8_t>(*path.dscp << kDscpShift);
  }
  return socket.set(IPPROTO_SCTP, Access::kNumbers.peer_address_parameters,
                    parameters, "SCTP_PEER_ADDR_PARAMS");
}

}  // namespace option_codec

// What every socket of this library has: subscriptions and receive information.
template <typename Access>
Result<void> subscribe_socket(const Access& socket) {
  const int on = 1;
  auto result = socket.set(IPPROTO_SCTP, Access::kNumbers.receive_info, on,
                           "SCTP_RECVRCVINFO");
  for (const std::uint16_t type : subscription_types(Access::kAbi)) {
    if (result) result = option_codec::set_event(socket, type, true);
  }
  return result;
}

template <typename Access>
Result<void> set_socket_options(const Access& socket,
                                const SocketOptions& options) {
  constexpr OptionNumbers kNumbers = Access::kNumbers;
  using option_codec::count_or_keep;
  Result<void> result = option_codec::check_options(options);
  if (result) result = socket.check(options);
  if (result && options.initiation != InitiationOptions{}) {
    typename Access::InitMessage init{};
    init.sinit_num_ostreams = options.initiation.outbound_streams.value_or(0);
    init.sinit_max_instreams =
        options.initiation.max_inbound_streams.value_or(0);
    init.sinit_max_attempts = options.initiation.max_attempts.value_or(0);
    init.sinit_max_init_timeo = static_cast<std::uint16_t>(
        std::min(count_or_keep(options.initiation.max_timeout), 65535U));
    result =
        socket.set(IPPROTO_SCTP, kNumbers.init_message, init, "SCTP_INITMSG");
  }
  if (result && options.delayed_sack != DelayedSackOptions{}) {
    typename Access::SackInfo sack{};
    sack.sack_delay = count_or_keep(options.delayed_sack.delay);
    sack.sack_freq = options.delayed_sack.frequency.value_or(0);
    result = socket.set(IPPROTO_SCTP, kNumbers.delayed_sack, sack,
                        "SCTP_DELAYED_SACK");
  }
  if (result && options.no_delay) {
    const int value = *options.no_delay ? 1 : 0;
    result = socket.set(IPPROTO_SCTP, kNumbers.no_delay, value, "SCTP_NODELAY");
  }
  if (result && options.rto != RtoOptions{}) {
    typename Access::RtoInfo rto{};
    rto.srto_initial = count_or_keep(options.rto.initial);
    rto.srto_min = count_or_keep(options.rto.minimum);
    rto.srto_max = count_or_keep(options.rto.maximum);
    result = socket.set(IPPROTO_SCTP, kNumbers.rto_info, rto, "SCTP_RTOINFO");
  }
  if (result && options.association != AssociationOptions{}) {
    typename Access::AssociationParameters association{};
    association.sasoc_asocmaxrxt =
        options.association.max_retransmissions.value_or(0);
    association.sasoc_cookie_life =
        count_or_keep(options.association.cookie_life);
    result = socket.set(IPPROTO_SCTP, kNumbers.association_info, association,
                        "SCTP_ASSOCINFO");
  }
  if (result) result = option_codec::set_path(socket, options.path);
  if (result && options.max_segment) {
    typename Access::AssociationValue segment{};
    segment.assoc_value = socket.max_segment_to_stack(*options.max_segment);
    result =
        socket.set(IPPROTO_SCTP, kNumbers.max_segment, segment, "SCTP_MAXSEG");
  }
  if (result && options.max_burst) {
    typename Access::AssociationValue burst{};
    burst.assoc_value = *options.max_burst;
    result =
        socket.set(IPPROTO_SCTP, kNumbers.max_burst, burst, "SCTP_MAX_BURST");
  }
  if (result && options.fragment_interleave) {
    result =
        socket.set(IPPROTO_SCTP, kNumbers.fragment_interleave,
                   *options.fragment_interleave, "SCTP_FRAGMENT_INTERLEAVE");
  }
  if (result && options.potentially_failed) {
    result = socket.set_potentially_failed(*options.potentially_failed);
  }
  if (result && options.send_buffer) {
    result = socket.set_buffer(SO_SNDBUF, *options.send_buffer, "SO_SNDBUF");
  }
  if (result && options.receive_buffer) {
    result = socket.set_buffer(SO_RCVBUF, *options.receive_buffer, "SO_RCVBUF");
  }
  if (result && options.sender_dry) {
    result = option_codec::set_event(
        socket, option_codec::sender_dry_type<Access>(), *options.sender_dry);
  }
  return result;
}

template <typename Access>
Result<SocketOptions> get_socket_options(const Access& socket) {
  constexpr OptionNumbers kNumbers = Access::kNumbers;
  using Count = Milliseconds::rep;
  typename Access::InitMessage init{};
  typename Access::SackInfo sack{};
  typename Access::RtoInfo rto{};
  typename Access::AssociationParameters association{};
  typename Access::PathParameters path = socket.all_paths();
  typename Access::AssociationValue segment{};
  typename Access::AssociationValue burst{};
  std::uint32_t fragment_interleave = 0;
  int no_delay = 0;
  int send_buffer = 0;
  int receive_buffer = 0;
  Result<void> result;
  const auto next = [&](int level, int name, auto& value, const char* what) {
    if (result) result = socket.get(level, name, value, what);
  };
  next(IPPROTO_SCTP, kNumbers.init_message, init, "SCTP_INITMSG");
  next(IPPROTO_SCTP, kNumbers.delayed_sack, sack, "SCTP_DELAYED_SACK");
  next(IPPROTO_SCTP, kNumbers.rto_info, rto, "SCTP_RTOINFO");
  next(IPPROTO_SCTP, kNumbers.association_info, association, "SCTP_ASSOCINFO");
  next(IPPROTO_SCTP, kNumbers.peer_address_parameters, path,
       "SCTP_PEER_ADDR_PARAMS");
  next(IPPROTO_SCTP, kNumbers.max_segment, segment, "SCTP_MAXSEG");
  next(IPPROTO_SCTP, kNumbers.max_burst, burst, "SCTP_MAX_BURST");
  next(IPPROTO_SCTP, kNumbers.fragment_interleave, fragment_interleave,
       "SCTP_FRAGMENT_INTERLEAVE");
  next(IPPROTO_SCTP, kNumbers.no_delay, no_delay, "SCTP_NODELAY");
  next(SOL_SOCKET, SO_SNDBUF, send_buffer, "SO_SNDBUF");
  next(SOL_SOCKET, SO_RCVBUF, receive_buffer, "SO_RCVBUF");
  typename Access::Event sender_dry{};
  sender_dry.se_type = option_codec::sender_dry_type<Access>();
  next(IPPROTO_SCTP, kNumbers.event, sender_dry, "SCTP_EVENT");
  if (!result) return tl::unexpected(result.error());
  const auto potentially_failed = socket.get_potentially_failed();
  if (!potentially_failed) return tl::unexpected(potentially_failed.error());

  SocketOptions options;
  options.initiation = {
      .outbound_streams = init.sinit_num_ostreams,
      .max_inbound_streams = init.sinit_max_instreams,
      .max_attempts = init.sinit_max_attempts,
      .max_timeout = Milliseconds(Count{init.sinit_max_init_timeo})};
  options.delayed_sack = {.delay = Milliseconds(Count{sack.sack_delay}),
                          .frequency = sack.sack_freq};
  options.no_delay = no_delay != 0;
  options.rto = {.initial = Milliseconds(Count{rto.srto_initial}),
                 .minimum = Milliseconds(Count{rto.srto_min}),
                 .maximum = Milliseconds(Count{rto.srto_max})};
  options.association = {
      .max_retransmissions = association.sasoc_asocmaxrxt,
      .cookie_life = Milliseconds(Count{association.sasoc_cookie_life})};
  options.path.heartbeat =
      (path.spp_flags & option_codec::kHeartbeatDisable) == 0;
  options.path.heartbeat_interval = Milliseconds(Count{path.spp_hbinterval});
  options.path.max_retransmissions = std::uint16_t{path.spp_pathmaxrxt};
  if (path.spp_pathmtu != 0) {
    options.path.path_mtu = socket.path_mtu_from_stack(path.spp_pathmtu);
  }
  if (segment.assoc_value != 0) {
    options.max_segment = socket.max_segment_from_stack(segment.assoc_value);
  }
  if ((path.spp_flags & option_codec::kDscp) != 0) {
    options.path.dscp =
        static_cast<std::uint8_t>(path.spp_dscp >> option_codec::kDscpShift);
  }
  options.max_burst = burst.assoc_value;
  options.fragment_interleave = fragment_interleave;
  options.potentially_failed = *potentially_failed;
  options.send_buffer = socket.buffer(send_buffer);
  options.receive_buffer = socket.buffer(receive_buffer);
  options.sender_dry = sender_dry.se_on != 0;
  return options;
}

}  // namespace lksctp
