// How an association ends: what was queued fails, the reason is derived once,
// the last events are appended, the socket is given up.
#include <cerrno>
#include <utility>

#include "association_impl.h"
#include "reactor_impl.h"

namespace lksctp {

void AssociationImpl::fail_front(Error error) {
  const std::uint64_t number = accepted_ - queue_.size() + 1;
  const OutgoingMessage& front = queue_.front();
  FailedMessage failed{.stream = front.stream,
                       .ppid = front.ppid,
                       .context = front.context,
                       .kind = SendFailedKind::kUnsent,
                       .bytes = front.data.size(),
                       .data = {front.data.begin(), front.data.end()},
                       .complete = true};
  queue_.drop(1);
  on_failed_message(std::move(failed));
  failures_pending_.back().number = number;
  failures_pending_.back().error = std::move(error);
}

void AssociationImpl::fail_queue(const Error& error) {
  while (!queue_.empty()) fail_front(error);
}

AssociationClosed AssociationImpl::closed_reason() const {
  AssociationClosed closed;
  if (terminal_) closed.cause = terminal_->error;
  if (abort_requested_) {
    closed.reason = CloseReason::kAbortLocal;
    closed.error = fatal_;
    return closed;
  }
  const auto system = [&](int error_number, const char* operation) {
    const AssociationRecord* known = record();
    Address remote;
    if (attempt_) {
      remote = attempt_->request().remote.front();
    } else if (known != nullptr && !known->remote.empty()) {
      remote = known->remote.front();
    }
    closed.error = Error::system(
        error_number, operation, remote,
        stack_.advice(error_number, attempt_ ? &attempt_->request() : nullptr));
  };
  if (phase_ == Phase::kStarting && attempt_) {
    const int error_number = last_errno_ != 0 ? last_errno_ : ECONNREFUSED;
    const bool refused =
        error_number == ECONNREFUSED || error_number == ECONNRESET;
    closed.reason = refused                     ? CloseReason::kRefused
                    : error_number == ETIMEDOUT ? CloseReason::kTimeout
                                                : CloseReason::kError;
    system(error_number, "connect");
    return closed;
  }
  if (shutdown_reason_ &&
      (!terminal_ ||
       terminal_->state == AssociationChangeState::kShutdownComplete)) {
    closed.reason = *shutdown_reason_;
    return closed;
  }
  if (terminal_ && (terminal_->error != CauseCode::kNone ||
                    !terminal_->causes.empty() || last_errno_ == ECONNRESET)) {
    closed.reason = CloseReason::kAbortRemote;
    system(ECONNRESET, "recvmsg");
    return closed;
  }
  if (terminal_) {
    closed.reason = CloseReason::kTimeout;
    system(ETIMEDOUT, "recvmsg");
    return closed;
  }
  closed.reason = CloseReason::kError;
  system(last_errno_ != 0 ? last_errno_ : ECONNABORTED, "recvmsg");
  return closed;
}

// True when the next address is being tried; `closed` otherwise tells why the last
// one failed.
bool AssociationImpl::try_next_remote(AssociationClosed& closed) {
  attempt_->failed(*closed.error);
  reactor_.discard(std::move(socket_));
  auto next = attempt_->open_next(stack_, *this);
  if (!next) {
    closed.error = next.error();
    return false;
  }
  socket_ = std::move(*next);
  send_buffer_.reset();
  terminal_seen_ = false;
  terminal_.reset();
  last_errno_ = 0;
  return true;
}

void AssociationImpl::attempt_timed_out() {
  last_errno_ = ETIMEDOUT;
  end();
}

void AssociationImpl::end() {
  AssociationClosed closed = closed_reason();
  const bool connecting = phase_ == Phase::kStarting && attempt_;
  if (connecting && !abort_requested_ && try_next_remote(closed)) return;
  reactor_.discard(std::move(socket_));
  close_with(std::move(closed));
}

void AssociationImpl::close_with(AssociationClosed closed) {
  std::vector<FailedMessage> unfinished;
  joiner_.flush(unfinished);
  for (FailedMessage& message : unfinished) {
    on_failed_message(std::move(message));
  }
  fail_queue(closed.error.value_or(closed_error()));
  sample_traffic();
  const bool connecting = phase_ == Phase::kStarting && attempt_;
  if (connecting && closed.error) append(ConnectFailed{*closed.error});
  append(closed);
  phase_ = Phase::kEnded;
  attempt_.reset();
  partial_.clear();
  closed_pending_ = std::move(closed);
  reactor_.association_ended(*this);
  reactor_.deliver_later(*this);
}

}  // namespace lksctp
