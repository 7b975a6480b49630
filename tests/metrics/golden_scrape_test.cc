// The whole text of a scrape of a recorded log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "approved_file.h"
#include "exposition.h"
#include "lksctp/decoder/table.h"
#include "lksctp/metrics/series.h"
#include "lksctp/metrics/text.h"
#include "lksctp/reactor/event_log.h"
#include "recorded_log.h"

namespace lksctp::test {
namespace {

using ::testing::IsEmpty;

TEST(GoldenScrapeTest, TextIsAsApproved) {
  expect_file("tests/golden/metrics.prom", recorded_text());
}

TEST(GoldenScrapeTest, OpenMetricsIsAsApproved) {
  expect_file("tests/golden/metrics.openmetrics",
              recorded_text(TextFormat::kOpenMetrics));
}

TEST(GoldenScrapeTest, TextIsWellFormedAndComplete) {
  const Exposition page = parse_exposition(recorded_text());
  EXPECT_THAT(page.problems, IsEmpty());
  ASSERT_EQ(page.families.size(), kSeries.size());
  for (const Series& series : kSeries) {
    const auto found = page.families.find(series.name);
    ASSERT_NE(found, page.families.end()) << series.name;
    EXPECT_EQ(found->second.help, series.help);
    EXPECT_THAT(found->second.samples, ::testing::Not(IsEmpty()))
        << series.name;
  }
}

TEST(GoldenScrapeTest, EveryNotificationTypeIsThereFromTheStart) {
  const Exposition page = parse_exposition(to_text(Snapshot()));
  EXPECT_THAT(page.problems, IsEmpty());
  for (const NotificationRow& row : notification_rows()) {
    EXPECT_EQ(
        page.value(std::string("sctp_reactor_notifications_total{type=\"") +
                   row.label + "\"}"),
        0.0);
  }
  EXPECT_EQ(page.value("sctp_reactor_notifications_total{type=\"unknown\"}"),
            0.0);
}

// A journal read back shows the page the process showed.
TEST(GoldenScrapeTest, ReplayGivesTheSameText) {
  const std::vector<Event> events = recorded_log();
  const auto text = [](const Snapshot& snapshot) {
    return to_text(snapshot, snapshot.monotonic, recorded_scrape(),
                   TextFormat::kPrometheus)
        .text;
  };
  Snapshot live;
  for (const Event& event : events) {
    live.table.apply(event);
    // A snapshot in between must not disturb what comes after.
    const Snapshot copy = live;
    ASSERT_FALSE(text(copy).empty());
  }
  Snapshot replayed;
  replayed.table = replay(events);
  EXPECT_EQ(text(live), text(replayed));
}

TEST(GoldenScrapeTest, PromtoolFindsNothing) {
  if (std::system("command -v promtool > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool (Debian package prometheus) is not installed";
  }
  FILE* promtool = ::popen("promtool check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = recorded_text();
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(::pclose(promtool), 0);
}

}  // namespace
}  // namespace lksctp::test
