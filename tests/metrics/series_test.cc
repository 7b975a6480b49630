#include "lksctp/metrics/series.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "approved_file.h"
#include "series_page.h"

namespace lksctp::test {
namespace {

TEST(SeriesTest, PageIsWhatTheTableGives) {
  expect_file("docs/metrics.md", series_page());
}

TEST(SeriesTest, PageNamesEverySeries) {
  const std::string page = series_page();
  for (const Series& series : kSeries) {
    EXPECT_NE(page.find(std::string("| `") + series.name + '`'), page.npos)
        << series.name;
  }
}

// The checks at the end of series.h do catch what they are there for.
TEST(SeriesTest, ChecksRefuseBadRows) {
  const auto sound = [](Series series) {
    return series_checks::is_sound(std::array{series});
  };
  const Series good{.name = "sctp_x_seconds_total",
                    .type = SeriesType::kCounter,
                    .unit = "seconds",
                    .help = "Help."};
  EXPECT_TRUE(sound(good));
  Series bad = good;
  bad.name = "sctp_x_seconds";
  EXPECT_FALSE(sound(bad)) << "a counter without _total";
  bad = good;
  bad.type = SeriesType::kGauge;
  EXPECT_FALSE(sound(bad)) << "a gauge with _total";
  bad = good;
  bad.unit = "";
  EXPECT_FALSE(sound(bad)) << "a unit in the name alone";
  bad = good;
  bad.name = "sctp_x_total";
  EXPECT_FALSE(sound(bad)) << "a unit not in the name";
  bad = good;
  bad.help = "Line\nbreak.";
  EXPECT_FALSE(sound(bad));
  bad = good;
  bad.help = "";
  EXPECT_FALSE(sound(bad));
  bad = good;
  bad.name = "other_x_seconds_total";
  EXPECT_FALSE(sound(bad)) << "another prefix";
  EXPECT_FALSE(series_checks::has_unique_names(std::array{good, good}))
      << "twice";
  const Series gauge{.id = SeriesId(1),
                     .name = "sctp_x_seconds",
                     .type = SeriesType::kGauge,
                     .unit = "seconds",
                     .help = "Help."};
  EXPECT_FALSE(series_checks::has_unique_names(std::array{good, gauge}))
      << "the same name but for _total: twice in OpenMetrics";
}

}  // namespace
}  // namespace lksctp::test
