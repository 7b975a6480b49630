// Made-up events, sensible and absurd ones mixed, through a journal: as in the scenarios,
// but with every kind there is, and across many parts.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "journal/journal_feed.h"
#include "lksctp/reactor/event_log.h"
#include "random_events.h"
#include "scenario/journal_check.h"

namespace lksctp::test {
namespace {

class JournalOfRandomEvents : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(JournalOfRandomEvents, LeadsToWhatTheLogHad) {
  JournalCheck check;
  ASSERT_NE(check.journal(), nullptr);
  // The times of an event are its own.
  Event next;
  EventLog log({.monotonic = [&next] { return next.monotonic; },
                .wall = [&next] { return next.wall; }});
  std::vector<Event> told;
  auto feed = JournalFeed::attach(check.journal(), log, [] {});
  ASSERT_TRUE(feed) << feed.error().to_string();
  log.add_sink([&](const Event& event) {
    told.push_back(event);
    (*feed)->add(event);
  });
  (*feed)->begin();
  RandomEvents random(GetParam());
  for (std::size_t i = 0; i < 4000; ++i) {
    next = random.next();
    log.append(next.endpoint, next.association, next.body, next.raw);
    // A turn of a loop has a few.
    if (i % 7 == 0) ASSERT_TRUE((*feed)->hand_over());
  }
  ASSERT_TRUE((*feed)->hand_over());
  check.expect_replay_equal(told);
}

INSTANTIATE_TEST_SUITE_P(Seeds, JournalOfRandomEvents,
                         ::testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace lksctp::test
