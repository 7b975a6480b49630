// How an association sends: what is refused at once, the queue, and its way to the
// stack.
#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "association_impl.h"
#include "reactor_impl.h"

namespace lksctp {
namespace {

// Below this no stack's send buffer is in the way of a message.
constexpr std::size_t kSmallMessage = 64 * 1024;

bool is_want_of_room(int error_number) {
  return error_number == EAGAIN || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

Error not_supported(const char* message) {
  return Error::make(ErrorCode::kNotSupported, message, EOPNOTSUPP);
}

}  // namespace

std::optional<Error> AssociationImpl::check_send(
    std::span<const std::byte> data, const SendOptions& options) {
  if (!usable() || shutdown_requested_) return closed_error();
  if (peer_shutdown_) {
    return remote_ended_error();
  }
  if (data.empty()) {
    return Error::invalid_argument(
        "a message must have at least one byte (RFC 9260 §3.3.1)");
  }
  if (phase_ == Phase::kUp && options.stream.value() >= outbound_streams_) {
    return stream_error(options.stream);
  }
  if (options.time_to_live || options.max_retransmissions || options.priority) {
    if (auto refused = check_policy(options)) return refused;
  }
  if (data.size() > kSmallMessage || send_buffer_chosen_) {
    if (auto refused = make_send_buffer_fit(data.size())) return refused;
  }
  if (queue_is_full()) {
    // Of what this turn has queued: the stack may have room.
    for (const bool more : {true, false}) {
      if (queue_is_full() && phase_ == Phase::kUp && !waiting_for_room_) {
        send_queued(more);
      }
    }
    if (queue_is_full()) return would_block();
  }
  return std::nullopt;
}

bool AssociationImpl::queue_is_full() const {
  return queue_.cost() >= settings_.send_high_water_mark;
}

Error AssociationImpl::remote_ended_error() {
  return Error::make(
      ErrorCode::kRemoteEnded,
      "the peer has shut down the association: it takes no more messages",
      EPIPE);
}

Error AssociationImpl::stream_error(StreamId stream) const {
  return Error::invalid_argument(
      "stream " + std::to_string(stream.value()) + " is not one of the " +
      std::to_string(outbound_streams_) + " outbound streams negotiated");
}

// REQUIRES: `options` has one.
std::optional<Error> AssociationImpl::check_policy(
    const SendOptions& options) const {
  if (options.time_to_live.has_value() +
          options.max_retransmissions.has_value() +
          options.priority.has_value() !=
      1) {
    return Error::invalid_argument(
        "a message has one of a time to live, a number of retransmissions and "
        "a "
        "priority (RFC 6458 §5.3.7)");
  }
  const Capabilities& capabilities = stack_.capabilities();
  if (options.priority && !capabilities.partial_reliability_priority) {
    return not_supported(
        "a priority (RFC 7496 §3.2) needs the kernel stack: usrsctp makes room "
        "by priority only in calls that wait for room");
  }
  const bool supported =
      options.time_to_live
          ? capabilities.partial_reliability_ttl
          : options.priority ||
                capabilities.partial_reliability_retransmissions;
  if (!supported) {
    return not_supported("this stack has no partial reliability (RFC 3758)");
  }
  return std::nullopt;
}

// The path of that IP address, with its port. Before the association is up nobody
// knows all of them: a message for none fails when it is its turn.
Result<Address> AssociationImpl::path_to(const Address& destination) {
  if (!usable()) return tl::unexpected(closed_error());
  if (phase_ == Phase::kStarting) {
    return destination.with_port(
        attempt_ ? attempt_->request().remote.front().port : destination.port);
  }
  if (record() != nullptr && record()->paths.empty()) {
    static_cast<void>(sample());
  }
  if (const AssociationRecord* known = record()) {
    for (const auto& [address, path] : known->paths) {
      if (address.with_port(destination.port) == destination) return address;
    }
  }
  return tl::unexpected(Error::invalid_argument(
      destination.ip_string() + " is none of the association's paths"));
}

// A stack takes a message whole or not at all, so its send buffer must hold the
// largest. Unless the program chose its size it grows with the messages, up to
// max_message_size: a large one to begin with would only be more to queue.
std::optional<Error> AssociationImpl::make_send_buffer_fit(std::size_t size) {
  if (!socket_) return std::nullopt;  // not connected: seen again by the stack
  if (!send_buffer_) {
    const auto current = socket_->options();
    if (!current) return std::nullopt;
    send_buffer_ = current->send_buffer;
  }
  if (!send_buffer_ || size <= *send_buffer_) return std::nullopt;
  const bool may_grow =
      !send_buffer_chosen_ && size <= settings_.max_message_size;
  if (may_grow) {
    SocketOptions larger;
    larger.send_buffer = static_cast<std::uint32_t>(size);
    static_cast<void>(socket_->set_options(larger));
    // A stack may give less than was asked for without saying so.
    send_buffer_ = socket_->largest_message();
    if (size <= *send_buffer_) {
      if (attempt_) attempt_->amend(larger);
      return std::nullopt;
    }
  }
  return Error::make(
      ErrorCode::kMessageTooLarge,
      "the message has " + std::to_string(size) + " bytes, the send buffer " +
          std::to_string(*send_buffer_) +
          (may_grow
               ? ": the stack gives no more (the kernel: net.core.wmem_max "
                 "without CAP_NET_ADMIN)"
               : ": raise options.send_buffer or max_message_size"),
      EMSGSIZE);
}

Result<void> AssociationImpl::send(std::span<const std::byte> data,
                                   const SendOptions& options) {
  if (auto refused = check_send(data, options)) {
    return tl::unexpected(std::move(*refused));
  }
  if (options.destination.family == AddressFamily::kNone) {
    return send_checked(data, options);
  }
  const auto path = path_to(options.destination);
  if (!path) return tl::unexpected(path.error());
  SendOptions exact = options;
  exact.destination = *path;
  return send_checked(data, exact);
}

Result<void> AssociationImpl::send_checked(std::span<const std::byte> data,
                                           const SendOptions& options) {
  if (phase_ == Phase::kUp && queue_.empty() &&
      stack_.sends_without_system_call()) {
    // Without a copy: the send buffer of such a stack is the queue.
    if (!waiting_for_room_ && send_at_once(data, options)) return {};
    if (waiting_for_room_) return tl::unexpected(would_block());
  }
  queue_.push(data, options);
  ++accepted_;
  if (phase_ == Phase::kUp && !waiting_for_room_) {
    if (!work.flush) reactor_.flush_later(*this);
    // A whole batch does not wait for the end of the turn: its memory is used
    // again while it is in the cache.
    if (queue_.size() > ReactorImpl::kSendBatch) send_queued(true);
  }
  Result<void>
      done;  // not `return {}`, which clears the room for an error first
  return done;
}

// False when the stack did not take it: for want of room, or for a reason that
// the flush of the queue finds out.
bool AssociationImpl::send_at_once(std::span<const std::byte> data,
                                   const SendOptions& options) {
  const OutgoingMessage message = outgoing(data, options);
  const SendResult result = socket_->send({&message, 1}, false);
  if (result.sent == 0) {
    waiting_for_room_ = is_want_of_room(result.error_number);
    if (waiting_for_room_) update_readiness();
    return false;
  }
  traffic_.count_sent(options.stream, options.ppid, data.size());
  ++accepted_;
  count_taken(1, data.size());
  // Its packets leave at the end of this turn.
  if (!work.flush) reactor_.flush_later(*this);
  return true;
}

Error AssociationImpl::would_block() {
  was_full_ = true;
  traffic_.count_would_block();
  // Part of normal sending: so short that it needs no memory.
  return Error::make(ErrorCode::kWouldBlock, "send queue full", EAGAIN);
}

void AssociationImpl::send_queued(bool more) {
  const std::size_t kept =
      more && queue_.last_is_certain(outbound_streams_) ? 1 : 0;
  while (phase_ == Phase::kUp && !abort_requested_ && queue_.size() > kept) {
    const std::span<const OutgoingMessage> batch =
        queue_.ready(std::min(ReactorImpl::kSendBatch, queue_.size() - kept),
                     outbound_streams_);
    if (batch.empty()) {
      const StreamId stream = queue_.front().stream;
      fail_front(stream.value() >= outbound_streams_
                     ? stream_error(stream)
                     : Error::system(ETIMEDOUT, "send", {},
                                     "its time to live was over before the "
                                     "stack had room"));
      continue;
    }
    const SendResult result = socket_->send(batch, kept != 0);
    for (const OutgoingMessage& sent : batch.first(result.sent)) {
      traffic_.count_sent(sent.stream, sent.ppid, sent.data.size());
    }
    const bool all = result.sent == batch.size();
    const std::size_t bytes_before = queue_.bytes();
    queue_.drop(result.sent);
    count_taken(result.sent, bytes_before - queue_.bytes());
    if (all && result.error_number == 0) continue;
    if (is_want_of_room(result.error_number)) {
      waiting_for_room_ = true;
      break;
    }
    if (result.error_number == EMSGSIZE || result.error_number == EINVAL ||
        result.error_number == EADDRNOTAVAIL) {
      // This one can never go; those behind it can.
      fail_front(Error::system(result.error_number, "sendmsg"));
      continue;
    }
    // The association is ending: its last notifications tell how, and the end
    // fails what is still queued.
    break;
  }
  if (waiting_for_room_) update_readiness();
}

void AssociationImpl::count_taken(std::size_t messages, std::size_t bytes) {
  taken_messages_ += messages;
  taken_bytes_ += bytes;
}

// Not before what failed among them.
void AssociationImpl::tell_taken() {
  if (taken_messages_ == 0 || !failures_pending_.empty()) return;
  const std::size_t messages = std::exchange(taken_messages_, 0);
  const std::size_t bytes = std::exchange(taken_bytes_, 0);
  if (handlers_->on_taken) handlers_->on_taken(*this, messages, bytes);
}

void AssociationImpl::flush() {
  retired_handlers_.clear();
  if (!waiting_for_room_) send_queued(false);
  if (was_full_ && queue_.cost() <= settings_.send_high_water_mark / 2 &&
      phase_ == Phase::kUp) {
    was_full_ = false;
    writable_pending_ = true;
    reactor_.deliver_later(*this);
  }
  if (shutdown_requested_ && !shutdown_started_ && queue_.empty() &&
      phase_ == Phase::kUp) {
    shutdown_started_ = true;
    if (!peer_shutdown_) {
      shutdown_reason_ = CloseReason::kShutdownLocal;
      sample_statistics();
      if (auto done = socket_->shutdown(); !done) {
        last_errno_ = done.error().errno_value;
      }
    }
  }
  tell_taken();
}

}  // namespace lksctp
