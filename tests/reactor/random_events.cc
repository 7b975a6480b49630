#include "random_events.h"

#include <chrono>
#include <string>
#include <utility>

namespace lksctp::test {

Event RandomEvents::next() {
  time_ += pick(1'000'000'000);
  Event event;
  event.seq = EventSeq(++seq_);
  event.monotonic = MonotonicTime(std::chrono::nanoseconds(time_));
  event.wall = WallTime(std::chrono::seconds(1'700'000'000) +
                        std::chrono::nanoseconds(time_));
  event.endpoint = EndpointId(pick(5));
  event.association = AssociationId(pick(12));
  event.body = body();
  return event;
}

std::vector<Event> RandomEvents::take(std::size_t count) {
  std::vector<Event> events;
  events.reserve(count);
  while (events.size() < count) events.push_back(next());
  return events;
}

Address RandomEvents::address() {
  if (chance(2)) return {};
  const std::string ip = "10.0.0." + std::to_string(1 + pick(4));
  return Address::parse(ip, chance(20) ? 0 : 2905).value();
}

std::string RandomEvents::peer_name() {
  return std::string("peer-") + static_cast<char>('a' + pick(4));
}

Traffic RandomEvents::traffic() {
  const std::uint64_t messages = pick(1000);
  return {messages, messages * pick(1500)};
}

EventBody RandomEvents::paths() {
  PathsSampled sample;
  for (std::uint32_t i = pick(4); i > 0; --i) {
    sample.paths.push_back(PathInfo{.address = address(),
                                    .state = pick_value<PathState>(5),
                                    .primary = chance(50),
                                    .congestion_window = pick(65536),
                                    .srtt = Milliseconds(pick(500)),
                                    .rto = Milliseconds(pick(3000)),
                                    .mtu = 1500});
  }
  return sample;
}

EventBody RandomEvents::statistics() {
  StatisticsSampled sample;
  sample.statistics.max_rto = Milliseconds(pick(60'000));
  for (const StatisticsRow& row : statistics_rows()) {
    sample.statistics.*row.member = pick(10'000);
  }
  return sample;
}

Notification RandomEvents::notification() {
  switch (pick(11)) {
    case 0:
    case 1:
    case 2:
      return AssociationChange{
          .state = pick_value<AssociationChangeState>(7),
          .outbound_streams = static_cast<std::uint16_t>(pick(65536)),
          .inbound_streams = static_cast<std::uint16_t>(pick(65536)),
          .association = StackAssociationId(pick(4))};
    case 3:
    case 4:
    case 5:
      return PeerAddressChange{.address = address(),
                               .state = pick_value<PeerAddressState>(9)};
    case 6:
      return ShutdownEvent{};
    case 7: {
      StreamChange change{.result = pick_value<ReconfigurationResult>(3)};
      if (chance(50)) {
        change.inbound_added = static_cast<std::uint16_t>(pick(65536));
      }
      if (chance(50)) {
        change.outbound_streams = static_cast<std::uint16_t>(pick(65536));
      }
      return change;
    }
    case 8:
      return UnknownNotification{.type =
                                     static_cast<std::uint16_t>(pick(65536))};
    case 9:
      return RemoteError{.error = pick_value<CauseCode>(20)};
    default:
      return SenderDry{};
  }
}

EventBody RandomEvents::body() {
  switch (pick(27)) {
    case 0:
      return EndpointOpened{
          .name = chance(50) ? "connect" : "listen:" + peer_name(),
          .role = pick_value<EndpointRole>(2)};
    case 1:
      return EndpointBound{.local = {address()}};
    case 2:
      return EventBody(EndpointClosed{});
    case 3:
      return AcceptStateChanged{
          .error = chance(50) ? std::optional(Error::system(24, "accept"))
                              : std::nullopt};
    case 4:
      return PeerExpected{.endpoint = "connect", .peer = peer_name()};
    case 5:
      return PeerForgotten{.endpoint = "connect", .peer = peer_name()};
    case 6:
    case 7:
      return ConnectRequested{
          .peer = peer_name(), .remote = {address()}, .configured = chance(50)};
    case 8:
    case 9:
      return AssociationAccepted{.peer = peer_name(), .remote = address()};
    case 10:
      return ConnectFailed{.error = Error::system(111, "connect")};
    case 11:
      return EventBody(ShutdownRequested{});
    case 12:
      return AbortRequested{.reason = "enough"};
    case 13:
      return AssociationClosed{.reason = pick_value<CloseReason>(8)};
    case 14:
      return OptionsChanged{};
    case 15:
      return MessageFailed{.size = pick(1500),
                           .kind = pick_value<SendFailedKind>(2)};
    case 16:
      return StatusSampled{
          .state = pick_value<AssociationState>(11),
          .inbound_streams = static_cast<std::uint16_t>(pick(20))};
    case 17:
      return paths();
    case 18:
      return LocalAddressesSampled{.local = {address()}};
    case 19:
      return TrafficSampled{
          .sent = traffic(),
          .received = traffic(),
          .streams = {{StreamId(static_cast<std::uint16_t>(pick(8))), traffic(),
                       traffic()}},
          .ppids = {{Ppid(pick(100)), traffic(), traffic()}},
          .would_block = pick(5)};
    case 20:
      return statistics();
    case 21:
      return ReceiveFailed{
          .error = chance(50) ? Error::make(ErrorCode::kMessageTooLarge, "")
                              : Error::system(74, "decode")};
    case 22:
      return LogGap{EventSeq(1), EventSeq(2)};
    default:
      return notification();
  }
}

}  // namespace lksctp::test
