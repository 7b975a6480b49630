// What the bodies of events are made of. See `value_members.h`.
#pragma once

#include <cstdint>
#include <type_traits>
#include <variant>

#include "lksctp/decoder/table.h"
#include "notification_members.h"
#include "value_members.h"

namespace lksctp {

// ---- notifications: what the fixed fields of a record do not say --------------

template <Of<PeerFeatures> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("partialReliability", value.partial_reliability);
  visitor("authentication", value.authentication);
  visitor("addressReconfiguration", value.address_reconfiguration);
  visitor("multipleBuffers", value.multiple_buffers);
  visitor("streamReconfiguration", value.stream_reconfiguration);
  visitor("interleaving", value.interleaving);
}

template <typename Value, typename Visitor>
void tail_members(Value&, Visitor&) {}

template <Of<AssociationChange> Value, typename Visitor>
void tail_members(Value& value, Visitor& visitor) {
  visitor("causes", value.causes);
  visitor("features", value.features);
}

template <Of<RemoteError> Value, typename Visitor>
void tail_members(Value& value, Visitor& visitor) {
  visitor("cause", value.cause);
}

template <Of<SendFailed> Value, typename Visitor>
void tail_members(Value& value, Visitor& visitor) {
  visitor.derived("sent", [&] { return value.kind == SendFailedKind::kSent; });
  visitor.user_data("data", "dataSize", "dataSha256", value.data);
}

template <Of<StreamReset> Value, typename Visitor>
void tail_members(Value& value, Visitor& visitor) {
  visitor("incoming", value.incoming);
  visitor("outgoing", value.outgoing);
  visitor("result", value.result);
  visitor("streams", value.streams);
}

template <Of<AssociationReset> Value, typename Visitor>
void tail_members(Value& value, Visitor& visitor) {
  visitor("result", value.result);
}

template <Of<StreamChange> Value, typename Visitor>
void tail_members(Value& value, Visitor& visitor) {
  visitor("result", value.result);
  visitor("inboundAdded", value.inbound_added);
  visitor("outboundAdded", value.outbound_added);
  visitor("inboundStreams", value.inbound_streams);
  visitor("outboundStreams", value.outbound_streams);
}

template <Of<UnknownNotification> Value, typename Visitor>
void tail_members(Value& value, Visitor& visitor) {
  visitor("number", value.type);
  visitor("raw", value.raw);
}

// One alternative of `Notification` by its row, which is null for an unknown one.
template <typename Value, typename Visitor>
void notification_members(const NotificationRow* row, Value& value,
                          Visitor& visitor) {
  if (row != nullptr) {
    // The table's access takes all objects mutable; the visitor of a const one only loads.
    auto* object = const_cast<void*>(static_cast<const void*>(&value));
    for (const FieldMember& member : field_members(*row)) {
      const FieldDescriptor& field = *member.field;
      if (field.access.address != nullptr) {
        std::conditional_t<std::is_const_v<Value>, const Address, Address>&
            address = *field.access.address(object);
        visitor(member.name, address);
        continue;
      }
      visitor.number(
          member.name, member.name_of_name, field.access.load(object),
          [&](std::uint64_t number) {
            // Flags say again what the tail does.
            if (field.kind == FieldKind::kFlags) return true;
            field.access.store(object, number);
            return field.access.load(object) == number;
          },
          [&](std::uint64_t number) { return value_name(field, number); });
    }
  }
  tail_members(value, visitor);
}

template <Of<Notification> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  const NotificationRow* row = row_of(value);
  std::visit([&](auto& typed) { notification_members(row, typed, visitor); },
             value);
}

// ---- the other bodies -----------------------------------------------------------

template <Of<EndpointOpened> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("name", value.name);
  visitor("role", value.role);
  visitor("stack", value.stack);
}

template <Of<EndpointBound> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("local", value.local);
  visitor("udpPort", value.udp_port);
}

template <Of<EndpointClosed> Value, typename Visitor>
void members(Value&, Visitor&) {}

template <Of<AcceptStateChanged> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("error", value.error);
}

template <typename Value, typename Visitor>
requires Of<Value, PeerExpected> || Of<Value, PeerForgotten>
void members(Value& value, Visitor& visitor) {
  visitor("endpointName", value.endpoint);
  visitor("peer", value.peer);
}

template <Of<ConnectRequested> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("peer", value.peer);
  visitor("remote", value.remote);
  visitor("configured", value.configured);
}

template <Of<ConnectFailed> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("error", value.error);
}

template <Of<AssociationAccepted> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("peer", value.peer);
  visitor("remote", value.remote);
}

template <Of<ShutdownRequested> Value, typename Visitor>
void members(Value&, Visitor&) {}

template <Of<AbortRequested> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("reason", value.reason);
}

template <Of<AssociationClosed> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("reason", value.reason);
  visitor.cause("cause", value.cause, CausePresence::kUnlessNone);
  visitor("error", value.error);
}

template <Of<OptionsChanged> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor.whole("options", value.options);
}

// The message that a MessageFailed is about.
template <typename Value>
struct FailedMessage {
  Value& event;
};

template <typename Value, typename Visitor>
void members(const FailedMessage<Value>& message, Visitor& visitor) {
  Value& value = message.event;
  visitor("sid", value.stream);
  visitor("ppid", value.ppid);
  visitor("context", value.context);
  visitor("size", value.size);
  visitor.named("kind", "kindName", value.kind, send_failed_kind_name);
  visitor.derived("sent", [&] { return value.kind == SendFailedKind::kSent; });
  visitor.cause("cause", value.cause, CausePresence::kAlways);
}

template <Of<MessageFailed> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  const FailedMessage<Value> message{value};
  visitor.whole("message", message);
}

template <Of<ReceiveFailed> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("error", value.error);
  visitor.user_data("record", "recordSize", "recordSha256", value.raw);
}

// The status that a StatusSampled is.
template <typename Value>
struct SampledStatus {
  Value& event;
};

template <typename Value, typename Visitor>
void members(const SampledStatus<Value>& status, Visitor& visitor) {
  Value& value = status.event;
  visitor("associationId", value.stack_association);
  visitor.named("state", "stateName", value.state, association_state_name);
  visitor("rwnd", value.peer_receive_window);
  visitor("unackdata", value.unacknowledged_chunks);
  visitor("penddata", value.pending_chunks);
  visitor("numberOfIncomingStreams", value.inbound_streams);
  visitor("numberOfOutgoingStreams", value.outbound_streams);
  visitor("fragmentationPoint", value.fragmentation_point);
  visitor("sendQueue", value.send_queue);
}

template <Of<StatusSampled> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  const SampledStatus<Value> status{value};
  visitor.whole("status", status);
}

template <Of<PathsSampled> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("paths", value.paths);
}

template <Of<LocalAddressesSampled> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("local", value.local);
}

template <Of<TrafficSampled> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("sent", value.sent);
  visitor("received", value.received);
  visitor("streams", value.streams);
  visitor("ppids", value.ppids);
  visitor("wouldBlock", value.would_block);
}

template <Of<StatisticsSampled> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor.whole("statistics", value.statistics);
}

template <Of<LogGap> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("from", value.from);
  visitor("to", value.to);
}

template <Of<LogRecovered> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("journal", value.journal);
  visitor("last", value.last);
  visitor("lostBytes", value.lost_bytes);
}

}  // namespace lksctp
