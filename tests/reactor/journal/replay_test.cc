// The table at any place of a journal is the one that the process had there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "journal_maker.h"
#include "lksctp/reactor/event_log.h"
#include "random_events.h"

namespace lksctp::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JournalReplayTest : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  static constexpr std::size_t kEvents = 1500;

  [[nodiscard]] std::span<const Event> events(std::uint64_t from,
                                              std::uint64_t to) const {
    return std::span(events_).subspan(from - 1, to - from + 1);
  }
  [[nodiscard]] AssociationTable live(std::uint64_t seq) const {
    return replay(std::span(events_).first(seq));
  }
  [[nodiscard]] Replayed at(std::uint64_t seq) const {
    return replay(maker_.path(), {.seq = EventSeq(seq)}).value();
  }

  const std::vector<Event> events_ = RandomEvents(GetParam()).take(kEvents);
  TemporaryDirectory directory_;
  JournalMaker maker_{directory_.file("journal")};
};

INSTANTIATE_TEST_SUITE_P(Seeds, JournalReplayTest, ::testing::Range(1U, 5U));

TEST_P(JournalReplayTest, AnyPlaceIsTheLiveTable) {
  std::mt19937 engine(GetParam());
  maker_.add_part(events(1, 500), 130);
  maker_.add_part(events(501, 900));
  maker_.add_part(events(901, kEvents), 200);
  for (int cut = 0; cut < 25; ++cut) {
    const std::uint64_t seq = 1 + engine() % kEvents;
    const Replayed replayed = at(seq);
    ASSERT_EQ(replayed.table, live(seq)) << seq;
    EXPECT_EQ(replayed.position,
              (JournalPosition{journal_id(1), EventSeq(seq)}));
    EXPECT_EQ(replayed.monotonic, events_[seq - 1].monotonic);
    EXPECT_EQ(replayed.wall, events_[seq - 1].wall);
    EXPECT_TRUE(replayed.exact);
    EXPECT_THAT(replayed.damage, IsEmpty());
    EXPECT_LE(replayed.events, 400U);  // a snapshot was used
  }
}

TEST_P(JournalReplayTest, SnapshotsAreACache) {
  std::mt19937 engine(GetParam());
  maker_.add_part(events(1, 700), 100);
  maker_.add_part(events(701, kEvents), 100);
  for (const std::uint64_t part : {1u, 2u}) {
    run_sql(part_path(maker_.path(), part), "DELETE FROM snapshot");
  }
  for (int cut = 0; cut < 5; ++cut) {
    const std::uint64_t seq = 1 + engine() % kEvents;
    const Replayed replayed = at(seq);
    ASSERT_EQ(replayed.table, live(seq)) << seq;
    EXPECT_EQ(replayed.events, seq);
    EXPECT_TRUE(replayed.exact);
  }
}

TEST_P(JournalReplayTest, DeletedPartsLeaveTheStateBehind) {
  maker_.add_part(events(1, 700));
  std::filesystem::remove(maker_.part());
  maker_.add_part(events(701, kEvents));
  for (const std::uint64_t seq : {700u, 701u, 1111u}) {
    const Replayed replayed = at(seq);
    EXPECT_EQ(replayed.table, live(seq)) << seq;
    EXPECT_TRUE(replayed.exact);
  }
  const auto before = replay(maker_.path(), {.seq = EventSeq(699)});
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(before.error().message, HasSubstr("700 to 1500"));
}

TEST_P(JournalReplayTest, SnapshotThatIsDamagedIsPassed) {
  maker_.add_part(events(1, kEvents), 500);
  run_sql(maker_.part(), "UPDATE snapshot SET state = '{}' WHERE seq = 1000");
  const Replayed replayed = at(1200);
  EXPECT_EQ(replayed.table, live(1200));
  EXPECT_EQ(replayed.events, 700U);
  EXPECT_TRUE(replayed.exact);
  ASSERT_EQ(replayed.damage.size(), 1U);
  EXPECT_EQ(replayed.damage[0].from, EventSeq(1000));
}

TEST_P(JournalReplayTest, StateIsNotExactBetweenDamageAndTheNextSnapshot) {
  maker_.add_part(events(1, kEvents), 500);
  run_sql(maker_.part(), "DELETE FROM event WHERE seq BETWEEN 600 AND 610");
  EXPECT_TRUE(at(599).exact);
  const Replayed inside = at(605);
  EXPECT_FALSE(inside.exact);
  EXPECT_EQ(inside.position.seq, EventSeq(599));
  EXPECT_FALSE(at(700).exact);
  ASSERT_EQ(at(700).damage.size(), 1U);
  EXPECT_EQ(at(700).damage[0].to, EventSeq(610));
  const Replayed behind = at(1000);
  EXPECT_TRUE(behind.exact);
  EXPECT_EQ(behind.table, live(1000));
}

TEST_P(JournalReplayTest, BehindAGapTheStateIsThatOfItsSnapshot) {
  // The process has all events, and the gap as one of them.
  std::vector<Event> all = events_;
  all[999].body = LogGap{EventSeq(901), EventSeq(999)};
  const auto range = [&](std::size_t from, std::size_t to) {
    return std::span(all).subspan(from - 1, to - from + 1);
  };
  OpenPart part(part_path(maker_.path(), 1), journal_id(1), 1);
  part.write(range(1, 900));
  part.write(range(1000, 1000));
  part.write_snapshot(replay(range(1, 1000)), true);
  part.write(range(1001, kEvents));
  part.close();
  for (const std::size_t seq : {900u, 1000u, 1001u, 1500u}) {
    const Replayed replayed = at(seq);
    EXPECT_EQ(replayed.table, replay(range(1, seq))) << seq;
    EXPECT_TRUE(replayed.exact);
    EXPECT_THAT(replayed.damage, IsEmpty());
  }
  run_sql(part_path(maker_.path(), 1), "DELETE FROM snapshot");
  EXPECT_FALSE(at(1001).exact);
}

TEST_P(JournalReplayTest, TimesFindTheLastEventUntilThen) {
  maker_.add_part(events(1, 800), 300);
  maker_.add_part(events(801, kEvents));
  for (const std::uint64_t seq : {1u, 2u, 800u, 801u, 1499u}) {
    const WallTime wall = events_[seq - 1].wall;
    const auto place = std::upper_bound(
        events_.begin(), events_.end(), wall,
        [](WallTime time, const Event& event) { return time < event.wall; });
    const auto expected = static_cast<std::uint64_t>(place - events_.begin());
    const Replayed replayed = replay(maker_.path(), {.at = wall}).value();
    EXPECT_EQ(replayed.position.seq, EventSeq(expected));
    EXPECT_EQ(replayed.table, live(expected));
  }
  EXPECT_EQ(
      replay(maker_.path(), {.at = events_.back().wall + std::chrono::hours(1)})
          .value()
          .position.seq,
      EventSeq(kEvents));
  const auto before = replay(
      maker_.path(), {.at = events_.front().wall - std::chrono::hours(1)});
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code, ErrorCode::kInvalidArgument);
}

TEST_P(JournalReplayTest, TheNewestJournalThatHasThePlaceIsTaken) {
  maker_.add_part(events(1, 1000));
  maker_.begin_journal();
  maker_.add_part(events(1, 100));
  EXPECT_EQ(at(100).position.journal, journal_id(2));
  EXPECT_EQ(at(101).position.journal, journal_id(1));
  EXPECT_EQ(replay(maker_.path()).value().position,
            (JournalPosition{journal_id(2), EventSeq(100)}));
  const Replayed named =
      replay(maker_.path(), {.journal = journal_id(1)}).value();
  EXPECT_EQ(named.position, (JournalPosition{journal_id(1), EventSeq(1000)}));
  EXPECT_EQ(named.table, live(1000));
}

TEST_P(JournalReplayTest, WhatIsUnknownIsCounted) {
  OpenPart part(part_path(maker_.path(), 1), journal_id(1), 1);
  part.write(events(1, 10));
  part.write_row(11, "teleported", 1, "{}");
  part.close();
  const Replayed replayed = replay(maker_.path()).value();
  EXPECT_EQ(replayed.unknown.at("teleported"), 1U);
  EXPECT_EQ(replayed.position.seq, EventSeq(11));
  EXPECT_EQ(replayed.table, live(10));
}

TEST_P(JournalReplayTest, ProgressRisesToTheEnd) {
  maker_.add_part(events_);
  std::vector<double> shares;
  ReplayOptions options;
  options.progress = [&](double share) { shares.push_back(share); };
  ASSERT_TRUE(replay(maker_.path(), options));
  ASSERT_FALSE(shares.empty());
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares.back(), 1);
}

TEST_P(JournalReplayTest, VerificationComparesSnapshotsWithTheEvents) {
  maker_.add_part(events(1, 800), 300);
  maker_.add_part(events(801, kEvents), 200);
  JournalCheck check = verify_journal(maker_.path()).value();
  EXPECT_EQ(check.events, kEvents);
  EXPECT_EQ(check.snapshots, 2U + 1U + 3U);
  EXPECT_THAT(check.damage, IsEmpty());
  // Whole, but of another history.
  TemporaryDirectory other;
  OpenPart part(part_path(other.file("journal"), 1), journal_id(1), 1);
  part.write(events(1, 10));
  AssociationTable table = live(9);
  Event different = events_[9];
  different.body = LogRecovered{};
  table.apply(different);
  part.write_snapshot(table, false);
  part.close();
  check = verify_journal(other.file("journal")).value();
  ASSERT_EQ(check.damage.size(), 1U);
  EXPECT_EQ(check.damage[0].from, EventSeq(10));
}

}  // namespace
}  // namespace lksctp::test
