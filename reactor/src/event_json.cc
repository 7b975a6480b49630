#include "lksctp/reactor/event_json.h"

#include <type_traits>
#include <variant>

#include "json_values.h"
#include "lksctp/decoder/interpret.h"
#include "lksctp/decoder/table.h"

namespace lksctp {
namespace {

// What the fixed fields of a record do not say.
template <typename T>
void add_tail(Json&, const T&) {}

void add_tail(Json& object, const AssociationChange& change) {
  object["causes"] = to_value(change.causes);
  if (!change.features) return;
  const PeerFeatures& peer = *change.features;
  object["features"] = {
      {"partialReliability", peer.partial_reliability},
      {"authentication", peer.authentication},
      {"addressReconfiguration", peer.address_reconfiguration},
      {"multipleBuffers", peer.multiple_buffers},
      {"streamReconfiguration", peer.stream_reconfiguration},
      {"interleaving", peer.interleaving}};
}
void add_tail(Json& object, const RemoteError& error) {
  object["cause"] = to_value(error.cause);
}
void add_tail(Json& object, const SendFailed& failed) {
  // The record has two fields of flags, whose names are one.
  object["sent"] = failed.kind == SendFailedKind::kSent;
  object["data"] = hexadecimal(failed.data);
}

const char* result_name(ReconfigurationResult result) {
  switch (result) {
    case ReconfigurationResult::kPerformed:
      return "performed";
    case ReconfigurationResult::kDenied:
      return "denied";
    case ReconfigurationResult::kFailed:
      return "failed";
  }
  return "unknown";
}

void add_tail(Json& object, const StreamReset& reset) {
  object["incoming"] = reset.incoming;
  object["outgoing"] = reset.outgoing;
  object["result"] = result_name(reset.result);
  Json& streams = object["streams"] = Json::array();
  for (const StreamId stream : reset.streams) streams.push_back(stream.value());
}
void add_tail(Json& object, const AssociationReset& reset) {
  object["result"] = result_name(reset.result);
}
void add_tail(Json& object, const StreamChange& change) {
  object["result"] = result_name(change.result);
  if (change.inbound_added) object["inboundAdded"] = *change.inbound_added;
  if (change.outbound_added) object["outboundAdded"] = *change.outbound_added;
  if (change.inbound_streams) {
    object["inboundStreams"] = *change.inbound_streams;
  }
  if (change.outbound_streams) {
    object["outboundStreams"] = *change.outbound_streams;
  }
}
void add_tail(Json& object, const UnknownNotification& unknown) {
  object["number"] = unknown.type;
  object["raw"] = hexadecimal(unknown.raw);
}

// The typed value by the decoder's table, with a value's name beside its number.
Json typed(const Notification& notification) {
  Json object{{"type", notification_label(notification)}};
  const NotificationRow* row = row_of(notification);
  std::visit(
      [&](const auto& value) {
        if (row != nullptr) {
          for (const FieldDescriptor& field : row->fields) {
            const std::string name = camel_case_name(field.name);
            if (field.kind == FieldKind::kAddress) {
              // It serves decoding, too, and takes the object mutable.
              auto* mutable_value =
                  const_cast<void*>(static_cast<const void*>(&value));
              object[name] = to_value(*field.access.address(mutable_value));
            } else if (field.access.load != nullptr &&
                       field.access.store != nullptr) {
              const std::uint64_t loaded = field.access.load(&value);
              object[name] = loaded;
              const std::string_view named = value_name(field, loaded);
              if (!named.empty()) object[name + "Name"] = named;
            }
          }
        }
        add_tail(object, value);
      },
      notification);
  return object;
}

// ---- the other bodies -------------------------------------------------------

void fill(Json& object, const Notification& body) {
  object["notification"] = typed(body);
  object["interpreted"] = interpret(body);
}
void fill(Json& object, const EndpointOpened& body) {
  object["name"] = body.name;
  object["role"] = role_name(body.role);
  object["stack"] = stack_name(body.stack);
}
void fill(Json& object, const EndpointBound& body) {
  object["local"] = to_value(body.local);
  if (body.udp_port) object["udpPort"] = *body.udp_port;
}
void fill(Json&, const EndpointClosed&) {}
void fill(Json& object, const AcceptStateChanged& body) {
  if (body.error) object["error"] = to_value(*body.error);
}
void fill(Json& object, const PeerExpected& body) {
  object["endpointName"] = body.endpoint;
  object["peer"] = body.peer;
}
void fill(Json& object, const PeerForgotten& body) {
  object["endpointName"] = body.endpoint;
  object["peer"] = body.peer;
}
void fill(Json& object, const ConnectRequested& body) {
  object["peer"] = body.peer;
  object["remote"] = to_value(body.remote);
  object["configured"] = body.configured;
}
void fill(Json& object, const ConnectFailed& body) {
  object["error"] = to_value(body.error);
}
void fill(Json& object, const AssociationAccepted& body) {
  object["peer"] = body.peer;
  object["remote"] = to_value(body.remote);
}
void fill(Json&, const ShutdownRequested&) {}
void fill(Json& object, const AbortRequested& body) {
  object["reason"] = body.reason;
}
void fill(Json& object, const AssociationClosed& body) {
  object["reason"] = close_reason_name(body.reason);
  if (body.cause != CauseCode::kNone) {
    object["cause"] = to_value(ErrorCause{.code = body.cause});
  }
  if (body.error) object["error"] = to_value(*body.error);
}
void fill(Json& object, const OptionsChanged& body) {
  object["options"] = to_value(body.options);
}
void fill(Json& object, const MessageFailed& body) {
  object["message"] = {{"sid", body.stream.value()},
                       {"ppid", body.ppid.value()},
                       {"context", body.context},
                       {"size", body.size},
                       {"sent", body.kind == SendFailedKind::kSent},
                       {"cause", to_value(ErrorCause{.code = body.cause})}};
}
void fill(Json& object, const ReceiveFailed& body) {
  object["error"] = to_value(body.error);
  object["record"] = hexadecimal(body.raw);
}
void fill(Json& object, const StatusSampled& body) {
  object["status"] = {{"associationId", body.stack_association.value()},
                      {"state", static_cast<unsigned>(body.state)},
                      {"stateName", association_state_name(body.state)},
                      {"rwnd", body.peer_receive_window},
                      {"unackdata", body.unacknowledged_chunks},
                      {"penddata", body.pending_chunks},
                      {"numberOfIncomingStreams", body.inbound_streams},
                      {"numberOfOutgoingStreams", body.outbound_streams},
                      {"fragmentationPoint", body.fragmentation_point},
                      {"sendQueue", body.send_queue}};
}
void fill(Json& object, const PathsSampled& body) {
  object["paths"] = to_value(body.paths);
}
void fill(Json& object, const LocalAddressesSampled& body) {
  object["local"] = to_value(body.local);
}
void fill(Json& object, const TrafficSampled& body) {
  object["sent"] = to_value(body.sent);
  object["received"] = to_value(body.received);
  object["streams"] = to_value(body.streams);
  object["ppids"] = to_value(body.ppids);
  object["wouldBlock"] = body.would_block;
}
void fill(Json& object, const StatisticsSampled& body) {
  object["statistics"] = to_value(body.statistics);
}
void fill(Json& object, const LogGap& body) {
  object["from"] = body.from.value();
  object["to"] = body.to.value();
}
void fill(Json& object, const LogRecovered& body) {
  object["lostBytes"] = body.lost_bytes;
}

// The bytes of the user in it; null in an event that cannot have any.
Bytes* user_data(EventBody& body) {
  if (auto* failed = std::get_if<ReceiveFailed>(&body)) return &failed->raw;
  auto* notification = std::get_if<Notification>(&body);
  if (notification == nullptr) return nullptr;
  auto* failed = std::get_if<SendFailed>(notification);
  return failed != nullptr ? &failed->data : nullptr;
}

Json to_object(const Event& event) {
  const auto monotonic = event.monotonic.time_since_epoch();
  const auto wall = event.wall.time_since_epoch();
  Json object{{"v", kEventJsonVersion},
              {"type", event_kind_name(event.body)},
              {"seq", event.seq.value()},
              {"time", milliseconds(wall)},
              {"timeNs", std::to_string(wall.count())},
              {"monotonic", milliseconds(monotonic)},
              {"monotonicNs", std::to_string(monotonic.count())},
              {"endpointId", id_text(event.endpoint)},
              {"associationId", id_text(event.association)}};
  std::visit([&](const auto& body) { fill(object, body); }, event.body);
  if (!event.raw.empty()) object["raw"] = hexadecimal(event.raw);
  return object;
}

}  // namespace

std::string to_json(const Event& event) { return to_text(to_object(event)); }

EventWithoutUserData without_user_data(const Event& event) {
  EventWithoutUserData result{.event = event};
  if (Bytes* data = user_data(result.event.body)) {
    result.user_data_size = data->size();
    *data = {};
    result.event.raw = {};
  }
  return result;
}

std::string to_json(const EventWithoutUserData& event) {
  // The readable line tells the size, too.
  Event sized = event.event;
  if (Bytes* data = user_data(sized.body)) data->resize(event.user_data_size);
  Json object = to_object(sized);
  if (std::holds_alternative<ReceiveFailed>(sized.body)) {
    object.erase("record");
    object["recordSize"] = event.user_data_size;
  } else if (user_data(sized.body) != nullptr) {
    Json& notification = object["notification"];
    notification.erase("data");
    notification["dataSize"] = event.user_data_size;
  }
  return to_text(object);
}

}  // namespace lksctp
