// Socket options with read-back (RFC 6458 §8). An absent member is left as the
// stack has it when set, and is unknown to the stack when read.
//
// Threads: values; thread-compatible.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace lksctp {

using Milliseconds = std::chrono::duration<std::uint32_t, std::milli>;

// SCTP_INITMSG, RFC 6458 §8.1.3. Set before connect or listen.
struct InitiationOptions {
  std::optional<std::uint16_t> outbound_streams;     // 1 to 65535; default 10
  std::optional<std::uint16_t> max_inbound_streams;  // 1 to 65535
  std::optional<std::uint16_t> max_attempts;         // INITs sent; default 8
  std::optional<Milliseconds> max_timeout;  // of an INIT; up to 65,535 ms
  friend bool operator==(const InitiationOptions&,
                         const InitiationOptions&) = default;
};

// SCTP_DELAYED_SACK, RFC 6458 §8.1.19.
struct DelayedSackOptions {
  std::optional<Milliseconds> delay;  // 1 to 500 ms; default 200
  std::optional<std::uint32_t>
      frequency;  // packets per SACK; 1 = no delay; default 2
  friend bool operator==(const DelayedSackOptions&,
                         const DelayedSackOptions&) = default;
};

// SCTP_RTOINFO, RFC 6458 §8.1.1.
struct RtoOptions {
  std::optional<Milliseconds> initial;  // default 3000
  std::optional<Milliseconds> minimum;  // default 1000
  std::optional<Milliseconds> maximum;  // default 60000
  friend bool operator==(const RtoOptions&, const RtoOptions&) = default;
};

// SCTP_ASSOCINFO, RFC 6458 §8.1.2.
struct AssociationOptions {
  std::optional<std::uint16_t> max_retransmissions;  // default 10
  std::optional<Milliseconds> cookie_life;           // default 60000
  friend bool operator==(const AssociationOptions&,
                         const AssociationOptions&) = default;
};

// SCTP_PEER_ADDR_PARAMS, RFC 6458 §8.1.12, for every path of the association.
struct PathOptions {
  std::optional<bool> heartbeat;                     // default on
  std::optional<Milliseconds> heartbeat_interval;    // default 30000
  std::optional<std::uint16_t> max_retransmissions;  // default 5
  std::optional<std::uint32_t> path_mtu;  // bytes; fixes it when given
  // Differentiated services code point of what is sent (RFC 2474), 0 to 63. The
  // kernel's only: usrsctp's packets share UDP sockets. Absent when read: none was
  // set.
  std::optional<std::uint8_t> dscp;
  friend bool operator==(const PathOptions&, const PathOptions&) = default;
};

// Everything that can be set at creation and, except `initiation`, at run time.
struct SocketOptions {
  InitiationOptions initiation;
  DelayedSackOptions delayed_sack;
  std::optional<bool>
      no_delay;  // SCTP_NODELAY, RFC 6458 §8.1.5; this library: on
  RtoOptions rto;
  AssociationOptions association;
  PathOptions path;
  std::optional<std::uint32_t> max_segment;  // SCTP_MAXSEG, §8.1.16; bytes
  // SCTP_MAX_BURST, RFC 6458 §8.1.24: packets sent in one go at most; 0: any number.
  // Default 4.
  std::optional<std::uint32_t> max_burst;
  // SCTP_FRAGMENT_INTERLEAVE, RFC 6458 §8.1.20: 0 or 1, which differ for sockets with
  // several associations only. 2 is kNotSupported: it delivers parts of messages in
  // turns, and this library whole ones. Default: kernel 0, usrsctp 1.
  std::optional<std::uint32_t> fragment_interleave;
  // SCTP_EXPOSE_POTENTIALLY_FAILED_STATE, RFC 7829 §7.3: paths that are potentially
  // failed are told as such; otherwise they count as active. Default on where the
  // stack has it (`Capabilities::potentially_failed`); on a stack without it `true` is
  // kNotSupported, and nothing is read.
  std::optional<bool> potentially_failed;
  std::optional<std::uint32_t> send_buffer;     // SO_SNDBUF; bytes
  std::optional<std::uint32_t> receive_buffer;  // SO_RCVBUF; bytes
  // SCTP_SENDER_DRY_EVENT, RFC 6458 §6.1.9: an event each time the peer has
  // acknowledged everything sent. Default off: with requests and responses that
  // is one per message.
  std::optional<bool> sender_dry;
  friend bool operator==(const SocketOptions&, const SocketOptions&) = default;
};

}  // namespace lksctp
