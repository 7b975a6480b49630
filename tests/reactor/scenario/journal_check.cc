#include "journal_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <span>
#include <utility>

#include "journal/part_reader.h"
#include "lksctp/metrics/text.h"
#include "lksctp/reactor/event_json.h"
#include "lksctp/reactor/journal_reader.h"
#include "lksctp/reactor/snapshot_json.h"

namespace lksctp::test {
namespace {

constexpr std::size_t kCuts = 6;
// So small that scenarios with some hundred events have several parts.
constexpr std::uint64_t kRotateBytes = 96 * 1024;
// A machine that is busy writes slower than thousands of associations make events; what
// comes of a gap has tests of its own.
constexpr std::size_t kQueueCapacity = 1'000'000;

std::string metrics_of(const Snapshot& snapshot) {
  return to_text(snapshot, snapshot.monotonic,
                 {.selection = {.max_streams = 65'536}, .facts = {}},
                 TextFormat::kPrometheus)
      .text;
}

std::string json_of(const Snapshot& snapshot) {
  return to_json(snapshot, StatusSelection{.limit = 100'000}, StatusFacts{});
}

// Applies the first of `events` up to number `seq`, and takes them away.
void fold(Snapshot& snapshot, std::span<const Event>& events, EventSeq seq) {
  while (!events.empty() && events.front().seq <= seq) {
    const Event& event = events.front();
    snapshot.table.apply(event);
    snapshot.monotonic = event.monotonic;
    snapshot.wall = event.wall;
    events = events.subspan(1);
  }
}

void expect_equal(const Replayed& replayed, const Snapshot& live) {
  EXPECT_TRUE(replayed.exact);
  EXPECT_TRUE(replayed.damage.empty());
  EXPECT_TRUE(replayed.unknown.empty());
  EXPECT_EQ(replayed.position.seq, live.table.seq());
  EXPECT_TRUE(replayed.table == live.table);
  const Snapshot snapshot{.monotonic = replayed.monotonic,
                          .wall = replayed.wall,
                          .table = replayed.table};
  // Of thousands of associations nobody reads both.
  EXPECT_TRUE(json_of(snapshot) == json_of(live));
  EXPECT_TRUE(metrics_of(snapshot) == metrics_of(live));
}

void expect_events(const std::string& path, std::span<const Event> events) {
  auto reader = JournalReader::open(path);
  ASSERT_TRUE(reader) << reader.error().to_string();
  for (const Event& event : events) {
    const auto entry = (*reader)->next();
    ASSERT_TRUE(entry) << entry.error().to_string();
    ASSERT_TRUE(entry->has_value()) << "no event " << event.seq.value();
    EXPECT_TRUE((**entry).event == event) << to_json(event) << "\n"
                                          << to_json((**entry).event);
    if (::testing::Test::HasFailure()) return;
  }
  const auto behind = (*reader)->next();
  ASSERT_TRUE(behind) << behind.error().to_string();
  EXPECT_FALSE(behind->has_value());
  EXPECT_TRUE((*reader)->damage().empty());
}

}  // namespace

JournalCheck::JournalCheck() {
  auto journal = Journal::open({.path = path_,
                                .user_data = JournaledUserData::kFull,
                                .queue_capacity = kQueueCapacity,
                                .rotate_bytes = kRotateBytes});
  if (!journal) {
    ADD_FAILURE() << journal.error().to_string();
    return;
  }
  journal_ = std::move(*journal);
}

std::size_t JournalCheck::parts() const {
  std::size_t parts = 0;
  while (std::filesystem::exists(path_ + '.' + std::to_string(parts + 1))) {
    ++parts;
  }
  return parts;
}

void JournalCheck::expect_replay_equal(const std::vector<Event>& events,
                                       std::size_t before) {
  if (!journal_) return;
  const auto closed = journal_->close();
  ASSERT_TRUE(closed) << closed.error().to_string();
  if (events.size() == before) return;
  const std::span kept = std::span(events).subspan(before);
  const EventSeq last = events.back().seq;
  const JournalStatus status = journal_->status();
  EXPECT_EQ(status.durable, last);
  EXPECT_EQ(status.written, kept.size());
  EXPECT_FALSE(status.error);
  expect_events(path_, kept);

  std::set<EventSeq> cuts{last};
  std::mt19937_64 engine(kept.size());
  for (std::size_t i = 0; i < kCuts; ++i) {
    cuts.insert(kept[engine() % kept.size()].seq);
  }
  // Where a part begins with the table, and the events of it are in the one before. Of
  // hundreds of parts some are enough: each replay looks at all of them.
  const std::size_t step = parts() / kCuts + 1;
  for (std::size_t i = 2; i <= parts(); i += step) {
    auto part = PartReader::open(path_ + '.' + std::to_string(i));
    ASSERT_TRUE(part && *part);
    const auto base = (*part)->base();
    ASSERT_TRUE(base) << base.error().to_string();
    cuts.insert(EventSeq(*base));
  }
  Snapshot live;
  std::span<const Event> rest(events);
  for (const EventSeq cut : cuts) {
    SCOPED_TRACE("replay to " + std::to_string(cut.value()));
    const auto replayed = replay(path_, {.seq = cut});
    ASSERT_TRUE(replayed) << replayed.error().to_string();
    EXPECT_EQ(replayed->position.journal, journal_->id());
    fold(live, rest, cut);
    expect_equal(*replayed, live);
  }
  // By time: the last event that is not later.
  const WallTime at = kept[engine() % kept.size()].wall;
  const auto later = std::find_if(events.rbegin(), events.rend(),
                                  [at](auto& one) { return one.wall <= at; });
  const auto replayed = replay(path_, {.at = at});
  ASSERT_TRUE(replayed) << replayed.error().to_string();
  live = {};
  rest = events;
  fold(live, rest, later->seq);
  expect_equal(*replayed, live);
}

}  // namespace lksctp::test
