#include "lksctp/reactor/association_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "lksctp/reactor/event_log.h"
#include "table_builder.h"
#include "table_invariants.h"

namespace lksctp::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr AssociationId kFirst{1};
constexpr AssociationId kSecond{2};
constexpr auto kUp = AssociationChangeState::kCommUp;
constexpr auto kLost = AssociationChangeState::kCommLost;

class AssociationTableTest : public ::testing::Test {
 protected:
  ~AssociationTableTest() override {
    EXPECT_THAT(broken_invariants(t.table()), IsEmpty());
    EXPECT_EQ(replay(t.events()), t.table());
  }

  const AssociationRecord& first() const {
    return *t.table().association(kFirst);
  }
  const PeerRecord& connected_peer() const {
    return *t.table().peer("connect", "10.0.0.1:2905");
  }
  TableBuilder& connected() {
    return t.open_connector().connect(kFirst).change(kFirst, kUp);
  }

  TableBuilder t;
};

TEST_F(AssociationTableTest, StartsEmpty) {
  EXPECT_EQ(t.table().seq(), EventSeq(0));
  EXPECT_THAT(t.table().associations(), IsEmpty());
  EXPECT_EQ(t.table().association(kFirst), nullptr);
  EXPECT_EQ(t.table().endpoint(TableBuilder::kListener), nullptr);
  EXPECT_EQ(t.table().peer("connect", "x"), nullptr);
}

TEST_F(AssociationTableTest, EndpointIsOpenedBoundAndClosed) {
  t.open_listener().add(
      TableBuilder::kListener, {},
      EndpointBound{.local = {address("127.0.0.1")}, .udp_port = 9899});
  const EndpointRecord& record = *t.table().endpoint(TableBuilder::kListener);
  EXPECT_EQ(record.name, "listen:127.0.0.1:2905");
  EXPECT_EQ(record.stack, StackKind::kUsrsctp);
  EXPECT_THAT(record.local, ElementsAre(address("127.0.0.1")));
  EXPECT_EQ(record.udp_port, 9899);
  EXPECT_TRUE(record.open);
  t.add(TableBuilder::kListener, {}, EndpointClosed{});
  EXPECT_THAT(t.table().endpoints(), IsEmpty());
}

TEST_F(AssociationTableTest, ClosedEndpointStaysUntilItsLastAssociationIsGone) {
  t.open_listener().accept(kFirst).add(TableBuilder::kListener, {},
                                       EndpointClosed{});
  EXPECT_FALSE(t.table().endpoint(TableBuilder::kListener)->open);
  t.close(kFirst, CloseReason::kAbortLocal);
  EXPECT_THAT(t.table().endpoints(), IsEmpty());
}

TEST_F(AssociationTableTest, ConnectEndpointGoesWithItsAssociation) {
  connected().close(kFirst, CloseReason::kShutdownLocal);
  EXPECT_THAT(t.table().endpoints(), IsEmpty());
  EXPECT_EQ(connected_peer().associations, 0U);
}

TEST_F(AssociationTableTest, PausedAcceptingIsKept) {
  const Error error = Error::system(24, "accept");
  t.open_listener().add(TableBuilder::kListener, {}, AcceptStateChanged{error});
  EXPECT_EQ(t.table().endpoint(TableBuilder::kListener)->accept_error, error);
  t.add(TableBuilder::kListener, {}, AcceptStateChanged{});
  EXPECT_FALSE(t.table().endpoint(TableBuilder::kListener)->accept_error);
}

TEST_F(AssociationTableTest, ConnectRequestedBeginsAnAssociation) {
  t.open_connector().connect(kFirst);
  EXPECT_EQ(first().role, EndpointRole::kConnect);
  EXPECT_EQ(first().state, AssociationState::kCookieWait);
  EXPECT_EQ(first().created, t.events().back().wall);
  EXPECT_EQ(first().requested_at, t.events().back().monotonic);
  EXPECT_THAT(first().remote, ElementsAre(address("10.0.0.1")));
  EXPECT_FALSE(first().established);
  EXPECT_TRUE(connected_peer().configured);
  EXPECT_EQ(connected_peer().associations, 1U);
  EXPECT_EQ(connected_peer().established, 0U);
}

TEST_F(AssociationTableTest, AcceptedPeerIsNotConfigured) {
  t.open_listener().accept(kFirst);
  EXPECT_EQ(first().role, EndpointRole::kListen);
  EXPECT_FALSE(t.table().peer("listen:127.0.0.1:2905", "10.0.0.9")->configured);
}

TEST_F(AssociationTableTest, NothingBeginsAtAnUnknownEndpointOrTwice) {
  t.connect(kFirst);
  EXPECT_THAT(t.table().associations(), IsEmpty());
  EXPECT_THAT(t.table().peers(), IsEmpty());
  t.open_connector().connect(kFirst).connect(kFirst, "other");
  EXPECT_EQ(first().peer, "10.0.0.1:2905");
  EXPECT_EQ(t.table().peer("connect", "other"), nullptr);
}

TEST_F(AssociationTableTest, CommUpEstablishes) {
  connected();
  EXPECT_EQ(first().state, AssociationState::kEstablished);
  EXPECT_EQ(first().established, t.events().back().wall);
  EXPECT_EQ(first().outbound_streams, 10);
  EXPECT_EQ(first().inbound_streams, 5);
  EXPECT_EQ(first().stack_association, StackAssociationId(3));
  EXPECT_EQ(connected_peer().established, 1U);
  EXPECT_EQ(connected_peer().last_change, t.events().back().wall);
  EXPECT_THAT(connected_peer().changes, ElementsAre(Pair(kUp, 1)));
  EXPECT_EQ(t.table().endpoint(TableBuilder::kConnector)->associations, 1U);
}

TEST_F(AssociationTableTest, SecondCommUpChangesNoGauge) {
  connected();
  const auto established = first().established;
  t.change(kFirst, kUp);
  EXPECT_EQ(first().established, established);
  EXPECT_EQ(connected_peer().established, 1U);
  EXPECT_THAT(connected_peer().changes, ElementsAre(Pair(kUp, 2)));
}

TEST_F(AssociationTableTest, RestartStaysUpWithNewStreams) {
  connected();
  const auto established = first().established;
  t.notify(kFirst, ShutdownEvent{})
      .change(kFirst, AssociationChangeState::kRestart, 2, 3);
  EXPECT_EQ(first().restarts, 1U);
  EXPECT_EQ(first().state, AssociationState::kEstablished);
  EXPECT_EQ(first().established, established);
  EXPECT_FALSE(first().peer_shutdown);
  EXPECT_EQ(first().outbound_streams, 2);
  EXPECT_EQ(first().inbound_streams, 3);
}

TEST_F(AssociationTableTest, EveryEndOfAnAssociationTakesItDown) {
  for (const auto state : {kLost, AssociationChangeState::kShutdownComplete,
                           AssociationChangeState::kCantStart}) {
    TableBuilder builder;
    builder.open_connector()
        .connect(kFirst)
        .change(kFirst, kUp)
        .change(kFirst, state);
    const AssociationRecord& record = *builder.table().association(kFirst);
    EXPECT_EQ(record.state, AssociationState::kClosed);
    EXPECT_FALSE(record.established);
    const PeerRecord& peer = *builder.table().peer("connect", "10.0.0.1:2905");
    EXPECT_EQ(peer.established, 0U);
    EXPECT_EQ(peer.associations, 1U) << "lives until it is closed";
    EXPECT_THAT(broken_invariants(builder.table()), IsEmpty());
  }
}

TEST_F(AssociationTableTest, GracefulShutdownStaysUpToItsEnd) {
  connected().add({}, kFirst, ShutdownRequested{});
  EXPECT_EQ(first().state, AssociationState::kShutdownPending);
  EXPECT_TRUE(first().shutdown_requested);
  EXPECT_EQ(connected_peer().established, 1U);
  t.notify(kFirst, ShutdownEvent{});
  EXPECT_EQ(first().state, AssociationState::kShutdownReceived);
  EXPECT_TRUE(first().peer_shutdown);
  t.change(kFirst, AssociationChangeState::kShutdownComplete);
  EXPECT_EQ(connected_peer().established, 0U);
}

TEST_F(AssociationTableTest, ShutdownOfWhatIsNotUpChangesNoState) {
  t.open_connector().connect(kFirst).notify(kFirst, ShutdownEvent{});
  t.add({}, kFirst, ShutdownRequested{}).add({}, kFirst, AbortRequested{"x"});
  EXPECT_EQ(first().state, AssociationState::kCookieWait);
  EXPECT_TRUE(first().abort_requested);
}

TEST_F(AssociationTableTest, FailedConnectIsClosed) {
  t.open_connector().connect(kFirst);
  t.add({}, kFirst, ConnectFailed{Error::system(111, "connect")});
  EXPECT_EQ(first().state, AssociationState::kClosed);
}

TEST_F(AssociationTableTest, CloseFoldsTotalsIntoThePeer) {
  connected().traffic(kFirst, {3, 300}, {2, 200});
  t.add({}, kFirst, MessageFailed{.size = 10});
  t.close(kFirst, CloseReason::kTimeout);
  EXPECT_EQ(t.table().association(kFirst), nullptr);
  const PeerRecord& peer = connected_peer();
  EXPECT_EQ(peer.sent, (Traffic{3, 300}));
  EXPECT_EQ(peer.received, (Traffic{2, 200}));
  EXPECT_EQ(peer.failed_messages, 1U);
  EXPECT_THAT(peer.closed, ElementsAre(Pair(CloseReason::kTimeout, 1)));
  EXPECT_EQ(peer.last_close, CloseReason::kTimeout);
  // Closed once: what comes later for the same id is not counted again.
  t.close(kFirst, CloseReason::kTimeout).traffic(kFirst, {9, 9}, {9, 9});
  EXPECT_EQ(connected_peer().sent, (Traffic{3, 300}));
}

TEST_F(AssociationTableTest, AssociationsOfOneNameAddUp) {
  t.open_listener().accept(kFirst, "hlr").accept(kSecond, "hlr");
  t.change(kFirst, kUp).change(kSecond, kUp);
  const auto peer = [this] {
    return t.table().peer("listen:127.0.0.1:2905", "hlr");
  };
  EXPECT_EQ(peer()->associations, 2U);
  EXPECT_EQ(peer()->established, 2U);
  t.traffic(kFirst, {1, 10}, {}).traffic(kSecond, {2, 20}, {});
  t.close(kFirst, CloseReason::kAbortRemote);
  t.close(kSecond, CloseReason::kAbortRemote);
  EXPECT_EQ(peer()->sent, (Traffic{3, 30}));
  EXPECT_THAT(peer()->closed, ElementsAre(Pair(CloseReason::kAbortRemote, 2)));
}

TEST_F(AssociationTableTest, ExpectedPeerIsThereBeforeItConnects) {
  t.add({}, {}, PeerExpected{"connect", "10.0.0.1:2905"});
  EXPECT_TRUE(connected_peer().configured);
  EXPECT_EQ(connected_peer().associations, 0U);
  connected();
  EXPECT_EQ(connected_peer().established, 1U);
}

// Whom we connected to, until we leave; whom we expect, for good.
TEST_F(AssociationTableTest, APeerThatWeLeftIsConfiguredNoLonger) {
  for (const CloseReason reason :
       {CloseReason::kShutdownLocal, CloseReason::kAbortLocal}) {
    connected();
    EXPECT_TRUE(connected_peer().configured) << "connected to (again)";
    t.close(kFirst, reason);
    EXPECT_FALSE(connected_peer().configured);
    EXPECT_FALSE(connected_peer().lost_at.has_value());
  }
  for (const CloseReason reason :
       {CloseReason::kShutdownRemote, CloseReason::kAbortRemote,
        CloseReason::kTimeout, CloseReason::kRefused, CloseReason::kError}) {
    connected().close(kFirst, reason);
    EXPECT_TRUE(connected_peer().configured) << close_reason_name(reason);
  }
  t.add({}, {}, PeerExpected{"connect", "10.0.0.1:2905"});
  connected().close(kFirst, CloseReason::kShutdownLocal);
  EXPECT_TRUE(connected_peer().configured) << "expected";
}

TEST_F(AssociationTableTest, APeerIsLeftWithTheLastOfItsAssociations) {
  connected().connect(kSecond).close(kFirst, CloseReason::kShutdownLocal);
  EXPECT_TRUE(connected_peer().configured);
  t.close(kSecond, CloseReason::kShutdownLocal);
  EXPECT_FALSE(connected_peer().configured);
}

TEST_F(AssociationTableTest, PeerIsForgottenOnlyWithoutAssociations) {
  const PeerForgotten forgotten{"connect", "10.0.0.1:2905"};
  connected().add({}, {}, forgotten);
  EXPECT_EQ(connected_peer().established, 1U);
  t.close(kFirst, CloseReason::kShutdownLocal).add({}, {}, forgotten);
  EXPECT_THAT(t.table().peers(), IsEmpty());
  t.add({}, {}, forgotten);
}

TEST_F(AssociationTableTest, PathsFollowTheirNotifications) {
  const Address a = address("10.0.0.1");
  const Address b = address("10.0.0.2");
  connected()
      .path(kFirst, a, PeerAddressState::kConfirmed)
      .path(kFirst, b, PeerAddressState::kAdded);
  EXPECT_EQ(first().paths.at(a).info.state, PathState::kActive);
  EXPECT_EQ(first().paths.at(b).info.state, PathState::kUnconfirmed);
  t.path(kFirst, a, PeerAddressState::kMadePrimary);
  t.path(kFirst, b, PeerAddressState::kMadePrimary);
  EXPECT_FALSE(first().paths.at(a).info.primary);
  EXPECT_TRUE(first().paths.at(b).info.primary);
  t.path(kFirst, a, PeerAddressState::kPotentiallyFailed);
  EXPECT_EQ(first().paths.at(a).info.state, PathState::kPotentiallyFailed);
  t.path(kFirst, a, PeerAddressState::kUnreachable);
  EXPECT_EQ(first().paths.at(a).info.state, PathState::kInactive);
  t.path(kFirst, a, PeerAddressState::kAvailable);
  EXPECT_EQ(first().paths.at(a).info.state, PathState::kActive);
  EXPECT_THAT(first().paths.at(a).changes, ElementsAre(1, 1, 0, 0, 1, 1, 1, 0));
  t.path(kFirst, b, PeerAddressState::kRemoved);
  EXPECT_FALSE(first().paths.contains(b));
  EXPECT_THAT(connected_peer().path_changes.at("10.0.0.2"),
              ElementsAre(0, 0, 1, 1, 1, 0, 0, 0));
}

TEST_F(AssociationTableTest, PathWithoutPortIsTheOneWithThatAddress) {
  connected().path(kFirst, address("10.0.0.1"), PeerAddressState::kConfirmed);
  t.path(kFirst, address("10.0.0.1", 0), PeerAddressState::kUnreachable);
  EXPECT_EQ(first().paths.size(), 1U);
  EXPECT_EQ(first().paths.begin()->second.info.state, PathState::kInactive);
}

TEST_F(AssociationTableTest, UnnamedValuesAndNoAddressAreHarmless) {
  connected()
      .path(kFirst, address("10.0.0.1"), PeerAddressState{77})
      .path(kFirst, {}, PeerAddressState::kAvailable)
      .change(kFirst, AssociationChangeState{1234});
  EXPECT_EQ(first().paths.size(), 1U);
  EXPECT_EQ(first().paths.begin()->second.changes.back(), 1U);
  EXPECT_EQ(connected_peer().changes.at(kOtherChange), 1U);
}

TEST_F(AssociationTableTest, AddressesOfAPeerAreBounded) {
  connected();
  for (std::size_t i = 0; i < kMaxPeerAddresses + 5; ++i) {
    const std::string ip = "10.1.0." + std::to_string(i);
    t.path(kFirst, address(ip.c_str()), PeerAddressState::kAdded);
    t.path(kFirst, address(ip.c_str()), PeerAddressState::kRemoved);
  }
  EXPECT_EQ(connected_peer().path_changes.size(), kMaxPeerAddresses + 1);
  EXPECT_THAT(connected_peer().path_changes.at("other"),
              ElementsAre(0, 0, 5, 5, 0, 0, 0, 0));
}

TEST_F(AssociationTableTest, PathSampleReplacesAllButTheCounts) {
  const Address a = address("10.0.0.1");
  const Address b = address("10.0.0.2");
  connected()
      .path(kFirst, a, PeerAddressState::kConfirmed)
      .path(kFirst, b, PeerAddressState::kConfirmed);
  const PathInfo info{.address = a,
                      .state = PathState::kInactive,
                      .primary = true,
                      .srtt = Milliseconds(12)};
  t.add({}, kFirst, PathsSampled{{info}});
  EXPECT_EQ(first().paths.size(), 1U);
  EXPECT_EQ(first().paths.at(a).info, info);
  EXPECT_EQ(first().paths.at(a).changes[5], 1U);
}

TEST_F(AssociationTableTest, StatusSampleCorrectsTheState) {
  t.open_connector().connect(kFirst);
  StatusSampled status{.state = AssociationState::kEstablished,
                       .stack_association = StackAssociationId(8),
                       .inbound_streams = 4};
  t.add({}, kFirst, status);
  EXPECT_EQ(first().status, status);
  EXPECT_EQ(connected_peer().established, 1U) << "COMM_UP was missed";
  EXPECT_EQ(first().inbound_streams, 4);
  status.state = AssociationState::kClosed;
  t.add({}, kFirst, status);
  EXPECT_EQ(connected_peer().established, 0U);
  status.state = AssociationState{99};
  t.add({}, kFirst, status);
  EXPECT_EQ(first().state, AssociationState::kClosed);
}

TEST_F(AssociationTableTest, TrafficNeverFallsAndMergesStreams) {
  connected();
  const StreamTraffic one{StreamId(1), {1, 10}, {}};
  const StreamTraffic two{StreamId(2), {2, 20}, {3, 30}};
  t.add({}, kFirst, TrafficSampled{{3, 30}, {3, 30}, {one, two}});
  t.add({}, kFirst,
        TrafficSampled{{4, 40}, {1, 1}, {{StreamId(1), {2, 20}, {}}}});
  EXPECT_EQ(first().sent, (Traffic{4, 40}));
  EXPECT_EQ(first().received, (Traffic{3, 30}));
  EXPECT_EQ(first().streams.at(StreamId(1)).sent, (Traffic{2, 20}));
  EXPECT_EQ(first().streams.at(StreamId(2)).received, (Traffic{3, 30}));
}

TEST_F(AssociationTableTest, StreamChangeAddsOrSetsAndSaturates) {
  connected().notify(kFirst, StreamChange{.inbound_added = 3});
  EXPECT_EQ(first().inbound_streams, 8);
  t.notify(kFirst, StreamChange{.outbound_streams = 20});
  EXPECT_EQ(first().outbound_streams, 20);
  t.notify(kFirst, StreamChange{.outbound_added = 65535});
  EXPECT_EQ(first().outbound_streams, 65535);
  t.notify(kFirst, StreamChange{.result = ReconfigurationResult::kDenied,
                                .inbound_added = 100});
  EXPECT_EQ(first().inbound_streams, 8);
}

TEST_F(AssociationTableTest, OptionsAndLocalAddressesAreTheLatest) {
  connected();
  SocketOptions options;
  options.no_delay = true;
  t.add({}, kFirst, OptionsChanged{options});
  t.add({}, kFirst, LocalAddressesSampled{{address("127.0.0.1", 5)}});
  EXPECT_EQ(first().options, options);
  EXPECT_THAT(first().local, ElementsAre(address("127.0.0.1", 5)));
}

TEST_F(AssociationTableTest, NotificationsAreCountedWhoeverTheyAreFor) {
  connected()
      .notify(kFirst, SenderDry{})
      .notify(AssociationId(99), SenderDry{})
      .notify({}, UnknownNotification{.type = 0x9999});
  EXPECT_THAT(t.table().notifications(),
              ElementsAre(Pair("association_change", 1), Pair("sender_dry", 2),
                          Pair("unknown", 1)));
  EXPECT_THAT(
      connected_peer().notifications,
      ElementsAre(Pair("association_change", 1), Pair("sender_dry", 1)));
}

TEST_F(AssociationTableTest, LogFactsOnlyMoveTheSequence) {
  connected();
  const AssociationTable before = t.table();
  t.add({}, {}, LogGap{EventSeq(1), EventSeq(2)})
      .add({}, {}, LogRecovered{"", {}, 5});
  EXPECT_EQ(t.table().seq().value(), before.seq().value() + 2);
  EXPECT_EQ(t.table().associations(), before.associations());
}

TEST_F(AssociationTableTest, CopySharesEveryRecordThatHasNotChanged) {
  t.open_listener().accept(kFirst, "a").accept(kSecond, "b");
  const AssociationTable copy = t.table();
  t.change(kFirst, kUp).change(kFirst, kUp);
  EXPECT_EQ(copy.association(kFirst)->state, AssociationState::kClosed);
  EXPECT_NE(copy.association(kFirst), t.table().association(kFirst));
  EXPECT_EQ(copy.association(kSecond), t.table().association(kSecond));
  const std::string listener = "listen:127.0.0.1:2905";
  EXPECT_EQ(copy.peer(listener, "b"), t.table().peer(listener, "b"));
  EXPECT_EQ(copy.peer(listener, "a")->established, 0U);
}

TEST_F(AssociationTableTest, RecordIsClonedOncePerCopy) {
  connected();
  const AssociationTable copy = t.table();
  t.traffic(kFirst, {1, 1}, {});
  const AssociationRecord* clone = t.table().association(kFirst);
  t.traffic(kFirst, {2, 2}, {});
  EXPECT_EQ(t.table().association(kFirst), clone);
  EXPECT_EQ(copy.association(kFirst)->sent, Traffic{});
}

TEST_F(AssociationTableTest, ChangingACopyLeavesTheOriginal) {
  connected();
  AssociationTable copy = t.table();
  AssociationTable assigned;
  assigned = copy;
  Event event = t.events().back();
  event.body = MessageFailed{};
  copy.apply(event);
  EXPECT_EQ(copy.association(kFirst)->failed_messages, 1U);
  EXPECT_EQ(first().failed_messages, 0U);
  EXPECT_EQ(assigned, t.table());
}

}  // namespace
}  // namespace lksctp::test
