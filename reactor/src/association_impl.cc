#include "association_impl.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "reactor_impl.h"
#include "receive_buffers.h"

namespace lksctp {
namespace {

// Below this no stack's send buffer is in the way of a message.
constexpr std::size_t kSmallMessage = 64 * 1024;
constexpr std::size_t kAbortSlots = 2;
// Also what one packet's ABORT can carry on every path (RFC 9260 §6.10 allows
// no fragmentation of control chunks).
constexpr std::size_t kMaxAbortReason = 1000;

bool is_want_of_room(int error_number) {
  return error_number == EAGAIN || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

Error closed_error() {
  return Error::make(ErrorCode::kClosed, "the association has ended", ENOTCONN);
}

}  // namespace

AssociationImpl::AssociationImpl(ReactorImpl& reactor, AssociationId id,
                                 EndpointId endpoint,
                                 const AssociationSettings& settings,
                                 bool options_asked_for)
    : reactor_(reactor),
      id_(id),
      endpoint_(endpoint),
      settings_(settings),
      options_asked_for_(options_asked_for),
      handlers_(std::make_unique<const AssociationHandlers>()),
      send_buffer_chosen_(settings.options.send_buffer.has_value()) {}

AssociationImpl::~AssociationImpl() = default;

void AssociationImpl::start(std::string endpoint_name, std::string peer_name,
                            std::unique_ptr<StackSocket> socket,
                            std::unique_ptr<ConnectAttempt> attempt) {
  endpoint_name_ = std::move(endpoint_name);
  peer_name_ = std::move(peer_name);
  role_ = attempt ? EndpointRole::kConnect : EndpointRole::kListen;
  socket_ = std::move(socket);
  attempt_ = std::move(attempt);
}

void AssociationImpl::detach() {
  phase_ = Phase::kDelivered;
  attempt_.reset();
  socket_.reset();
  inbox_.clear();
  // Handlers often hold what they handle: kept here until all are out of it.
  const auto handlers =
      std::exchange(handlers_, std::make_unique<const AssociationHandlers>());
  const auto retired = std::exchange(retired_handlers_, {});
}

// Once delivered, the object may outlive the reactor: every method looks at the
// phase before it looks at anything else.
bool AssociationImpl::usable() const {
  if (phase_ == Phase::kDelivered) return false;
  reactor_.assert_loop_thread();
  return phase_ != Phase::kEnded;
}

void AssociationImpl::set_handlers(AssociationHandlers handlers) {
  // The old ones may be running: they go when nothing of ours is.
  retired_handlers_.push_back(std::exchange(
      handlers_,
      std::make_unique<const AssociationHandlers>(std::move(handlers))));
  if (phase_ != Phase::kDelivered) reactor_.flush_later(*this);
}

const AssociationRecord* AssociationImpl::record() const {
  return usable() ? reactor_.table().association(id_) : nullptr;
}

void AssociationImpl::append(EventBody body, Bytes raw) {
  reactor_.append(endpoint_, id_, std::move(body), std::move(raw));
}

// ---- sending ---------------------------------------------------------------

Result<void> AssociationImpl::check_send(std::span<const std::byte> data,
                                         const SendOptions& options) {
  if (!usable() || shutdown_requested_) return tl::unexpected(closed_error());
  if (peer_shutdown_) {
    return tl::unexpected(Error::make(
        ErrorCode::kRemoteEnded,
        "the peer has shut down the association: it takes no more messages",
        EPIPE));
  }
  if (data.empty()) {
    return tl::unexpected(Error::invalid_argument(
        "a message must have at least one byte (RFC 9260 §3.3.1)"));
  }
  if (phase_ == Phase::kUp && options.stream.value() >= outbound_streams_) {
    return tl::unexpected(Error::invalid_argument(
        "stream " + std::to_string(options.stream.value()) +
        " is not one of the " + std::to_string(outbound_streams_) +
        " outbound streams negotiated"));
  }
  if (options.time_to_live &&
      !reactor_.capabilities().partial_reliability_ttl) {
    return tl::unexpected(Error::make(
        ErrorCode::kNotSupported,
        "this stack has no partial reliability (RFC 3758)", EOPNOTSUPP));
  }
  if (data.size() > kSmallMessage || send_buffer_chosen_) {
    if (auto fits = make_send_buffer_fit(data.size()); !fits) return fits;
  }
  if (queue_.cost() >= settings_.send_high_water_mark) {
    // Full of what this turn has queued: the stack may have room.
    if (phase_ == Phase::kUp && !waiting_for_room_) send_queued();
    if (queue_.cost() >= settings_.send_high_water_mark) {
      return tl::unexpected(would_block());
    }
  }
  return {};
}

// A stack takes a message whole or not at all, so its send buffer must hold the
// largest. Unless the program chose its size it grows with the messages, up to
// max_message_size: a large one to begin with would only be more to queue.
Result<void> AssociationImpl::make_send_buffer_fit(std::size_t size) {
  if (!socket_) return {};  // not connected: seen again by the stack
  if (!send_buffer_) {
    const auto current = socket_->options();
    if (!current) return {};
    send_buffer_ = current->send_buffer;
  }
  if (!send_buffer_ || size <= *send_buffer_) return {};
  if (!send_buffer_chosen_ && size <= settings_.max_message_size) {
    SocketOptions larger;
    larger.send_buffer = static_cast<std::uint32_t>(size);
    if (socket_->set_options(larger)) {
      send_buffer_ = larger.send_buffer;
      if (attempt_) attempt_->amend(larger);
      return {};
    }
  }
  return tl::unexpected(Error::make(
      ErrorCode::kMessageTooLarge,
      "the message has " + std::to_string(size) + " bytes, the send buffer " +
          std::to_string(*send_buffer_) +
          ": raise options.send_buffer or max_message_size",
      EMSGSIZE));
}

Result<void> AssociationImpl::send(std::span<const std::byte> data,
                                   const SendOptions& options) {
  if (auto checked = check_send(data, options); !checked) return checked;
  if (phase_ == Phase::kUp && queue_.empty() &&
      reactor_.stack().sends_without_system_call()) {
    // Without a copy: the send buffer of such a stack is the queue.
    if (!waiting_for_room_ && send_at_once(data, options)) return {};
    if (waiting_for_room_) return tl::unexpected(would_block());
  }
  queue_.push(options, reactor_.copy(data));
  if (phase_ == Phase::kUp && !waiting_for_room_) {
    if (!work.flush) reactor_.flush_later(*this);
    // A whole batch does not wait for the end of the turn: its memory is used
    // again while it is in the cache.
    if (queue_.size() >= ReactorImpl::kSendBatch) send_queued();
  }
  return {};
}

// False when the stack did not take it: for want of room, or for a reason that
// the flush of the queue finds out.
bool AssociationImpl::send_at_once(std::span<const std::byte> data,
                                   const SendOptions& options) {
  const OutgoingMessage message{.data = data,
                                .stream = options.stream,
                                .ppid = options.ppid,
                                .unordered = options.unordered,
                                .context = options.context,
                                .time_to_live = options.time_to_live};
  const SendResult result = socket_->send({&message, 1});
  if (result.sent == 0) {
    waiting_for_room_ = is_want_of_room(result.error_number);
    if (waiting_for_room_) update_readiness();
    return false;
  }
  traffic_.count_sent(options.stream, data.size());
  reactor_.request_turn_end();  // its packets leave then
  return true;
}

Error AssociationImpl::would_block() {
  was_full_ = true;
  // Part of normal sending: so short that it needs no memory.
  return Error::make(ErrorCode::kWouldBlock, "send queue full", EAGAIN);
}

void AssociationImpl::send_queued() {
  const std::span<OutgoingMessage> batch = reactor_.outgoing_scratch();
  while (phase_ == Phase::kUp && !abort_requested_ && !queue_.empty()) {
    const std::size_t count = queue_.describe(batch, outbound_streams_);
    if (count == 0) {
      fail_front();
      continue;
    }
    const SendResult result = socket_->send(batch.first(count));
    for (std::size_t i = 0; i < result.sent; ++i) {
      traffic_.count_sent(batch[i].stream, batch[i].data.size());
    }
    queue_.drop(result.sent);
    if (result.sent == count && result.error_number == 0) continue;
    if (is_want_of_room(result.error_number)) {
      waiting_for_room_ = true;
      break;
    }
    if (result.error_number == EMSGSIZE || result.error_number == EINVAL) {
      // This one can never go; those behind it can.
      fail_front();
      continue;
    }
    // The association is ending: its last notifications tell how, and the end
    // fails what is still queued.
    break;
  }
  if (waiting_for_room_) update_readiness();
}

void AssociationImpl::flush() {
  retired_handlers_.clear();
  send_queued();
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
      if (auto done = socket_->shutdown(); !done) {
        last_errno_ = done.error().errno_value;
      }
    }
  }
}

// ---- control ---------------------------------------------------------------

Result<void> AssociationImpl::shutdown() {
  if (!usable()) return tl::unexpected(closed_error());
  if (shutdown_requested_) return {};
  shutdown_requested_ = true;
  append(ShutdownRequested{});
  // While it is connecting the flush that follows COMM_UP goes on from here.
  reactor_.flush_later(*this);
  return {};
}

Result<void> AssociationImpl::abort(std::string_view reason) {
  if (!usable()) return tl::unexpected(closed_error());
  if (reason.size() > kMaxAbortReason) {
    return tl::unexpected(
        Error::invalid_argument("an abort reason has at most " +
                                std::to_string(kMaxAbortReason) + " bytes"));
  }
  abort_requested_ = true;
  append(AbortRequested{std::string(reason)});
  inbox_.clear();
  inbox_head_ = 0;
  inbox_cost_ = 0;
  if (socket_) {
    if (auto done = socket_->abort(reason); !done) {
      last_errno_ = done.error().errno_value;
    }
    // What the stack says about messages that are lost now. With buffers of its
    // own: the reactor's are in use when a handler aborts from within a read.
    ReceiveBuffers buffers(reactor_.pool(), kAbortSlots);
    read(buffers);
  }
  if (phase_ < Phase::kEnded) end();
  return {};
}

Result<void> AssociationImpl::set_options(const SocketOptions& options) {
  if (!usable()) return tl::unexpected(closed_error());
  if (options.initiation != InitiationOptions{}) {
    return tl::unexpected(Error::invalid_argument(
        "initiation options are set at creation, not at run time"));
  }
  auto result = socket_->set_options(options);
  send_buffer_.reset();
  if (options.send_buffer) send_buffer_chosen_ = true;
  if (attempt_) attempt_->amend(options);
  // Read back even after an error: some may have been set before it.
  if (auto current = socket_->options()) append(OptionsChanged{*current});
  return result;
}

Result<SocketOptions> AssociationImpl::options() const {
  if (!usable()) return tl::unexpected(closed_error());
  return socket_->options();
}

Result<void> AssociationImpl::sample() {
  if (!usable()) return tl::unexpected(closed_error());
  if (phase_ != Phase::kUp) return {};
  auto status = socket_->status();
  if (!status) {
    // Gone, with its end behind messages that nobody wants to read now: what is
    // left is bounded by the receive buffer, so it is read all the same.
    gone_in_stack_ = true;
    reading_stopped_ = false;
    socket_->want_ready(true, waiting_for_room_);
    socket_->read_again();
    return tl::unexpected(status.error());
  }
  status->send_queue = queue_.bytes();
  const AssociationRecord* known = record();
  if (known == nullptr) return {};
  if (known->status != *status) append(*status);

  auto paths = socket_->paths();
  if (!paths) return tl::unexpected(paths.error());
  std::ranges::sort(*paths, {}, &PathInfo::address);
  known = record();
  if (!std::ranges::equal(*paths, known->paths, {}, {},
                          [](const auto& path) -> const PathInfo& {
                            return path.second.info;
                          })) {
    append(PathsSampled{std::move(*paths)});
  }

  auto local = socket_->local_addresses();
  if (!local) return tl::unexpected(local.error());
  if (record()->local != *local)
    append(LocalAddressesSampled{std::move(*local)});
  return {};
}

void AssociationImpl::sample_traffic() {
  if (traffic_.changed()) append(traffic_.sample());
}

void AssociationImpl::sample_periodically() {
  // One that fails is ending; its notifications say so.
  static_cast<void>(sample());
  if (!traffic_.changed()) {
    shrink();  // idle for a whole period
  } else {
    sample_traffic();
  }
}

// ---- delivery --------------------------------------------------------------

void AssociationImpl::pause() { paused_ = true; }

void AssociationImpl::resume() {
  if (!std::exchange(paused_, false) || phase_ == Phase::kDelivered) return;
  reactor_.deliver_later(*this);
}

void AssociationImpl::deliver_messages() {
  while (!paused_ && inbox_head_ < inbox_.size()) {
    Message message = std::move(inbox_[inbox_head_++]);
    inbox_cost_ -= message_cost(message.payload().size());
    if (handlers_->on_message) handlers_->on_message(*this, std::move(message));
  }
  if (inbox_head_ == inbox_.size()) {
    inbox_.clear();
    inbox_head_ = 0;
  }
}

void AssociationImpl::deliver() {
  // One that ends now is told in the next round: subscribers come first.
  const bool ended = phase_ == Phase::kEnded;
  if (std::exchange(established_pending_, false) && handlers_->on_established) {
    handlers_->on_established(*this);
  }
  deliver_messages();
  for (const auto& [failed, data] : std::exchange(failures_pending_, {})) {
    if (handlers_->on_send_failed) {
      handlers_->on_send_failed(*this, failed, data);
    }
  }
  if (inbox_.empty() && std::exchange(peer_shutdown_pending_, false) &&
      handlers_->on_peer_shutdown) {
    handlers_->on_peer_shutdown(*this);
  }
  if (std::exchange(writable_pending_, false) && phase_ == Phase::kUp &&
      handlers_->on_writable) {
    handlers_->on_writable(*this);
  }
  resume_reading();
  if (ended && inbox_.empty() && failures_pending_.empty()) {
    phase_ = Phase::kDelivered;
    if (handlers_->on_closed) handlers_->on_closed(*this, *closed_pending_);
    reactor_.release_later(*this);
  }
}

void AssociationImpl::on_ready(bool readable, bool writable) {
  if (phase_ >= Phase::kEnded) return;
  if (writable && waiting_for_room_) {
    waiting_for_room_ = false;
    reactor_.flush_later(*this);
  }
  if (readable) read(reactor_.receive_buffers());
}

void AssociationImpl::update_readiness() {
  if (socket_) socket_->want_ready(!reading_stopped_, waiting_for_room_);
}

void AssociationImpl::shrink() {
  queue_.shrink();
  if (inbox_.empty()) inbox_.shrink_to_fit();
  if (partial_.empty()) partial_.shrink_to_fit();
}

}  // namespace lksctp
