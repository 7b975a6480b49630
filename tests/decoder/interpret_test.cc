#include "lksctp/decoder/interpret.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace lksctp {
namespace {

TEST(Interpret, AssociationUpShowsTheStreams) {
  AssociationChange change{.outbound_streams = 7, .inbound_streams = 10};
  EXPECT_EQ(interpret(change),
            "SCTP_ASSOC_CHANGE: SCTP_COMM_UP, MIS 10 / OS 7");
  change.state = AssociationChangeState::kRestart;
  EXPECT_EQ(interpret(change),
            "SCTP_ASSOC_CHANGE: SCTP_RESTART, MIS 10 / OS 7");
}

TEST(Interpret, AssociationEndShowsTheCause) {
  AssociationChange change{.state = AssociationChangeState::kCommLost};
  EXPECT_EQ(interpret(change), "SCTP_ASSOC_CHANGE: SCTP_COMM_LOST");
  change.error = CauseCode::kUserInitiatedAbort;
  EXPECT_EQ(interpret(change),
            "SCTP_ASSOC_CHANGE: SCTP_COMM_LOST, user-initiated abort");
  change.causes = {
      {CauseCode::kUserInitiatedAbort, from_hex("6279652d726561736f6e")}};
  EXPECT_EQ(
      interpret(change),
      R"(SCTP_ASSOC_CHANGE: SCTP_COMM_LOST, user-initiated abort "bye-reason")");
  EXPECT_EQ(interpret(AssociationChange{
                .state = AssociationChangeState::kShutdownComplete}),
            "SCTP_ASSOC_CHANGE: SCTP_SHUTDOWN_COMP");
  EXPECT_EQ(
      interpret(AssociationChange{.state = AssociationChangeState::kCantStart}),
      "SCTP_ASSOC_CHANGE: SCTP_CANT_STR_ASSOC");
  EXPECT_EQ(interpret(AssociationChange{.state = AssociationChangeState{9}}),
            "SCTP_ASSOC_CHANGE: value 9");
}

TEST(Interpret, PeerAddressChange) {
  EXPECT_EQ(
      interpret(PeerAddressChange{.address = *Address::parse("10.0.0.1", 2905),
                                  .state = PeerAddressState::kConfirmed}),
      "SCTP_PEER_ADDR_CHANGE: SCTP_ADDR_CONFIRMED 10.0.0.1");
  EXPECT_EQ(interpret(PeerAddressChange{
                .state = PeerAddressState::kPotentiallyFailed}),
            "SCTP_PEER_ADDR_CHANGE: SCTP_ADDR_POTENTIALLY_FAILED");
}

TEST(Interpret, AuthenticationShowsTheKeyWhereThereIsOne) {
  EXPECT_EQ(interpret(AuthenticationEvent{.key_number = 1}),
            "SCTP_AUTHENTICATION_EVENT: SCTP_AUTH_NEW_KEY, key id 1");
  EXPECT_EQ(interpret(AuthenticationEvent{
                .indication = AuthenticationIndication::kNoAuthentication}),
            "SCTP_AUTHENTICATION_EVENT: SCTP_AUTH_NO_AUTH");
}

TEST(Interpret, SendFailed) {
  SendFailed failed{.kind = SendFailedKind::kSent,
                    .error = CauseCode::kUserInitiatedAbort,
                    .stream = StreamId(3),
                    .ppid = Ppid(7),
                    .context = 777,
                    .data = Bytes(1)};
  EXPECT_EQ(interpret(failed),
            "SCTP_SEND_FAILED_EVENT: SCTP_DATA_SENT, stream 3, PPID 7, context "
            "777, 1 byte, user-initiated abort");
  failed.deprecated = true;
  failed.error = CauseCode::kNone;
  failed.data.clear();
  EXPECT_EQ(
      interpret(failed),
      "SCTP_SEND_FAILED: SCTP_DATA_SENT, stream 3, PPID 7, context 777, 0 "
      "bytes");
}

TEST(Interpret, SmallNotifications) {
  EXPECT_EQ(interpret(ShutdownEvent{}),
            "SCTP_SHUTDOWN_EVENT: the peer sends no more");
  EXPECT_EQ(interpret(SenderDry{}),
            "SCTP_SENDER_DRY_EVENT: all data is acknowledged");
  EXPECT_EQ(interpret(AdaptationIndication{.indication = 0xbeef}),
            "SCTP_ADAPTATION_INDICATION: 0x0000beef");
  EXPECT_EQ(
      interpret(PartialDelivery{.stream = 4, .sequence = 1}),
      "SCTP_PARTIAL_DELIVERY_EVENT: SCTP_PARTIAL_DELIVERY_ABORTED, stream "
      "4, sequence 1");
  EXPECT_EQ(interpret(NotificationsStopped{}),
            "SCTP_NOTIFICATIONS_STOPPED_EVENT: notifications were lost");
  EXPECT_EQ(interpret(UnknownNotification{0x8055, Bytes(12)}),
            "unknown notification 0x8055: 12 bytes");
  EXPECT_EQ(interpret(RemoteError{.cause = {CauseCode::kUnrecognizedChunkType,
                                            from_hex("c500000841424344")}}),
            "SCTP_REMOTE_ERROR: unrecognized chunk type, chunk type 197");
}

TEST(Interpret, Reconfiguration) {
  EXPECT_EQ(interpret(StreamReset{.outgoing = true}),
            "SCTP_STREAM_RESET_EVENT: outgoing, all streams");
  EXPECT_EQ(interpret(StreamReset{.incoming = true,
                                  .result = ReconfigurationResult::kDenied,
                                  .streams = {StreamId(1), StreamId(3)}}),
            "SCTP_STREAM_RESET_EVENT: incoming denied, streams 1 3");
  EXPECT_EQ(
      interpret(AssociationReset{.local_tsn = Tsn(1), .remote_tsn = Tsn(2)}),
      "SCTP_ASSOC_RESET_EVENT: performed, local TSN 1, remote TSN 2");
  EXPECT_EQ(
      interpret(StreamChange{.inbound_added = 0,
                             .outbound_added = 3,
                             .inbound_streams = 10,
                             .outbound_streams = 13}),
      "SCTP_STREAM_CHANGE_EVENT: performed, MIS 10 / OS 13, added 0 in / 3 "
      "out");
  EXPECT_EQ(interpret(StreamChange{.result = ReconfigurationResult::kFailed}),
            "SCTP_STREAM_CHANGE_EVENT: failed");
}

}  // namespace
}  // namespace lksctp
