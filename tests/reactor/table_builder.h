// Events for tests of the projections, with made-up but orderly clocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/event.h"

namespace lksctp::test {

inline Address address(const char* ip, std::uint16_t port = 2905) {
  return Address::parse(ip, port).value();
}

// A table, and the events that made it.
class TableBuilder {
 public:
  static constexpr EndpointId kListener{1};
  static constexpr EndpointId kConnector{2};

  // Numbers, stamps and applies a fact. Every event is one millisecond later.
  TableBuilder& add(EndpointId endpoint, AssociationId association,
                    EventBody body) {
    Event event;
    event.seq = EventSeq(events_.size() + 1);
    const std::chrono::milliseconds time(events_.size());
    event.monotonic = MonotonicTime(time);
    event.wall = WallTime(std::chrono::seconds(1'700'000'000) + time);
    event.endpoint = endpoint;
    event.association = association;
    event.body = std::move(body);
    table_.apply(event);
    events_.push_back(std::move(event));
    return *this;
  }

  TableBuilder& open_listener() {
    return add(kListener, {},
               EndpointOpened{.name = "listen:127.0.0.1:2905",
                              .role = EndpointRole::kListen,
                              .stack = StackKind::kUsrsctp});
  }
  TableBuilder& open_connector() {
    return add(kConnector, {},
               EndpointOpened{.name = "connect",
                              .role = EndpointRole::kConnect,
                              .stack = StackKind::kUsrsctp});
  }
  TableBuilder& accept(AssociationId id, std::string peer = "10.0.0.9") {
    return add(kListener, id,
               AssociationAccepted{.peer = std::move(peer),
                                   .remote = address("10.0.0.9", 40000)});
  }
  TableBuilder& connect(AssociationId id, std::string peer = "10.0.0.1:2905") {
    return add(kConnector, id,
               ConnectRequested{.peer = std::move(peer),
                                .remote = {address("10.0.0.1")}});
  }
  TableBuilder& change(AssociationId id, AssociationChangeState state,
                       std::uint16_t outbound = 10, std::uint16_t inbound = 5) {
    return notify(id, AssociationChange{.state = state,
                                        .outbound_streams = outbound,
                                        .inbound_streams = inbound,
                                        .association = StackAssociationId(3)});
  }
  TableBuilder& path(AssociationId id, const Address& address,
                     PeerAddressState state) {
    return notify(id, PeerAddressChange{.address = address, .state = state});
  }
  TableBuilder& notify(AssociationId id, Notification notification) {
    return add({}, id, EventBody(std::move(notification)));
  }
  TableBuilder& close(AssociationId id, CloseReason reason) {
    return add({}, id, AssociationClosed{.reason = reason});
  }
  TableBuilder& traffic(AssociationId id, Traffic sent, Traffic received) {
    return add({}, id, TrafficSampled{.sent = sent, .received = received});
  }

  [[nodiscard]] const AssociationTable& table() const { return table_; }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

 private:
  AssociationTable table_;
  std::vector<Event> events_;
};

}  // namespace lksctp::test
