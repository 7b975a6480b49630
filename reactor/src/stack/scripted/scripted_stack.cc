#include "stack/scripted/scripted_stack.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "merge_options.h"

namespace lksctp {

class ScriptedSocket final : public StackSocket {
 public:
  ScriptedSocket(std::shared_ptr<ScriptedSocketState> state,
                 StackSocketObserver& observer)
      : state_(std::move(state)) {
    state_->observer_ = &observer;
    if (!state_->input_.empty()) state_->report(true, false);
  }
  ~ScriptedSocket() override {
    state_->observer_ = nullptr;
    state_->destroyed = true;
  }

  ReceiveResult receive(std::span<ReceiveSlot> slots) override {
    ReceiveResult result;
    auto& input = state_->input_;
    while (result.filled < slots.size()) {
      if (input.empty()) return result;
      if (const auto* error = std::get_if<ScriptedError>(&input.front())) {
        result.end = ReceiveEnd::kError;
        result.error_number = error->error_number;
        input.pop_front();
        return result;
      }
      auto* piece = std::get_if<ScriptedPiece>(&input.front());
      if (piece == nullptr) {
        result.end = ReceiveEnd::kEndOfFile;  // and stays it
        return result;
      }
      ReceiveSlot& slot = slots[result.filled++];
      slot.size = std::min(slot.buffer.size(), piece->bytes.size());
      std::copy_n(piece->bytes.begin(), slot.size, slot.buffer.begin());
      slot.notification = piece->notification;
      slot.info = piece->info;
      slot.end_of_record =
          piece->end_of_record && slot.size == piece->bytes.size();
      if (slot.size == piece->bytes.size()) {
        input.pop_front();
      } else {
        piece->bytes.erase(
            piece->bytes.begin(),
            piece->bytes.begin() + static_cast<std::ptrdiff_t>(slot.size));
      }
    }
    result.end = ReceiveEnd::kSlotsFull;
    return result;
  }

  SendResult send(std::span<const OutgoingMessage> messages,
                  bool more) override {
    SendResult result;
    for (const OutgoingMessage& message : messages) {
      if (state_->send_error != 0) {
        result.error_number = state_->send_error;
        return result;
      }
      if (message.stream.value() >= state_->outbound_streams) {
        result.error_number = EINVAL;
        return result;
      }
      if (state_->room_ && *state_->room_ == 0) {
        result.error_number = EAGAIN;
        return result;
      }
      if (state_->room_) --*state_->room_;
      state_->sent.push_back(
          {.data = {message.data.begin(), message.data.end()},
           .stream = message.stream,
           .ppid = message.ppid,
           .unordered = message.unordered,
           .context = message.context,
           .time_to_live = message.time_to_live,
           .max_retransmissions = message.max_retransmissions,
           .sack_immediately = message.sack_immediately,
           .destination = message.destination,
           .more = more});
      ++result.sent;
    }
    return result;
  }

  void want_ready(bool read, bool) override {
    state_->wants_read = read;
    if (read && !state_->input_.empty()) state_->report(true, false);
  }

  void read_again() override { state_->report(true, false); }

  Result<Accepted> accept(StackSocketObserver& observer) override {
    if (state_->accept_error_ != 0) {
      return tl::unexpected(Error::system(state_->accept_error_, "accept"));
    }
    if (state_->waiting_.empty()) {
      return tl::unexpected(Error::system(EAGAIN, "accept"));
    }
    auto next = std::move(state_->waiting_.front());
    state_->waiting_.pop_front();
    return Accepted{
        .socket = std::make_unique<ScriptedSocket>(next.state, observer),
        .remote = next.remote};
  }

  Result<void> shutdown() override {
    state_->shutdown_called = true;
    return {};
  }
  Result<void> abort(std::string_view reason) override {
    state_->abort_reason = std::string(reason);
    return {};
  }
  Result<StatusSampled> status() override {
    if (state_->status_error != 0) {
      return tl::unexpected(Error::system(state_->status_error, "status"));
    }
    return state_->status;
  }
  Result<std::vector<PathInfo>> paths() override { return state_->paths; }
  Result<std::vector<Address>> local_addresses() override {
    return state_->local;
  }
  Result<AssociationStatistics> statistics() override {
    if (!state_->statistics) return StackSocket::statistics();
    return *state_->statistics;
  }
  std::optional<std::uint16_t> udp_port() override { return std::nullopt; }
  Result<void> set_options(const SocketOptions& options) override {
    merge_options(state_->options, options);
    return {};
  }
  Result<SocketOptions> options() override { return state_->options; }
  std::size_t largest_message() override {
    return state_->options.send_buffer.value_or(0);
  }

 private:
  std::shared_ptr<ScriptedSocketState> state_;
};

void ScriptedSocketState::receive(Input input) {
  input_.push_back(std::move(input));
  report(true, false);
}

std::shared_ptr<ScriptedSocketState> ScriptedSocketState::incoming(
    const Address& remote) {
  waiting_.push_back({remote, make_()});
  report(true, false);
  return waiting_.back().state;
}

void ScriptedSocketState::set_accept_error(int error_number) {
  accept_error_ = error_number;
}

void ScriptedSocketState::set_room(std::size_t messages) {
  room_ = messages;
  if (messages != 0) report(false, true);
}

void ScriptedSocketState::report(bool readable, bool writable) {
  readable_ |= readable;
  writable_ |= writable;
  timer_->start({});
}

std::shared_ptr<ScriptedSocketState> ScriptedStack::make_state() {
  auto state = std::make_shared<ScriptedSocketState>();
  state->make_ = [this] { return make_state(); };
  state->timer_ = loop_.timer([weak = std::weak_ptr(state)] {
    const auto self = weak.lock();
    if (!self || self->observer_ == nullptr) return;
    const bool readable = std::exchange(self->readable_, false);
    const bool writable = std::exchange(self->writable_, false);
    self->observer_->on_ready(readable && self->wants_read, writable);
  });
  return state;
}

Result<std::unique_ptr<StackSocket>> ScriptedStack::open(
    StackSocketObserver& observer) {
  if (next_error) {
    return tl::unexpected(*std::exchange(next_error, std::nullopt));
  }
  sockets.push_back(make_state());
  return std::make_unique<ScriptedSocket>(sockets.back(), observer);
}

Result<std::unique_ptr<StackSocket>> ScriptedStack::listen(
    const StackListen& request, StackSocketObserver& observer) {
  auto socket = open(observer);
  if (!socket) return socket;
  sockets.back()->options = request.options;
  sockets.back()->local = request.local;
  return socket;
}

Result<std::unique_ptr<StackSocket>> ScriptedStack::connect(
    const StackConnect& request, StackSocketObserver& observer) {
  connects.push_back(request);
  auto socket = open(observer);
  if (!socket) return socket;
  sockets.back()->options = request.options;
  sockets.back()->local = request.local;
  return socket;
}

}  // namespace lksctp
