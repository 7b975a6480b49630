// The two text formats, and that they say the same.
#include "lksctp/metrics/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <sstream>
#include <string>

#include "lksctp/metrics/collectable.h"
#include "lksctp/metrics/series.h"
#include "openmetrics.h"
#include "recorded_log.h"

namespace lksctp::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string without_canonical_bounds(std::string key) {
  const std::size_t at = key.find(".0\"}");
  return at == key.npos || key.find("le=\"") == key.npos ? key
                                                         : key.erase(at, 2);
}

TEST(TextTest, OpenMetricsKeepsItsRules) {
  const Exposition page =
      parse_openmetrics(recorded_text(TextFormat::kOpenMetrics));
  EXPECT_THAT(page.problems, IsEmpty());
  EXPECT_EQ(page.families.size(), kSeries.size());
}

TEST(TextTest, OpenMetricsNamesUnits) {
  const std::string text = recorded_text(TextFormat::kOpenMetrics);
  EXPECT_THAT(text, HasSubstr("\n# UNIT sctp_path_srtt_seconds seconds\n"));
  EXPECT_THAT(text, HasSubstr("\n# UNIT sctp_endpoint_sent_bytes bytes\n"));
  EXPECT_THAT(text, Not(HasSubstr("# UNIT sctp_association_up")));
  EXPECT_THAT(recorded_text(), Not(HasSubstr("UNIT")));
}

TEST(TextTest, BothFormatsHaveTheSameSamples) {
  const auto samples = [](const Exposition& page) {
    std::map<std::string, double> all;
    for (const auto& [name, family] : page.families) {
      for (const auto& [key, value] : family.samples) {
        all.emplace(without_canonical_bounds(key), value);
      }
    }
    return all;
  };
  const auto expected = samples(parse_exposition(recorded_text()));
  EXPECT_GT(expected.size(), 200U);
  EXPECT_EQ(samples(parse_openmetrics(recorded_text(TextFormat::kOpenMetrics))),
            expected);
}

// A program that gives the families to an exposer of its own shows the same.
TEST(TextTest, FamiliesSerializedByPrometheusCppAreTheSame) {
  const Snapshot snapshot = recorded_snapshot();
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(
      out, to_families(snapshot, snapshot.monotonic, recorded_scrape()));
  const Exposition theirs = parse_exposition(out.str());
  const Exposition ours = parse_exposition(recorded_text());
  EXPECT_THAT(ours.problems, IsEmpty());
  ASSERT_EQ(theirs.families.size(), ours.families.size());
  for (const auto& [name, family] : ours.families) {
    const auto& samples = theirs.families.at(name).samples;
    ASSERT_EQ(samples.size(), family.samples.size()) << name;
    for (const auto& [key, value] : family.samples) {
      ASSERT_TRUE(samples.contains(key)) << key;
      // It writes 16 digits, one less than some numbers have.
      EXPECT_DOUBLE_EQ(samples.at(key), value) << key;
    }
    EXPECT_EQ(theirs.families.at(name).help, family.help);
  }
}

TEST(TextTest, SeriesAreCounted) {
  const Snapshot snapshot = recorded_snapshot();
  std::size_t samples = 0;
  for (const auto& [name, family] :
       parse_exposition(recorded_text()).families) {
    samples += family.samples.size();
  }
  EXPECT_EQ(to_text(snapshot, snapshot.monotonic, recorded_scrape(),
                    TextFormat::kPrometheus)
                .series,
            samples);
}

// The parser itself: a test that accepts everything proves nothing.
TEST(OpenMetricsParserTest, RefusesWhatIsWrong) {
  const auto problems = [](const std::string& text) {
    return parse_openmetrics(text).problems.size();
  };
  const std::string good =
      "# HELP a_seconds H.\n# TYPE a_seconds histogram\n"
      "# UNIT a_seconds seconds\na_seconds_bucket{x=\"1\",le=\"1.0\"} 1\n"
      "a_seconds_bucket{x=\"1\",le=\"+Inf\"} 2\na_seconds_sum{x=\"1\"} 2.5\n"
      "a_seconds_count{x=\"1\"} 2\n# TYPE b counter\nb_total 1\n# EOF\n";
  EXPECT_EQ(problems(good), 0U);
  const auto refuses = [&](const std::string& part,
                           const std::string& instead) {
    std::string bad = good;
    bad.replace(bad.find(part), part.size(), instead);
    EXPECT_GT(problems(bad), 0U) << bad;
  };
  refuses("# EOF\n", "");
  refuses("# EOF\n", "# EOF\nb_total 2\n");
  refuses("\nb_total 1", "\nb 1");
  refuses("\nb_total 1", "\nb_total -1");
  refuses("\nb_total 1", "\nb_total{} x");
  refuses("\nb_total 1", "\nb_total{x=\"\\q\"} 1");
  refuses("\nb_total 1", "\nb_total{x=\"1\",x=\"2\"} 1");
  refuses("\nb_total 1", "\nb_total 1\nb_total 1");
  refuses("# TYPE b counter", "# TYPE b_total counter");
  refuses("# TYPE b counter", "# TYPE a_seconds counter");
  refuses("# UNIT a_seconds seconds", "# UNIT a_seconds bytes");
  refuses("le=\"1.0\"", "le=\"1\"");
  refuses("a_seconds_count{x=\"1\"} 2", "a_seconds_count{x=\"1\"} 3");
  refuses("a_seconds_bucket{x=\"1\",le=\"+Inf\"} 2\n", "");
}

}  // namespace
}  // namespace lksctp::test
