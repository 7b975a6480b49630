#include "merge_options.h"

namespace lksctp {
namespace {

template <typename T>
void merge(std::optional<T>& into, const std::optional<T>& from) {
  if (from) into = from;
}

}  // namespace

void merge_options(SocketOptions& into, const SocketOptions& from) {
  merge(into.initiation.outbound_streams, from.initiation.outbound_streams);
  merge(into.initiation.max_inbound_streams,
        from.initiation.max_inbound_streams);
  merge(into.initiation.max_attempts, from.initiation.max_attempts);
  merge(into.initiation.max_timeout, from.initiation.max_timeout);
  merge(into.delayed_sack.delay, from.delayed_sack.delay);
  merge(into.delayed_sack.frequency, from.delayed_sack.frequency);
  merge(into.no_delay, from.no_delay);
  merge(into.rto.initial, from.rto.initial);
  merge(into.rto.minimum, from.rto.minimum);
  merge(into.rto.maximum, from.rto.maximum);
  merge(into.association.max_retransmissions,
        from.association.max_retransmissions);
  merge(into.association.cookie_life, from.association.cookie_life);
  merge(into.path.heartbeat, from.path.heartbeat);
  merge(into.path.heartbeat_interval, from.path.heartbeat_interval);
  merge(into.path.max_retransmissions, from.path.max_retransmissions);
  merge(into.path.path_mtu, from.path.path_mtu);
  merge(into.path.dscp, from.path.dscp);
  merge(into.max_segment, from.max_segment);
  merge(into.max_burst, from.max_burst);
  merge(into.fragment_interleave, from.fragment_interleave);
  merge(into.potentially_failed, from.potentially_failed);
  merge(into.send_buffer, from.send_buffer);
  merge(into.receive_buffer, from.receive_buffer);
  merge(into.sender_dry, from.sender_dry);
}

}  // namespace lksctp
