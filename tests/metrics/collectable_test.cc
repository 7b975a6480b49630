#include "lksctp/metrics/collectable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "exposition.h"
#include "lksctp/reactor/event_log.h"
#include "random_events.h"
#include "recorded_log.h"
#include "snapshot_source.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

constexpr AssociationId kFirst{1};
constexpr AssociationId kSecond{2};
constexpr auto kUp = AssociationChangeState::kCommUp;
constexpr auto kLost = AssociationChangeState::kCommLost;

std::string text_of(const AssociationTable& table,
                    const MetricsSelection& selection) {
  Snapshot snapshot;
  snapshot.table = table;
  Scrape scrape;
  scrape.selection = selection;
  return to_text(snapshot, snapshot.monotonic, scrape, TextFormat::kPrometheus)
      .text;
}

Exposition scrape(const AssociationTable& table,
                  const MetricsSelection& selection = {}) {
  Exposition page = parse_exposition(text_of(table, selection));
  EXPECT_THAT(page.problems, ::testing::IsEmpty());
  return page;
}

std::string of_hlr(const std::string& name, const std::string& more = "") {
  return name + "{endpoint=\"connect\",peer=\"hlr\"" + more + '}';
}

TEST(CollectableTest, CountersGoOnOverAReconnect) {
  TableBuilder t;
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.traffic(kFirst, {5, 500}, {4, 400}).add({}, kFirst, MessageFailed{});
  const auto sent = of_hlr("sctp_association_sent_bytes_total");
  const auto failed =
      of_hlr("sctp_association_send_failures_total", ",reason=\"unsent\"");
  EXPECT_EQ(scrape(t.table()).value(sent), 500);
  t.change(kFirst, kLost);
  EXPECT_EQ(scrape(t.table()).value(sent), 500);
  t.close(kFirst, CloseReason::kTimeout);
  EXPECT_EQ(scrape(t.table()).value(sent), 500);
  t.open_connector().connect(kSecond, "hlr").change(kSecond, kUp);
  EXPECT_EQ(scrape(t.table()).value(sent), 500);
  t.traffic(kSecond, {1, 100}, {});
  EXPECT_EQ(scrape(t.table()).value(sent), 600);
  EXPECT_EQ(scrape(t.table()).value(failed), 1);
}

TEST(CollectableTest, ConfiguredPeerStaysAtUpZero) {
  TableBuilder t;
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  EXPECT_EQ(scrape(t.table()).value(of_hlr("sctp_association_up")), 1);
  EXPECT_EQ(scrape(t.table()).value(of_hlr("sctp_association_state")), 4);
  t.change(kFirst, kLost).close(kFirst, CloseReason::kTimeout);
  const Exposition page = scrape(t.table());
  EXPECT_EQ(page.value(of_hlr("sctp_association_up")), 0);
  EXPECT_EQ(page.value(of_hlr("sctp_association_state")), 1);
  EXPECT_EQ(page.value(
                of_hlr("sctp_association_closed_total", ",reason=\"timeout\"")),
            1);
  EXPECT_EQ(page.value("sctp_endpoint_associations{endpoint=\"connect\"}"), 0);
  EXPECT_EQ(page.value("sctp_endpoint_configured_peers{endpoint=\"connect\"}"),
            1);
  EXPECT_TRUE(std::isnan(
      page.value(of_hlr("sctp_association_established_timestamp_seconds"))));
}

TEST(CollectableTest, AssociationsOfOneNameShareTheirSeries) {
  TableBuilder t;
  t.open_connector().connect(kFirst, "hlr").change(kFirst, kUp);
  t.traffic(kFirst, {1, 10}, {});
  t.connect(kSecond, "hlr").traffic(kSecond, {2, 20}, {});
  Exposition page = scrape(t.table());
  EXPECT_EQ(page.value(of_hlr("sctp_association_instances")), 2);
  EXPECT_EQ(page.value(of_hlr("sctp_association_up")), 1);
  EXPECT_EQ(page.value(of_hlr("sctp_association_state")), 4)
      << "the one that is up, not the newer one that connects";
  EXPECT_EQ(page.value(of_hlr("sctp_association_sent_messages_total")), 3);
  const Address a = address("10.0.0.1");
  t.path(kFirst, a, PeerAddressState::kAvailable);
  t.path(kSecond, a, PeerAddressState::kUnreachable);
  page = scrape(t.table());
  const std::string path = ",address=\"10.0.0.1\"";
  EXPECT_EQ(page.value(of_hlr("sctp_path_up", path)), 1);
  EXPECT_EQ(page.value(of_hlr("sctp_path_changes_total",
                              path + ",event=\"unreachable\"")),
            1);
}

TEST(CollectableTest, UnitsAreSecondsAndBytes) {
  const Exposition page = parse_exposition(to_text(recorded_snapshot()));
  const std::string path =
      "{endpoint=\"connect\",peer=\"hlr-1\",address=\"2001:db8::1\"}";
  EXPECT_EQ(page.value("sctp_path_srtt_seconds" + path), 0.25);
  EXPECT_EQ(page.value("sctp_path_rto_seconds" + path), 1);
  EXPECT_EQ(page.value("sctp_path_mtu_bytes" + path), 1500);
  EXPECT_EQ(page.value("sctp_reactor_loop_lag_seconds_sum"), 1.3);
  EXPECT_EQ(page.value("sctp_reactor_loop_lag_seconds_count"), 100);
  EXPECT_EQ(page.value("sctp_reactor_loop_lag_seconds_bucket{le=\"0.005\"}"),
            98);
  EXPECT_EQ(page.value("sctp_reactor_loop_lag_seconds_bucket{le=\"+Inf\"}"),
            100);
}

TEST(CollectableTest, AgeIsMeasuredAgainstNow) {
  const Snapshot snapshot = recorded_snapshot();
  const auto age = [&](const std::string& text) {
    return parse_exposition(text).value("sctp_exporter_snapshot_age_seconds");
  };
  EXPECT_EQ(age(to_text(snapshot)), 0);
  EXPECT_EQ(age(to_text(snapshot,
                        snapshot.monotonic + std::chrono::milliseconds(1500))),
            1.5);
}

class MetricsOfRandomEvents : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  static constexpr std::size_t kRounds = 200;

  // What the page can show of streams is in it.
  const MetricsSelection selection{.max_streams = 3};
};

// Counts, so not those of histograms' buckets alone.
bool is_counting(const ExposedFamily& family, const std::string& sample) {
  return family.type == "counter" ||
         (family.type == "histogram" && sample.find("_sum") == sample.npos);
}

// A peer that is forgotten takes its series with it, and so does the last bearer
// of an endpoint's name.
TEST_P(MetricsOfRandomEvents, CountersNeverFall) {
  RandomEvents random(GetParam());
  AssociationTable table;
  std::map<std::string, double> before;
  for (std::size_t round = 0; round < kRounds; ++round) {
    bool forgotten = false;
    for (const Event& event : random.take(5)) {
      const auto names = table.totals().size();
      table.apply(event);
      forgotten |= std::holds_alternative<PeerForgotten>(event.body) ||
                   table.totals().size() < names;
    }
    std::map<std::string, double> now;
    for (const auto& [name, family] : scrape(table, selection).families) {
      for (const auto& [sample, value] : family.samples) {
        if (is_counting(family, sample)) now.emplace(sample, value);
      }
    }
    for (const auto& [sample, value] : now) {
      const auto known = before.find(sample);
      if (known == before.end() || forgotten) continue;
      ASSERT_GE(value, known->second) << sample;
    }
    before = std::move(now);
  }
}

// Series of endpoints, associations, paths and streams come from events alone.
TEST_P(MetricsOfRandomEvents, ReplayGivesTheSameSeries) {
  RandomEvents random(GetParam());
  AssociationTable live;
  std::vector<Event> events;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (Event& event : random.take(10)) {
      live.apply(event);
      events.push_back(std::move(event));
    }
    const AssociationTable snapshot = live;  // shares records from here on
    if (round % 20 != 0) continue;
    ASSERT_EQ(text_of(snapshot, selection), text_of(replay(events), selection));
  }
  EXPECT_EQ(text_of(live, selection), text_of(replay(events), selection));
}

INSTANTIATE_TEST_SUITE_P(Seeds, MetricsOfRandomEvents,
                         ::testing::Range(1U, 9U));

TEST(CollectableTest, CollectsFreshSnapshotsOnAnyThread) {
  const auto snapshot = std::make_shared<const Snapshot>(recorded_snapshot());
  SnapshotSource source(SnapshotSource::Mode::kAnswerAtOnce);
  source.publish(snapshot);
  const SnapshotCollectable collectable(source.functions());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(collectable.Collect().size(),
                to_families(*snapshot, snapshot->monotonic).size());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

double turns(const std::vector<prometheus::MetricFamily>& families) {
  for (const prometheus::MetricFamily& family : families) {
    if (family.name == "sctp_reactor_loop_turns_total") {
      return family.metric.front().counter.value;
    }
  }
  return -1;
}

TEST(CollectableTest, ABusyLoopIsAskedOnceAndNotWaitedFor) {
  SnapshotSource source(SnapshotSource::Mode::kHold);
  source.publish(1);
  const SnapshotCollectable collectable(source.functions(), {},
                                        std::chrono::milliseconds(1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(turns(collectable.Collect()), 1);
  EXPECT_EQ(source.requests(), 1U);
  // It answers at last; the next collection asks again.
  source.take_held().front()(snapshot_with_turns(2));
  EXPECT_EQ(turns(collectable.Collect()), 1);
  EXPECT_EQ(source.requests(), 2U);
}

TEST(CollectableTest, CollectionsThatComeMeanwhileShareTheRequest) {
  SnapshotSource source(SnapshotSource::Mode::kHold);
  source.publish(1);
  const SnapshotCollectable collectable(source.functions(), {},
                                        std::chrono::minutes(1));
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(turns(collectable.Collect()), 2);
      ++done;
    });
  }
  // One that came after the answer asks for another.
  while (done < 2) {
    for (const auto& ready : source.take_held()) ready(snapshot_with_turns(2));
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(CollectableTest, AnAnswerAfterItsEndIsNoHarm) {
  SnapshotSource source(SnapshotSource::Mode::kHold);
  {
    const SnapshotCollectable collectable(source.functions(), {},
                                          std::chrono::milliseconds(1));
    EXPECT_TRUE(collectable.Collect().empty()) << "no snapshot, no family";
  }
  source.take_held().front()(snapshot_with_turns(1));
}

}  // namespace
}  // namespace lksctp::test
