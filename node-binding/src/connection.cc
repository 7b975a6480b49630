#include "connection.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>

#include "session.h"
#include "to_js.h"

namespace lksctp::node {
namespace {

// JS is told when this part of what it may send ahead is settled, so that it never
// waits with everything settled.
constexpr std::size_t kReportedPart = 4;
// What a message counts there beside its bytes, in both directions, as in
// lib/socket-state.js.
constexpr std::size_t kMessageOverhead = 128;

// `behind` is what follows the payload.
SendOptions options_of(const OutboundRecord& record, const std::byte* behind) {
  const auto has = [&](std::uint16_t flag) {
    return (record.flags & flag) != 0;
  };
  SendOptions options{
      .stream = StreamId(record.stream),
      .ppid = Ppid(record.ppid),
      .unordered = has(OutboundRecord::kUnordered),
      .context = record.context,
      .sack_immediately = has(OutboundRecord::kSackImmediately)};
  if (has(OutboundRecord::kTimeToLive)) {
    options.time_to_live = Milliseconds(record.policy_value);
  } else if (has(OutboundRecord::kRetransmissions)) {
    options.max_retransmissions = record.policy_value;
  } else if (has(OutboundRecord::kPriority)) {
    options.priority = record.policy_value;
  }
  if (has(OutboundRecord::kDestination)) {
    const std::string text(reinterpret_cast<const char*>(behind),
                           OutboundRecord::kDestinationSize);
    // lib/ has checked it.
    options.destination = Address::parse(text.c_str(), 0).value_or(Address{});
  }
  return options;
}

ConnectionInfo info_of(const Association& association) {
  ConnectionInfo info{.association = association.id(),
                      .stack = association.stack(),
                      .peer_name = association.peer_name()};
  const AssociationRecord* record = association.record();
  if (record == nullptr) return info;
  info.inbound_streams = record->inbound_streams;
  info.outbound_streams = record->outbound_streams;
  info.local = record->local;
  info.remote = record->remote;
  for (const auto& [address, path] : record->paths) {
    info.paths.push_back(path.info);
  }
  return info;
}

}  // namespace

OutboundRecord Connection::Waiting::record() const {
  OutboundRecord record;
  std::memcpy(&record, block->records.data() + offset, sizeof record);
  return record;
}

std::span<const std::byte> Connection::Waiting::payload() const {
  return {block->records.data() + offset + sizeof(OutboundRecord),
          record().size};
}

Connection::Connection(Session& session, Handle handle, Reactor& reactor,
                       const AssociationSettings& settings)
    : session_(session),
      handle_(handle),
      reactor_(reactor),
      receive_window_(settings.receive_high_water_mark),
      report_bytes_(settings.send_high_water_mark / kReportedPart) {}

AssociationHandlers Connection::handlers(Handle listener) {
  AssociationHandlers handlers;
  handlers.on_established = [this, listener](Association& association) {
    // A socket shows its paths from the start.
    const AssociationRecord* record = association.record();
    if (record != nullptr && record->paths.empty()) {
      static_cast<void>(association.sample());
    }
    session_.outbox().add_object(
        [handle = handle_, listener,
         info = info_of(association)](Napi::Env env) -> Napi::Value {
          Napi::Object object = to_js(env, info);
          object["type"] = listener == 0 ? "connected" : "connection";
          object["handle"] = handle;
          object["listener"] = listener;
          return object;
        });
    send_waiting();
  };
  handlers.on_message = [this](Association&, Message&& message) {
    on_message(std::move(message));
  };
  handlers.on_writable = [this](Association&) { send_waiting(); };
  handlers.on_peer_shutdown = [this](Association&) { on_peer_shutdown(); };
  handlers.on_send_failed = [this](Association&, const MessageFailed& failed,
                                   std::span<const std::byte> data) {
    if (released_) return;
    session_.outbox().add_object(
        [handle = handle_, failed, bytes = Bytes(data.begin(), data.end())](
            Napi::Env env) -> Napi::Value {
          Napi::Object object = to_js(env, failed);
          object["type"] = "send-failed";
          object["handle"] = handle;
          object["data"] = to_js(env, bytes);
          return object;
        });
  };
  handlers.on_taken = [this](Association&, std::size_t messages,
                             std::size_t bytes) { on_taken(messages, bytes); };
  handlers.on_not_taken = [this](Association&, const NotTaken& one) {
    // The association has counted those that it did not refuse.
    std::uint64_t number = one.number + refused_;
    for (const auto& [passed, refused] : passed_over_) {
      if (refused && passed <= number) ++number;
    }
    not_taken(number, one.message, one.data, one.error);
    pass_over(number, one.message.size, false);
  };
  handlers.on_closed = [this](Association&, const AssociationClosed& closed) {
    on_closed(closed);
  };
  return handlers;
}

void Connection::attach(std::shared_ptr<Association> association) {
  association_ = std::move(association);
}

// ---- sending ------------------------------------------------------------------

void Connection::send(const std::shared_ptr<const CommandBlock>& block,
                      std::size_t offset) {
  Waiting message{block, offset, {}};
  if (waiting_.empty() && try_send(message)) return;
  message.since = std::chrono::steady_clock::now();
  waiting_.push_back(std::move(message));
}

// False when it must wait for room.
bool Connection::try_send(const Waiting& message) {
  const OutboundRecord record = message.record();
  SendOptions options =
      options_of(record, message.payload().data() + record.size);
  if (options.time_to_live && message.since != MonotonicTime{}) {
    const auto waited = std::chrono::steady_clock::now() - message.since;
    if (waited >= *options.time_to_live) {
      refuse(message, Error::system(ETIMEDOUT, "send"));
      return true;
    }
    *options.time_to_live -= std::chrono::floor<Milliseconds>(waited);
  }
  const auto sent = association_->send(message.payload(), options);
  if (!sent && sent.error().code == ErrorCode::kWouldBlock) return false;
  if (!sent) {
    refuse(message, sent.error());
    return true;
  }
  ++sent_;
  if ((record.flags & OutboundRecord::kReport) != 0) report_up_to_ = sent_;
  return true;
}

void Connection::refuse(const Waiting& message, const Error& error) {
  const OutboundRecord record = message.record();
  not_taken(++sent_,
            {.stream = StreamId(record.stream),
             .ppid = Ppid(record.ppid),
             .context = record.context,
             .size = record.size,
             .kind = SendFailedKind::kUnsent},
            message.payload(), error);
  pass_over(sent_, record.size, true);
}

void Connection::refuse_waiting(const Error& error) {
  for (const Waiting& message : std::exchange(waiting_, {})) {
    refuse(message, error);
  }
}

void Connection::not_taken(std::uint64_t number, const MessageFailed& failed,
                           std::span<const std::byte> data,
                           const Error& error) {
  if (released_) return;
  session_.outbox().add_object(
      [handle = handle_, number, failed, error,
       bytes = Bytes(data.begin(), data.end())](Napi::Env env) -> Napi::Value {
        Napi::Object object = to_js(env, failed);
        object["type"] = "not-taken";
        object["handle"] = handle;
        object["message"] = static_cast<double>(number);
        object["data"] = to_js(env, bytes);
        object["error"] = to_js(env, error);
        return object;
      });
}

void Connection::pass_over(std::uint64_t number, std::uint64_t bytes,
                           bool refused) {
  passed_over_.emplace(number, refused);
  unreported_bytes_ += bytes;
  settle(0);
  report_if_worth_it();
  finish();
}

void Connection::on_taken(std::size_t messages, std::size_t bytes) {
  unreported_bytes_ += bytes;
  settle(messages);
  report_if_worth_it();
  finish();
}

// The next so many, and those among and right behind them that were passed over.
void Connection::settle(std::uint64_t messages) {
  while (!passed_over_.empty() &&
         passed_over_.begin()->first <= settled_ + messages + 1) {
    const auto [number, refused] = *passed_over_.begin();
    passed_over_.erase(passed_over_.begin());
    messages -= number - settled_ - 1;
    settled_ = number;
    if (refused) ++refused_;
  }
  settled_ += messages;
}

void Connection::report_if_worth_it() {
  const std::uint64_t cost =
      unreported_bytes_ + (settled_ - reported_) * kMessageOverhead;
  if (report_up_to_ > reported_ || cost >= report_bytes_) {
    report_taken();
  } else if (!std::exchange(report_pending_, true)) {
    session_.report_later(*this);
  }
}

void Connection::report_taken() {
  report_pending_ = false;
  if (settled_ == reported_) return;
  session_.outbox().add_taken(handle_,
                              static_cast<std::uint32_t>(settled_ - reported_),
                              static_cast<std::uint32_t>(unreported_bytes_));
  reported_ = settled_;
  unreported_bytes_ = 0;
}

void Connection::send_waiting() {
  while (!waiting_.empty()) {
    if (!try_send(waiting_.front())) break;
    waiting_.pop_front();
  }
  finish();
}

void Connection::shutdown() {
  shutdown_wanted_ = true;
  finish();
}

// What was written has gone before: then JS hears that it is ending.
void Connection::finish() {
  if (!shutdown_wanted_ || !waiting_.empty()) return;
  if (!std::exchange(shutdown_done_, true)) {
    static_cast<void>(association_->shutdown());  // ended: on_closed tells
  }
  if (settled_ != sent_ || std::exchange(ending_told_, true)) return;
  report_taken();
  if (!released_) session_.outbox().add_ending(handle_);
}

void Connection::abort(std::string_view reason) {
  released_ = true;
  waiting_.clear();
  static_cast<void>(association_->abort(reason));
  association_->resume();
}

// ---- receiving ------------------------------------------------------------------

void Connection::on_message(Message&& message) {
  if (released_) return;
  unused_ += message.payload().size() + kMessageOverhead;
  session_.outbox().add_message(handle_, std::move(message));
  if (unused_ >= receive_window_ && !paused_ && !ended_abnormally_) {
    paused_ = true;
    association_->pause();
  }
}

void Connection::consumed(std::size_t size) {
  unused_ -= std::min(size, unused_);
  if (paused_ && unused_ <= receive_window_ / 2) {
    paused_ = false;
    association_->resume();
  }
}

void Connection::ended_abnormally() {
  ended_abnormally_ = true;
  if (std::exchange(paused_, false)) association_->resume();
}

void Connection::release() {
  released_ = true;
  ended_abnormally();
}

void Connection::sample() {
  if (!association_->sample()) return;
  const AssociationRecord* record = association_->record();
  if (record == nullptr) return;
  std::vector<PathInfo> paths;
  for (const auto& [address, path] : record->paths) paths.push_back(path.info);
  session_.outbox().add_object([handle = handle_, paths = std::move(paths)](
                                   Napi::Env env) -> Napi::Value {
    Napi::Object object = Napi::Object::New(env);
    object["type"] = "paths";
    object["handle"] = handle;
    object["paths"] = to_js(env, paths);
    return object;
  });
}

// ---- the end ----------------------------------------------------------------------

void Connection::on_peer_shutdown() {
  refuse_waiting(Error::make(ErrorCode::kRemoteEnded,
                             "the peer takes no more messages", EPIPE));
  report_taken();
  if (!released_) {
    session_.outbox().add_object(
        [handle = handle_](Napi::Env env) -> Napi::Value {
          Napi::Object object = Napi::Object::New(env);
          object["type"] = "peer-shutdown";
          object["handle"] = handle;
          return object;
        });
  }
  finish();
}

void Connection::on_closed(const AssociationClosed& closed) {
  refuse_waiting(closed.error.value_or(
      Error::make(ErrorCode::kClosed, "the association has ended", ENOTCONN)));
  report_taken();
  session_.outbox().add_object(
      [handle = handle_, closed](Napi::Env env) -> Napi::Value {
        Napi::Object object = to_js(env, closed);
        object["type"] = "closed";
        object["handle"] = handle;
        return object;
      });
  session_.remove(*this);  // and *this is gone
}

void Connection::detach() {
  if (!association_) return;
  association_->set_handlers({});
  if (!shutdown_done_) static_cast<void>(association_->abort());
  association_->resume();
}

}  // namespace lksctp::node
