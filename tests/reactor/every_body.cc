#include "every_body.h"

#include <string_view>

namespace lksctp::test {
namespace {

using namespace std::literals;

Bytes bytes(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

const Address kIpv4 = Address::parse("192.0.2.1", 2905).value();
const Address kIpv6 = Address::parse("fe80::1%2", 2906).value();

Error error() {
  Error error = Error::system(111, "connect", kIpv6, "start \"it\"\n");
  return error;
}

void add_notifications(std::vector<EventBody>& all) {
  const auto add = [&](Notification value) {
    all.emplace_back(std::move(value));
  };
  const ErrorCause cause{CauseCode::kUserInitiatedAbort, bytes("bye")};
  add(AssociationChange{
      .state = AssociationChangeState::kCommLost,
      .error = CauseCode::kUserInitiatedAbort,
      .outbound_streams = 10,
      .inbound_streams = 65535,
      .association = StackAssociationId(0xffff'ffff),
      .causes = {cause, {CauseCode(9999), {}}},
      .features = PeerFeatures{true, false, true, false, true, true}});
  add(PeerAddressChange{.address = kIpv6,
                        .state = PeerAddressState::kPotentiallyFailed,
                        .error = 4,
                        .association = StackAssociationId(7)});
  for (const bool deprecated : {false, true}) {
    add(SendFailed{.deprecated = deprecated,
                   .kind = SendFailedKind::kSent,
                   .error = CauseCode::kProtocolViolation,
                   .stream = StreamId(3),
                   .flags = 7,
                   .ppid = Ppid(46),
                   .context = 12,
                   .association = StackAssociationId(7),
                   .data = bytes("never\0there"sv)});
  }
  add(RemoteError{.error = CauseCode::kUserInitiatedAbort,
                  .association = StackAssociationId(7),
                  .cause = cause});
  add(ShutdownEvent{.association = StackAssociationId(7)});
  add(PartialDelivery{.indication = PartialDeliveryIndication::kAborted,
                      .stream = 70'000,
                      .sequence = 2,
                      .association = StackAssociationId(7)});
  add(AdaptationIndication{.indication = 0xdead'beef,
                           .association = StackAssociationId(7)});
  add(AuthenticationEvent{
      .indication = AuthenticationIndication::kNoAuthentication,
      .key_number = 1,
      .alternate_key_number = 2,
      .association = StackAssociationId(7)});
  add(SenderDry{.association = StackAssociationId(7)});
  add(StreamReset{.incoming = true,
                  .outgoing = true,
                  .result = ReconfigurationResult::kDenied,
                  .association = StackAssociationId(7),
                  .streams = {StreamId(1), StreamId(65534)}});
  add(AssociationReset{.result = ReconfigurationResult::kFailed,
                       .association = StackAssociationId(7),
                       .local_tsn = Tsn(0xffff'ffff),
                       .remote_tsn = Tsn(1)});
  add(StreamChange{.result = ReconfigurationResult::kDenied,
                   .association = StackAssociationId(7),
                   .inbound_added = 1,
                   .outbound_added = 2,
                   .inbound_streams = 3,
                   .outbound_streams = 4});
  add(NotificationsStopped{});
  add(UnknownNotification{.type = 0x8fff, .raw = bytes("\xff\x8f\x01\x02")});
}

SocketOptions every_option() {
  SocketOptions options;
  options.initiation = {10, 20, 3, Milliseconds(60'000)};
  options.delayed_sack = {Milliseconds(200), 2};
  options.no_delay = true;
  options.rto = {Milliseconds(3000), Milliseconds(1000), Milliseconds(60'000)};
  options.association = {10, Milliseconds(60'000)};
  options.path = {true, Milliseconds(30'000), 5, 1500, std::uint8_t{46}};
  options.max_segment = 1400;
  options.max_burst = 4;
  options.fragment_interleave = 1;
  options.potentially_failed = false;
  options.send_buffer = 1U << 20U;
  options.receive_buffer = 1U << 21U;
  options.sender_dry = true;
  return options;
}

AssociationStatistics every_counter() {
  AssociationStatistics statistics;
  statistics.max_rto = Milliseconds(1000);
  statistics.max_rto_path = kIpv6;
  std::uint64_t value = 0xffff'ffff'ffff'fff0;
  for (const StatisticsRow& row : statistics_rows()) {
    statistics.*row.member = value++;
  }
  return statistics;
}

}  // namespace

std::vector<EventBody> every_body() {
  std::vector<EventBody> all;
  add_notifications(all);
  all.emplace_back(EndpointOpened{.name = "listen:[::]:2905 \"\xc3\xa9\"",
                                  .role = EndpointRole::kConnect,
                                  .stack = StackKind::kUsrsctp});
  all.emplace_back(
      EndpointBound{.local = {kIpv4, kIpv6, {}}, .udp_port = 9899});
  all.emplace_back(EndpointClosed{});
  all.emplace_back(AcceptStateChanged{.error = error()});
  all.emplace_back(AcceptStateChanged{});
  all.emplace_back(PeerExpected{"connect", "msc-1"});
  all.emplace_back(PeerForgotten{"connect", "msc-1"});
  all.emplace_back(ConnectRequested{
      .peer = "msc-1", .remote = {kIpv4, kIpv6}, .configured = false});
  all.emplace_back(ConnectFailed{.error = error()});
  all.emplace_back(AssociationAccepted{.peer = "msc-1", .remote = kIpv6});
  all.emplace_back(ShutdownRequested{});
  all.emplace_back(AbortRequested{.reason = "enough \\ \"of it\"\t\x01"});
  all.emplace_back(
      AssociationClosed{.reason = CloseReason::kError,
                        .cause = CauseCode::kOutOfResource,
                        .error = Error::make(ErrorCode::kClosed, "gone", 104)});
  all.emplace_back(OptionsChanged{every_option()});
  all.emplace_back(MessageFailed{.stream = StreamId(3),
                                 .ppid = Ppid(46),
                                 .context = 12,
                                 .size = 0xffff'ffff'ffff'ffff,
                                 .kind = SendFailedKind::kSent,
                                 .cause = CauseCode::kProtocolViolation});
  all.emplace_back(ReceiveFailed{.error = error(), .raw = bytes("\x01\x80")});
  all.emplace_back(StatusSampled{.state = AssociationState::kShutdownAckSent,
                                 .stack_association = StackAssociationId(7),
                                 .peer_receive_window = 131'072,
                                 .unacknowledged_chunks = 1,
                                 .pending_chunks = 2,
                                 .inbound_streams = 3,
                                 .outbound_streams = 4,
                                 .fragmentation_point = 1420,
                                 .send_queue = 0x1'0000'0000});
  all.emplace_back(
      PathsSampled{.paths = {{.address = kIpv4,
                              .state = PathState::kActive,
                              .primary = true,
                              .congestion_window = 4380,
                              .srtt = Milliseconds(10),
                              .rto = Milliseconds(1000),
                              .mtu = 1500},
                             {.address = kIpv6, .state = PathState{17}}}});
  all.emplace_back(LocalAddressesSampled{.local = {kIpv6, kIpv4}});
  all.emplace_back(TrafficSampled{
      .sent = {1, 2},
      .received = {3, 4},
      .streams = {{StreamId(5), {6, 7}, {8, 9}}},
      .ppids = {{kOtherPpid, {10, 11}, {12, 0xffff'ffff'ffff'ffff}}},
      .would_block = 13});
  all.emplace_back(StatisticsSampled{every_counter()});
  all.emplace_back(LogGap{EventSeq(1), EventSeq(0xffff'ffff'ffff'ffff)});
  all.emplace_back(
      LogRecovered{"01920000-0000-7000-8000-000000000000", EventSeq(17), 4096});
  return all;
}

}  // namespace lksctp::test
