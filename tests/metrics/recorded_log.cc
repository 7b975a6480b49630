#include "recorded_log.h"

#include <chrono>

#include "lksctp/reactor/event_log.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

constexpr auto kUp = AssociationChangeState::kCommUp;

void multihomed_client(TableBuilder& log) {
  const AssociationId id(1);
  log.open_connector().connect(id, "hlr-1").change(id, kUp);
  const PathInfo first{.address = address("192.0.2.1"),
                       .state = PathState::kActive,
                       .primary = true,
                       .congestion_window = 4380,
                       .srtt = Milliseconds(12),
                       .rto = Milliseconds(1000),
                       .mtu = 1500};
  PathInfo second = first;
  second.address = address("2001:db8::1");
  second.primary = false;
  second.srtt = Milliseconds(250);
  log.add({}, id, PathsSampled{{first, second}});
  log.add({}, id,
          StatusSampled{.state = AssociationState::kEstablished,
                        .stack_association = StackAssociationId(3),
                        .peer_receive_window = 106496,
                        .unacknowledged_chunks = 2,
                        .pending_chunks = 1,
                        .inbound_streams = 5,
                        .outbound_streams = 10,
                        .send_queue = 64});
  log.path(id, second.address, PeerAddressState::kConfirmed);
  log.path(id, first.address, PeerAddressState::kUnreachable);
  log.path(id, second.address, PeerAddressState::kMadePrimary);
  log.change(id, AssociationChangeState::kRestart, 8, 8);
  log.traffic(id, {1000, 64000}, {900, 57600});
  log.add({}, id, MessageFailed{.size = 64});
}

void server_side(TableBuilder& log) {
  log.open_listener();
  for (const std::uint64_t id : {std::uint64_t{2}, std::uint64_t{3}}) {
    log.accept(AssociationId(id), "mme").change(AssociationId(id), kUp);
    log.traffic(AssociationId(id), {id, 100 * id}, {id, 10 * id});
  }
  log.notify(AssociationId(2), ShutdownEvent{})
      .change(AssociationId(2), AssociationChangeState::kShutdownComplete)
      .close(AssociationId(2), CloseReason::kShutdownRemote);
  log.accept(AssociationId(4), "quote\" backslash\\ newline\n byte\xff")
      .change(AssociationId(4), kUp)
      .notify(AssociationId(4), SenderDry{})
      .notify(AssociationId(4), UnknownNotification{.type = 0x9999});
}

void refused_client(TableBuilder& log) {
  const EndpointId endpoint(7);
  const AssociationId id(5);
  log.add(endpoint, {},
          EndpointOpened{.name = "connect",
                         .role = EndpointRole::kConnect,
                         .stack = StackKind::kUsrsctp});
  log.add(endpoint, id, ConnectRequested{"hlr-2", {address("192.0.2.9")}});
  log.change(id, AssociationChangeState::kCantStart)
      .add({}, id, ConnectFailed{Error::system(111, "connect")})
      .close(id, CloseReason::kRefused);
}

}  // namespace

std::vector<Event> recorded_log() {
  TableBuilder log;
  multihomed_client(log);
  server_side(log);
  refused_client(log);
  log.add({}, {}, PeerExpected{"listen:127.0.0.1:2905", "vlr"});
  return log.events();
}

Snapshot recorded_snapshot() {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  Snapshot snapshot;
  snapshot.monotonic = MonotonicTime(milliseconds(100));
  snapshot.table = replay(recorded_log());
  snapshot.loop.turns = 1234;
  snapshot.loop.busy = milliseconds(56);
  snapshot.loop.lag_buckets = {90, 5, 3, 0, 1, 0, 0, 1};
  snapshot.loop.lag_sum = milliseconds(1300);
  snapshot.loop.lag_last = microseconds(50);
  return snapshot;
}

}  // namespace lksctp::test
