// One readable line per event, for every kind.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "lksctp/reactor/event.h"
#include "random_events.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

std::string line(EventBody body, AssociationId association = {},
                 EndpointId endpoint = {}) {
  Event event;
  event.seq = EventSeq(12);
  event.wall = WallTime(std::chrono::milliseconds(1'700'000'000'120));
  event.endpoint = endpoint;
  event.association = association;
  event.body = std::move(body);
  const std::string text = to_string(event);
  // 2023-11-14 22:13:20 UTC, wherever the test runs.
  const std::string start = "#12 22:13:20.120 ";
  EXPECT_EQ(text.substr(0, start.size()), start);
  return text.substr(start.size());
}

TEST(EventTextTest, Notifications) {
  EXPECT_EQ(line(Notification(
                     PeerAddressChange{.address = address("10.0.0.1"),
                                       .state = PeerAddressState::kConfirmed}),
                 AssociationId(3)),
            "assoc 3 SCTP_PEER_ADDR_CHANGE: SCTP_ADDR_CONFIRMED 10.0.0.1");
}

TEST(EventTextTest, Endpoints) {
  const EndpointId id(2);
  EXPECT_EQ(
      line(EndpointOpened{"hlr", EndpointRole::kListen, StackKind::kUsrsctp},
           {}, id),
      "endpoint 2 endpoint_opened: hlr, listen, usrsctp");
  EXPECT_EQ(
      line(EndpointBound{{address("10.0.0.1"), address("::1")}, 9899}, {}, id),
      "endpoint 2 endpoint_bound: 10.0.0.1:2905 [::1]:2905, UDP port "
      "9899");
  EXPECT_EQ(line(EndpointClosed{}, {}, id), "endpoint 2 endpoint_closed");
  EXPECT_EQ(line(AcceptStateChanged{}, {}, id),
            "endpoint 2 accept_state_changed: accepting");
  EXPECT_EQ(line(AcceptStateChanged{Error::system(24, "accept")}, {}, id),
            "endpoint 2 accept_state_changed: paused, EMFILE: accept: too many "
            "open files");
}

TEST(EventTextTest, PeersAndAssociations) {
  const AssociationId id(3);
  EXPECT_EQ(line(PeerExpected{"connect", "hlr"}),
            "peer_expected: hlr at connect");
  EXPECT_EQ(line(PeerForgotten{"connect", "hlr"}),
            "peer_forgotten: hlr at connect");
  EXPECT_EQ(line(ConnectRequested{"hlr", {address("10.0.0.1")}}, id),
            "assoc 3 connect_requested: hlr, to 10.0.0.1:2905");
  EXPECT_EQ(
      line(ConnectFailed{Error::system(111, "connect", address("10.0.0.1"))},
           id),
      "assoc 3 connect_failed: ECONNREFUSED: connect 10.0.0.1:2905: "
      "connection refused");
  EXPECT_EQ(line(AssociationAccepted{"hlr", address("10.0.0.1")}, id),
            "assoc 3 association_accepted: hlr, from 10.0.0.1:2905");
  EXPECT_EQ(line(ShutdownRequested{}, id), "assoc 3 shutdown_requested");
  EXPECT_EQ(line(AbortRequested{"bye"}, id),
            "assoc 3 abort_requested: \"bye\"");
  EXPECT_EQ(line(AbortRequested{}, id),
            "assoc 3 abort_requested: no reason given");
  EXPECT_EQ(line(AssociationClosed{CloseReason::kAbortRemote,
                                   CauseCode::kUserInitiatedAbort,
                                   {}},
                 id),
            "assoc 3 association_closed: abort_remote, cause 12 "
            "(user-initiated abort)");
}

TEST(EventTextTest, OptionsThatArePresent) {
  SocketOptions options;
  options.no_delay = true;
  options.rto.minimum = Milliseconds(100);
  options.initiation.outbound_streams = 7;
  EXPECT_EQ(line(OptionsChanged{options}),
            "options_changed: outbound_streams 7, no_delay on, rto_minimum 100 "
            "ms");
  EXPECT_EQ(line(OptionsChanged{}), "options_changed: none readable");
}

TEST(EventTextTest, Failures) {
  EXPECT_EQ(line(MessageFailed{.stream = StreamId(1),
                               .ppid = Ppid(3),
                               .context = 9,
                               .size = 100,
                               .kind = SendFailedKind::kSent}),
            "message_failed: 100 bytes on stream 1, ppid 3, context 9, sent");
  EXPECT_EQ(line(ReceiveFailed{Error::make(ErrorCode::kMessageTooLarge,
                                           "message above 10 bytes"),
                               Bytes(4)}),
            "receive_failed: ERR_SCTP_MESSAGE_TOO_LARGE: message above 10 "
            "bytes (4 bytes)");
}

TEST(EventTextTest, Samples) {
  EXPECT_EQ(line(StatusSampled{.state = AssociationState::kEstablished,
                               .peer_receive_window = 65536,
                               .inbound_streams = 5,
                               .outbound_streams = 10}),
            "status_sampled: established, peer window 65536, unacknowledged 0, "
            "pending 0, streams 5 in 10 out, send queue 0 bytes");
  EXPECT_EQ(line(PathsSampled{{{.address = address("10.0.0.1"),
                                .state = PathState::kActive,
                                .primary = true,
                                .congestion_window = 4380,
                                .srtt = Milliseconds(3),
                                .rto = Milliseconds(1000),
                                .mtu = 1500}}}),
            "paths_sampled: 10.0.0.1:2905 active primary, srtt 3 ms, rto 1000 "
            "ms, cwnd 4380, mtu 1500");
  EXPECT_EQ(line(PathsSampled{}), "paths_sampled: no path");
  EXPECT_EQ(line(LocalAddressesSampled{}),
            "local_addresses_sampled: no address");
  EXPECT_EQ(line(TrafficSampled{{1, 2}, {3, 4}, {}}),
            "traffic_sampled: sent 1 messages 2 bytes, received 3 messages 4 "
            "bytes");
  AssociationStatistics counted;
  counted.max_rto = Milliseconds(3000);
  counted.packets_sent = 7;
  const std::string text = line(StatisticsSampled{counted});
  EXPECT_EQ(text.substr(0, 53),
            "statistics_sampled: max_rto 3000 ms, packets_sent 7, ");
  EXPECT_EQ(line(LogGap{EventSeq(3), EventSeq(9)}), "log_gap: #3 to #9");
  EXPECT_EQ(line(LogRecovered{"0192", EventSeq(8), 17}),
            "log_recovered: journal 0192 to #8, 17 bytes lost");
}

TEST(EventTextTest, TimeBeforeTheEpochIsStillATime) {
  Event event{.body = LogRecovered{}};
  event.wall = WallTime(std::chrono::milliseconds(-1));
  EXPECT_EQ(to_string(event),
            "#0 23:59:59.999 log_recovered: journal  to #0, 0 bytes lost");
}

TEST(EventTextTest, EveryEventIsOneLine) {
  for (const Event& event : RandomEvents(3).take(2000)) {
    const std::string text = to_string(event);
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_LT(text.size(), 1000U);
  }
}

}  // namespace
}  // namespace lksctp::test
