// Receiving: pieces from the stack become messages in the inbox and facts in
// the log.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "association_impl.h"
#include "lksctp/decoder/decode.h"
#include "reactor_impl.h"

namespace lksctp {
namespace {

// Pieces one association may take from the stack before others get their turn.
constexpr std::size_t kReadBudget = 256;
// Errors in a row, with nothing between them, after which a socket is dead. One
// error is not the end: after an ECONNRESET data and COMM_LOST still wait.
constexpr int kMaxErrors = 8;

}  // namespace

// What an end leaves is finite: it is read whatever the inbox holds. Nothing but
// reading tells that nothing follows, and a kernel socket whose association has gone
// is not reported as readable again.
bool AssociationImpl::may_read() const {
  return abort_requested_ || gone_in_stack_ || terminal_seen_ ||
         inbox_cost_ < settings_.receive_high_water_mark;
}

void AssociationImpl::resume_reading() {
  if (!reading_stopped_ || !socket_ ||
      inbox_cost_ > settings_.receive_high_water_mark / 2) {
    return;
  }
  reading_stopped_ = false;
  update_readiness();
}

void AssociationImpl::read(ReceiveBuffers& buffers) {
  std::size_t budget = kReadBudget;
  int errors = 0;
  while (socket_ && phase_ < Phase::kEnded) {
    if (!may_read()) {
      reading_stopped_ = true;
      update_readiness();
      return;
    }
    if (budget == 0 && !abort_requested_ && !terminal_seen_) {
      socket_->read_again();
      return;
    }
    const std::span<ReceiveSlot> slots =
        buffers.slots(stack_.pieces_per_read());
    const ReceiveResult result = socket_->receive(slots);
    budget -= std::min(budget, result.filled);
    if (result.filled != 0) errors = 0;
    for (ReceiveSlot& slot : slots.first(result.filled)) {
      take_piece(buffers, slot);
      if (phase_ >= Phase::kEnded) return;
    }
    if (!socket_) return;
    switch (result.end) {
      case ReceiveEnd::kSlotsFull:
        break;
      case ReceiveEnd::kWouldBlock:
        if (terminal_seen_) end();
        return;
      case ReceiveEnd::kEndOfFile:
        end();
        return;
      case ReceiveEnd::kError:
        last_errno_ = result.error_number;
        if (++errors >= kMaxErrors || (terminal_seen_ && errors > 1)) {
          end();
          return;
        }
        break;
    }
  }
}

void AssociationImpl::take_piece(ReceiveBuffers& buffers, ReceiveSlot& slot) {
  if (slot.notification) {
    take_notification_piece(slot);
  } else if (!abort_requested_) {
    take_message_piece(buffers, slot);
  }
}

void AssociationImpl::take_notification_piece(const ReceiveSlot& slot) {
  const auto piece = std::span<const std::byte>(slot.buffer).first(slot.size);
  if (slot.end_of_record && !assembler_) {
    take_notification(piece);
    return;
  }
  if (!assembler_) {
    assembler_ = std::make_unique<NotificationAssembler>();
  }
  const auto record = assembler_->add(piece, slot.end_of_record);
  if (!record) {
    append(ReceiveFailed{
        .error = Error::make(ErrorCode::kMessageTooLarge,
                             "a notification larger than any message was "
                             "dropped",
                             EMSGSIZE),
        .raw = {}});
  } else if (record->has_value()) {
    take_notification(**record);
  }
  if (slot.end_of_record) assembler_.reset();
}

void AssociationImpl::take_notification(std::span<const std::byte> record) {
  const StreamCounts streams{.inbound = inbound_streams_,
                             .outbound = outbound_streams_};
  std::vector<Notification>& decoded = reactor_.decoded_scratch();
  decoded.clear();
  const auto result = decode_all(record, stack_.abi(), decoded, &streams);
  if (!result) {
    reactor_.log_warning("notification: " + to_string(result.error()));
    append(ReceiveFailed{
        .error =
            Error::make(ErrorCode::kSystem,
                        "notification: " + to_string(result.error()), EBADMSG),
        .raw = {record.begin(), record.end()}});
    return;
  }
  for (Notification& notification : decoded) {
    Bytes raw;
    if (reactor_.wants_raw()) raw.assign(record.begin(), record.end());
    on_notification(std::move(notification), std::move(raw));
    if (phase_ >= Phase::kEnded) return;
  }
}

void AssociationImpl::on_notification(Notification notification, Bytes raw) {
  if (const auto* aborted = std::get_if<PartialDelivery>(&notification)) {
    partial_.clear();
    partial_info_.reset();
    // usrsctp says it several times for one message.
    if (last_partial_abort_ == *aborted) return;
    last_partial_abort_ = *aborted;
  }
  if (const auto* change = std::get_if<AssociationChange>(&notification)) {
    const AssociationChange copy = *change;
    append(std::move(notification), std::move(raw));
    on_association_change(copy);
    return;
  }
  if (const auto* failed = std::get_if<SendFailed>(&notification)) {
    SendFailed record = *failed;
    append(std::move(notification), std::move(raw));
    std::vector<FailedMessage> messages;
    joiner_.add(std::move(record), messages);
    for (FailedMessage& message : messages) {
      on_failed_message(std::move(message));
    }
    return;
  }
  const bool shutdown = std::holds_alternative<ShutdownEvent>(notification);
  const bool path = std::holds_alternative<PeerAddressChange>(notification);
  if (const auto* streams = std::get_if<StreamChange>(&notification)) {
    inbound_streams_ = streams->inbound_streams.value_or(inbound_streams_);
    outbound_streams_ = streams->outbound_streams.value_or(outbound_streams_);
  }
  append(std::move(notification), std::move(raw));
  if (path) reactor_.sample_later(*this);
  if (shutdown && !peer_shutdown_) {
    peer_shutdown_ = true;
    sample_statistics();
    if (!shutdown_reason_) shutdown_reason_ = CloseReason::kShutdownRemote;
    peer_shutdown_pending_ = true;
    fail_queue(remote_ended_error());
    reactor_.deliver_later(*this);
  }
}

void AssociationImpl::on_association_change(const AssociationChange& change) {
  switch (change.state) {
    case AssociationChangeState::kCommUp:
      inbound_streams_ = change.inbound_streams;
      outbound_streams_ = change.outbound_streams;
      on_established();
      break;
    case AssociationChangeState::kRestart:
      inbound_streams_ = change.inbound_streams;
      outbound_streams_ = change.outbound_streams;
      partial_.clear();
      partial_info_.reset();
      peer_shutdown_ = false;
      peer_shutdown_pending_ = false;
      shutdown_reason_.reset();
      reactor_.sample_later(*this);
      break;
    case AssociationChangeState::kCommLost:
    case AssociationChangeState::kShutdownComplete:
    case AssociationChangeState::kCantStart:
      // Failed messages may follow it: the end is when nothing more is read.
      terminal_seen_ = true;
      terminal_ = change;
      break;
  }
}

void AssociationImpl::on_established() {
  if (phase_ != Phase::kStarting) return;
  phase_ = Phase::kUp;
  attempt_.reset();
  established_pending_ = true;
  if (options_asked_for_) {
    if (auto current = socket_->options()) append(OptionsChanged{*current});
  }
  reactor_.sample_later(*this);
  reactor_.deliver_later(*this);
  reactor_.flush_later(*this);
}

void AssociationImpl::on_failed_message(FailedMessage message) {
  const MessageFailed failed{.stream = message.stream,
                             .ppid = message.ppid,
                             .context = message.context,
                             .size = message.bytes,
                             .kind = message.kind,
                             .cause = message.error};
  append(failed);
  failures_pending_.push_back({failed, std::move(message.data), 0, {}});
  reactor_.deliver_later(*this);
}

void AssociationImpl::take_message_piece(ReceiveBuffers& buffers,
                                         ReceiveSlot& slot) {
  const auto piece = std::span<const std::byte>(slot.buffer).first(slot.size);
  last_partial_abort_.reset();
  if (partial_.empty() && slot.end_of_record &&
      piece.size() <= settings_.max_message_size) {
    take_message({slot.info.value_or(ReceiveInfo{}), buffers.take(slot)});
    return;
  }
  if (partial_.size() + piece.size() > settings_.max_message_size) {
    fatal_ = Error::make(ErrorCode::kMessageTooLarge,
                         "the peer sent a message of more than " +
                             std::to_string(settings_.max_message_size) +
                             " bytes: raise max_message_size to receive it",
                         EMSGSIZE);
    append(ReceiveFailed{.error = *fatal_, .raw = {}});
    // Not read to its end: nothing behind it could be told apart.
    static_cast<void>(abort("message too large"));
    return;
  }
  if (!slot.end_of_record) buffers.note_piece(slot);
  // Linux gives every piece the attributes of its own first chunk: the
  // message's are those of the first piece.
  if (!partial_info_) partial_info_ = slot.info.value_or(ReceiveInfo{});
  partial_.insert(partial_.end(), piece.begin(), piece.end());
  if (slot.end_of_record) {
    take_message({*partial_info_, reactor_.copy(partial_)});
    partial_.clear();
    partial_info_.reset();
  }
}

void AssociationImpl::take_message(Message&& message) {
  const std::size_t size = message.payload().size();
  traffic_.count_received(message.info.stream, message.info.ppid, size);
  // At once, while it is in the cache, unless something was told before it.
  if (inbox_.empty() && !paused_ && !established_pending_ &&
      failures_pending_.empty() && reactor_.nothing_to_deliver()) {
    if (handlers_->on_message) handlers_->on_message(*this, std::move(message));
    return;
  }
  if (inbox_.size() == inbox_.capacity() && inbox_head_ * 2 >= inbox_.size()) {
    // The places of those delivered, before it grows.
    inbox_.erase(inbox_.begin(),
                 inbox_.begin() + static_cast<std::ptrdiff_t>(inbox_head_));
    inbox_head_ = 0;
  }
  inbox_cost_ += message_cost(size);
  inbox_.push_back(std::move(message));
  reactor_.deliver_later(*this);
}

}  // namespace lksctp
