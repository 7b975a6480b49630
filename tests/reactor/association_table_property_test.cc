// The table against random event sequences: invariants, replay, snapshots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/event_log.h"
#include "random_events.h"
#include "table_invariants.h"

namespace lksctp::test {
namespace {

using ::testing::IsEmpty;

template <typename Record>
std::uint64_t total_of(const Record& record) {
  std::uint64_t total = record.sent.bytes + record.received.messages +
                        record.failed_messages + record.would_block;
  for (const StatisticsRow& row : statistics_rows()) {
    if (record.statistics) total += (*record.statistics).*row.member;
  }
  return total;
}

class AssociationTableProperty
    : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  static constexpr std::size_t kEvents = 3000;
};

TEST_P(AssociationTableProperty, InvariantsHoldAfterEveryEvent) {
  RandomEvents random(GetParam());
  AssociationTable table;
  std::size_t most_associations = 0;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const Event event = random.next();
    table.apply(event);
    ASSERT_THAT(broken_invariants(table), IsEmpty()) << to_string(event);
    most_associations =
        std::max(most_associations, table.associations().size());
  }
  EXPECT_EQ(table.seq(), EventSeq(kEvents));
  // The sequences do get somewhere.
  EXPECT_GE(most_associations, 4U);
}

// Snapshots are taken at random points of the live run; whatever is applied
// afterwards, each stays what a replay of its prefix gives.
TEST_P(AssociationTableProperty, ReplayOfAnyPrefixEqualsItsSnapshot) {
  const std::vector<Event> events = RandomEvents(GetParam()).take(kEvents);
  std::mt19937 engine(GetParam());
  AssociationTable live;
  std::vector<AssociationTable> snapshots;
  for (const Event& event : events) {
    live.apply(event);
    if (engine() % 100 == 0) snapshots.push_back(live);
  }
  ASSERT_FALSE(snapshots.empty());
  EXPECT_EQ(replay(events), live);
  for (const AssociationTable& snapshot : snapshots) {
    const auto prefix = std::span(events).first(snapshot.seq().value());
    ASSERT_EQ(replay(prefix), snapshot) << "at " << snapshot.seq().value();
    // A snapshot is a table: the rest of the log leads it to the same state.
    AssociationTable resumed = snapshot;
    for (const Event& event :
         std::span(events).subspan(snapshot.seq().value())) {
      resumed.apply(event);
    }
    ASSERT_EQ(resumed, live);
  }
}

// Counters of a peer, with those of its living associations, never fall while
// the peer is known.
TEST_P(AssociationTableProperty, TotalsNeverFall) {
  RandomEvents random(GetParam());
  AssociationTable table;
  std::map<AssociationTable::Peers::key_type, std::uint64_t> before;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const Event event = random.next();
    table.apply(event);
    std::map<AssociationTable::Peers::key_type, std::uint64_t> now;
    for (const auto& [key, peer] : table.peers()) now[key] = total_of(*peer);
    for (const auto& [id, record] : table.associations()) {
      now[{table.endpoint(record->endpoint)->name, record->peer}] +=
          total_of(*record);
    }
    for (const auto& [key, total] : now) {
      const auto known = before.find(key);
      if (known == before.end()) continue;
      ASSERT_GE(total, known->second) << to_string(event);
    }
    before = std::move(now);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AssociationTableProperty,
                         ::testing::Range(1U, 21U));

}  // namespace
}  // namespace lksctp::test
