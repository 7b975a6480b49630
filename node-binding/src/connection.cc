#include "connection.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "session.h"
#include "to_js.h"

namespace lksctp::node {
namespace {

// JS is told when this part of what it may send ahead was taken, so that it never
// waits with everything taken.
constexpr std::size_t kReportedPart = 4;
// What a message counts there beside its bytes, as in lib/socket-write.js.
constexpr std::size_t kMessageOverhead = 128;

OutboundRecord record_at(const CommandBlock& block, std::size_t offset) {
  OutboundRecord record;
  std::memcpy(&record, block.records.data() + offset, sizeof record);
  return record;
}

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
  if (!waiting_.empty() || !try_send(*block, offset)) {
    waiting_.push_back({block, offset});
  }
}

// False when it must wait for room.
bool Connection::try_send(const CommandBlock& block, std::size_t offset) {
  const OutboundRecord record = record_at(block, offset);
  const std::byte* payload = block.records.data() + offset + sizeof record;
  const auto sent = association_->send(
      {payload, record.size}, options_of(record, payload + record.size));
  if (!sent && sent.error().code == ErrorCode::kWouldBlock) return false;
  if (!sent) {
    report_ = true;
    report_taken();  // those before it keep their order
    session_.outbox().add_object(
        [handle = handle_, message = last_taken_ + 1,
         error = sent.error()](Napi::Env env) -> Napi::Value {
          Napi::Object object = Napi::Object::New(env);
          object["type"] = "send-refused";
          object["handle"] = handle;
          object["message"] = message;
          object["error"] = to_js(env, error);
          return object;
        });
  }
  taken(record.size, (record.flags & OutboundRecord::kReport) != 0);
  return true;
}

void Connection::taken(std::uint32_t size, bool report) {
  ++last_taken_;
  ++unreported_messages_;
  unreported_bytes_ += size;
  const std::size_t cost =
      unreported_bytes_ + unreported_messages_ * kMessageOverhead;
  report_ = report_ || report || cost >= report_bytes_;
  if (!std::exchange(report_pending_, true)) session_.report_later(*this);
}

void Connection::report_taken() {
  report_pending_ = false;
  // Otherwise not worth a wake-up: JS may send on.
  if (!std::exchange(report_, false) || unreported_messages_ == 0) return;
  session_.outbox().add_taken(handle_, unreported_messages_, unreported_bytes_);
  unreported_messages_ = 0;
  unreported_bytes_ = 0;
}

void Connection::send_waiting() {
  while (!waiting_.empty()) {
    const Waiting& next = waiting_.front();
    if (!try_send(*next.block, next.offset)) break;
    waiting_.pop_front();
  }
  report_taken();
  finish();
}

void Connection::shutdown() {
  shutdown_wanted_ = true;
  finish();
}

void Connection::finish() {
  if (!shutdown_wanted_ || shutdown_done_ || !waiting_.empty()) return;
  shutdown_done_ = true;
  static_cast<void>(association_->shutdown());  // ended: on_closed tells
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
  unused_ += message.payload().size();
  session_.outbox().add_message(handle_, std::move(message));
  if (unused_ >= receive_window_ && !paused_) {
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
  waiting_.clear();  // JS fails what was not taken
  report_ = true;
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
  report_ = true;
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
