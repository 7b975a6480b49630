// Made-up events, sensible and absurd ones mixed, through a journal: as in the scenarios,
// but with every kind there is, and across many parts.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "journal/journal_feed.h"
#include "lksctp/reactor/event_log.h"
#include "random_events.h"
#include "scenario/journal_check.h"

namespace lksctp::test {
namespace {

class JournalOfRandomEvents : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  JournalOfRandomEvents()
      : log_({.monotonic = [this] { return next_.monotonic; },
              .wall = [this] { return next_.wall; }}),
        random_(GetParam()) {
    log_.add_sink([this](const Event& event) {
      told_.push_back(event);
      if (feed_) feed_->add(event);
    });
  }

  void attach() {
    ASSERT_NE(check_.journal(), nullptr);
    auto feed = JournalFeed::attach(check_.journal(), log_, [] {});
    ASSERT_TRUE(feed) << feed.error().to_string();
    feed_ = std::move(*feed);
    feed_->begin();
  }

  // With the times that they have.
  void tell(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      next_ = random_.next();
      log_.append(next_.endpoint, next_.association, next_.body, next_.raw);
      // A turn of a loop has a few.
      if (!feed_ || i % 7 != 0) continue;
      ASSERT_TRUE(feed_->hand_over());
      // As much as a part has: the next turns give what a new one begins with.
      if (i % 350 != 0) continue;
      ASSERT_TRUE(check_.journal()->flush());
    }
    if (!feed_) return;
    ASSERT_TRUE(feed_->hand_over());
  }

  JournalCheck check_;
  Event next_;
  EventLog log_;
  RandomEvents random_;
  std::vector<Event> told_;
  std::unique_ptr<JournalFeed> feed_;
};

TEST_P(JournalOfRandomEvents, LeadsToWhatTheLogHad) {
  attach();
  tell(4000);
  check_.expect_replay_equal(told_);
  EXPECT_GT(check_.parts(), 2U);
}

TEST_P(JournalOfRandomEvents, ThatBeganLaterLeadsThereToo) {
  tell(1500);
  attach();
  tell(1500);
  check_.expect_replay_equal(told_, 1500);
}

INSTANTIATE_TEST_SUITE_P(Seeds, JournalOfRandomEvents,
                         ::testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace lksctp::test
