#include "association_impl.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "reactor_impl.h"
#include "receive_buffers.h"

namespace lksctp {
namespace {

constexpr std::size_t kAbortSlots = 2;
// Also what one packet's ABORT can carry on every path (RFC 9260 §6.10 allows
// no fragmentation of control chunks).
constexpr std::size_t kMaxAbortReason = 1000;

}  // namespace

Error AssociationImpl::closed_error() {
  return Error::make(ErrorCode::kClosed, "the association has ended", ENOTCONN);
}

AssociationImpl::AssociationImpl(ReactorImpl& reactor, Stack& stack,
                                 AssociationId id, EndpointId endpoint,
                                 const AssociationSettings& settings,
                                 bool options_asked_for)
    : reactor_(reactor),
      stack_(stack),
      stack_kind_(stack.capabilities().stack),
      id_(id),
      endpoint_(endpoint),
      settings_(settings),
      options_asked_for_(options_asked_for),
      handlers_(std::make_unique<const AssociationHandlers>()),
      queue_(reactor.pool()),
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
    sample_statistics();
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
    return failed_to_sample(SampleOperation::kStatus, status);
  }
  status->send_queue = queue_.bytes();
  const AssociationRecord* known = record();
  if (known == nullptr) return {};
  if (known->status != *status) append(*status);

  auto paths = socket_->paths();
  if (!paths) return failed_to_sample(SampleOperation::kPaths, paths);
  std::ranges::sort(*paths, {}, &PathInfo::address);
  known = record();
  if (!std::ranges::equal(*paths, known->paths, {}, {},
                          [](const auto& path) -> const PathInfo& {
                            return path.second.info;
                          })) {
    append(PathsSampled{std::move(*paths)});
  }

  auto local = socket_->local_addresses();
  if (!local) return failed_to_sample(SampleOperation::kLocalAddresses, local);
  if (record()->local != *local)
    append(LocalAddressesSampled{std::move(*local)});
  sample_statistics();
  return {};
}

template <typename T>
tl::unexpected<Error> AssociationImpl::failed_to_sample(
    SampleOperation operation, const Result<T>& result) {
  ++reactor_.loop_statistics()
        .sampling_errors[static_cast<std::size_t>(operation)];
  return tl::unexpected(result.error());
}

// Also before the association is told to end: afterwards the kernel has forgotten
// what it counted.
void AssociationImpl::sample_statistics() {
  if (!stack_counts_ || phase_ != Phase::kUp) return;
  const auto counted = socket_->statistics();
  if (!counted) {
    stack_counts_ = counted.error().code != ErrorCode::kNotSupported;
    if (stack_counts_) {
      static_cast<void>(
          failed_to_sample(SampleOperation::kStatistics, counted));
    }
    return;
  }
  const AssociationRecord* known = record();
  if (known != nullptr && known->statistics != *counted) {
    append(StatisticsSampled{*counted});
  }
}

Result<AssociationStatistics> AssociationImpl::statistics() {
  if (!usable()) return tl::unexpected(closed_error());
  return socket_->statistics();
}

Result<AssociationDetails> AssociationImpl::details() {
  if (!usable()) return tl::unexpected(closed_error());
  return socket_->details();
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
  deliver_failures();
  tell_taken();
  if (inbox_.empty() && std::exchange(peer_shutdown_pending_, false) &&
      handlers_->on_peer_shutdown) {
    handlers_->on_peer_shutdown(*this);
  }
  if (std::exchange(writable_pending_, false) && phase_ == Phase::kUp &&
      handlers_->on_writable) {
    handlers_->on_writable(*this);
  }
  if (ended && !std::exchange(ended_told_, true) && handlers_->on_ended) {
    handlers_->on_ended(*this, *closed_pending_);
  }
  resume_reading();
  if (ended && inbox_.empty() && failures_pending_.empty()) {
    phase_ = Phase::kDelivered;
    if (handlers_->on_closed) handlers_->on_closed(*this, *closed_pending_);
    reactor_.release_later(*this);
  }
}

void AssociationImpl::deliver_failures() {
  for (const Failure& one : std::exchange(failures_pending_, {})) {
    if (one.error && handlers_->on_not_taken) {
      handlers_->on_not_taken(*this,
                              {one.message, one.data, one.number, *one.error});
    } else if (handlers_->on_send_failed) {
      handlers_->on_send_failed(*this, one.message, one.data);
    }
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
