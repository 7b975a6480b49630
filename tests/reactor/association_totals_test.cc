// What is added up over the associations of a peer and the peers of an endpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

#include "lksctp/reactor/association_table.h"
#include "table_builder.h"
#include "table_invariants.h"

namespace lksctp::test {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr AssociationId kFirst{1};
constexpr AssociationId kSecond{2};
constexpr auto kUp = AssociationChangeState::kCommUp;
constexpr auto kLost = AssociationChangeState::kCommLost;

template <typename Durations>
std::uint64_t count_of(const Durations& durations) {
  return std::accumulate(durations.buckets.begin(), durations.buckets.end(),
                         std::uint64_t{0});
}

// Every event of the builder is one millisecond later than the one before.
class AssociationTotalsTest : public ::testing::Test {
 protected:
  ~AssociationTotalsTest() override {
    EXPECT_THAT(broken_invariants(t.table()), IsEmpty());
  }

  const EndpointTotals& totals(std::string_view endpoint = "connect") {
    return *t.table().totals().find(endpoint)->second;
  }
  const PeerRecord& peer() { return *t.table().peer("connect", "hlr"); }

  TableBuilder t;
};

TEST(DurationCountsTest, BoundsAreInclusive) {
  SetupDurations counts;
  counts.add(milliseconds(10));
  counts.add(milliseconds(11));
  counts.add(milliseconds(30'000));
  counts.add(milliseconds(30'001));
  counts.add(milliseconds(-5));
  EXPECT_THAT(counts.buckets, ElementsAre(2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1));
  EXPECT_EQ(counts.sum, milliseconds(60'022));
}

// A file may tell any times.
TEST(DurationCountsTest, TimesAsFarApartAsTheyCanBe) {
  SetupDurations counts;
  counts.add(MonotonicTime::min(), MonotonicTime::max());
  counts.add(MonotonicTime::min(), MonotonicTime::max());
  EXPECT_EQ(counts.sum, std::chrono::nanoseconds::max());
  counts.add(MonotonicTime::max(), MonotonicTime::min());
  EXPECT_THAT(counts.buckets, ElementsAre(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2));
  SetupDurations none;
  none.add(MonotonicTime::max(), MonotonicTime::min());
  EXPECT_EQ(none.sum, milliseconds(0));
}

TEST_F(AssociationTotalsTest, SetupIsMeasuredWhereWeConnect) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  EXPECT_EQ(count_of(totals().setup), 1U);
  EXPECT_EQ(totals().setup.sum, milliseconds(1));
  t.open_listener().accept(kSecond).change(kSecond, kUp);
  EXPECT_EQ(count_of(totals("listen:127.0.0.1:2905").setup), 0U);
}

TEST_F(AssociationTotalsTest, OutageLastsFromTheLossToTheNextComingUp) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.change(kFirst, kLost).close(kFirst, CloseReason::kTimeout);
  EXPECT_TRUE(peer().lost_at.has_value());
  EXPECT_EQ(count_of(totals().outage), 0U);
  t.open_connector().connect(kSecond, "hlr").change(kSecond, kUp);
  EXPECT_EQ(count_of(totals().outage), 1U);
  EXPECT_EQ(totals().outage.sum, milliseconds(4));
  EXPECT_FALSE(peer().lost_at.has_value());
}

TEST_F(AssociationTotalsTest, WhatWasMeantToEndIsNoOutage) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.add({}, kFirst, ShutdownRequested{})
      .change(kFirst, AssociationChangeState::kShutdownComplete)
      .close(kFirst, CloseReason::kShutdownLocal);
  EXPECT_FALSE(peer().lost_at.has_value());
  t.open_connector().connect(kSecond, "hlr").change(kSecond, kUp);
  t.add({}, kSecond, AbortRequested{}).change(kSecond, kLost);
  t.close(kSecond, CloseReason::kAbortLocal);
  EXPECT_FALSE(peer().lost_at.has_value());
}

TEST_F(AssociationTotalsTest, OneOfTwoAssociationsIsNoOutage) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.connect(kSecond, "hlr").change(kSecond, kUp).change(kFirst, kLost);
  EXPECT_FALSE(peer().lost_at.has_value());
}

TEST_F(AssociationTotalsTest, LifetimeEndsOnce) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.change(kFirst, kLost).close(kFirst, CloseReason::kTimeout);
  EXPECT_EQ(count_of(totals().lifetime), 1U);
  EXPECT_EQ(totals().lifetime.sum, milliseconds(1));
}

TEST_F(AssociationTotalsTest, EndpointKeepsWhatForgottenPeersDid) {
  t.open_listener().accept(kFirst).change(kFirst, kUp);
  t.traffic(kFirst, {3, 300}, {2, 200}).add({}, kFirst, MessageFailed{});
  t.close(kFirst, CloseReason::kAbortRemote);
  t.add({}, {}, PeerForgotten{"listen:127.0.0.1:2905", "10.0.0.9"});
  const EndpointTotals& kept = totals("listen:127.0.0.1:2905");
  EXPECT_EQ(kept.sent, (Traffic{3, 300}));
  EXPECT_EQ(kept.received, (Traffic{2, 200}));
  EXPECT_EQ(kept.failed_messages, 1U);
  EXPECT_THAT(kept.changes, ElementsAre(Pair(kUp, 1)));
  EXPECT_EQ(kept.peers, 0U);
}

TEST_F(AssociationTotalsTest, NameWithoutEndpointAndPeerIsForgotten) {
  t.open_connector().connect(kFirst, "hlr");
  t.close(kFirst, CloseReason::kRefused);
  EXPECT_EQ(totals().endpoints, 0U);
  EXPECT_EQ(totals().peers, 1U);
  t.add({}, {}, PeerForgotten{"connect", "hlr"});
  EXPECT_THAT(t.table().totals(), IsEmpty());
}

TEST_F(AssociationTotalsTest, FailedMessagesKnowWhetherTheyWereSent) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.add({}, kFirst, MessageFailed{.kind = SendFailedKind::kUnsent});
  t.add({}, kFirst, MessageFailed{.kind = SendFailedKind::kSent});
  t.close(kFirst, CloseReason::kTimeout);
  EXPECT_EQ(peer().failed_messages, 2U);
  EXPECT_EQ(peer().unsent_messages, 1U);
  EXPECT_EQ(totals().unsent_messages, 1U);
}

TEST_F(AssociationTotalsTest, ErrorsOfThePeerByCause) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  for (const unsigned cause : {3U, 3U, 5000U, 6000U}) {
    t.notify(kFirst, RemoteError{.error = static_cast<CauseCode>(cause)});
  }
  EXPECT_THAT(
      peer().remote_errors,
      ElementsAre(Pair(CauseCode::kStaleCookie, 2), Pair(kOtherCause, 2)));
}

TEST_F(AssociationTotalsTest, StreamsOfEndedAssociationsAddUp) {
  t.open_connector().connect(kFirst, "hlr").connect(kSecond, "hlr");
  for (const AssociationId id : {kFirst, kSecond}) {
    t.add({}, id,
          TrafficSampled{.sent = {2, 20},
                         .received = {1, 10},
                         .streams = {{StreamId(7), {2, 20}, {1, 10}}}});
    t.close(id, CloseReason::kTimeout);
  }
  EXPECT_THAT(
      peer().streams,
      ElementsAre(Pair(StreamId(7),
                       TrafficRecord{.sent = {4, 40}, .received = {2, 20}})));
}

// What the stack counts, over two associations, and an older sample that comes late.
TEST_F(AssociationTotalsTest, StatisticsGoOnOverReconnects) {
  const auto sample = [&](AssociationId id, std::uint64_t packets) {
    AssociationStatistics statistics;
    statistics.max_rto = Milliseconds(3000);
    statistics.packets_sent = packets;
    statistics.retransmitted_chunks = 2;
    t.add({}, id, StatisticsSampled{statistics});
  };
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  sample(kFirst, 100);
  sample(kFirst, 90);
  EXPECT_EQ(t.table().association(kFirst)->statistics->packets_sent, 100U);
  t.close(kFirst, CloseReason::kTimeout);
  t.open_connector().connect(kSecond, "hlr");
  ASSERT_TRUE(peer().statistics.has_value());
  EXPECT_EQ(peer().statistics->packets_sent, 100U);
  EXPECT_EQ(peer().statistics->max_rto, Milliseconds(0))
      << "a value of one association";
  sample(kSecond, 5);
  t.close(kSecond, CloseReason::kTimeout);
  EXPECT_EQ(peer().statistics->packets_sent, 105U);
  EXPECT_EQ(peer().statistics->retransmitted_chunks, 4U);
}

TEST_F(AssociationTotalsTest, WithoutSamplesThereAreNoStatistics) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.close(kFirst, CloseReason::kTimeout);
  EXPECT_FALSE(peer().statistics.has_value());
}

TEST_F(AssociationTotalsTest, PpidsWithoutANameAreOne) {
  t.open_connector().connect(kFirst, "hlr");
  t.add({}, kFirst,
        TrafficSampled{.ppids = {{Ppid(3), {2, 20}, {1, 10}},
                                 {Ppid(77'777), {5, 50}, {}}}});
  t.close(kFirst, CloseReason::kTimeout);
  EXPECT_THAT(
      totals().ppids,
      ElementsAre(
          Pair(Ppid(3), TrafficRecord{.sent = {2, 20}, .received = {1, 10}}),
          Pair(kOtherPpid, TrafficRecord{.sent = {5, 50}, .received = {}})));
}

TEST_F(AssociationTotalsTest, WhatCouldNotBeReceivedByWhy) {
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.add({}, kFirst,
        ReceiveFailed{Error::make(ErrorCode::kSystem, "truncated"), Bytes(4)});
  t.add({}, kFirst,
        ReceiveFailed{Error::make(ErrorCode::kMessageTooLarge, "large"), {}});
  t.add({}, kSecond,
        ReceiveFailed{Error::make(ErrorCode::kSystem, "of nobody"), {}});
  EXPECT_EQ(totals().undecodable, 1U);
  EXPECT_EQ(totals().oversized, 1U);
}

}  // namespace
}  // namespace lksctp::test
