// Times on the command line.
#include "times.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace lksctp::journal_command {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const WallTime kNow(seconds(1'700'000'000));  // 2023-11-14T22:13:20Z

TEST(JournalTimes, FormsOfOneTime) {
  ::setenv("TZ", "UTC-2", 1);  // two hours ahead of UTC
  ::tzset();
  for (const char* const text :
       {"2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000Z",
        "2023-11-14 22:13:20Z", "2023-11-14T23:13:20+01:00",
        "2023-11-14T20:43:20-0130", "2023-11-15T00:13:20",
        "2023-11-15 00:13:20.0", "@1700000000", "now", "-0s"}) {
    EXPECT_EQ(parse_time(text, kNow), kNow) << text;
  }
  EXPECT_EQ(parse_time("2023-11-15", kNow), kNow - minutes(13) - seconds(20));
  EXPECT_EQ(parse_time("2023-11-15 00:13", kNow), kNow - seconds(20));
  EXPECT_EQ(parse_time("2023-11-14T22:13:20.125Z", kNow),
            kNow + milliseconds(125));
  EXPECT_EQ(parse_time("@1699999999.5", kNow), kNow - milliseconds(500));
  EXPECT_EQ(parse_time("-90s", kNow), kNow - seconds(90));
  EXPECT_EQ(parse_time("-10m", kNow), kNow - minutes(10));
  EXPECT_EQ(parse_time("-3h", kNow), kNow - hours(3));
  EXPECT_EQ(parse_time("-2d", kNow), kNow - hours(48));
  EXPECT_EQ(to_text(kNow + milliseconds(7)), "2023-11-14T22:13:20.007Z");
}

TEST(JournalTimes, WhatIsNoTimeIsRefused) {
  for (const char* const text :
       {"", "yesterday", "-", "-m", "-10", "-10x", "--1m", "@", "@x", "@nan",
        "@1e99", "@99999999999999", "-99999999999999999999d",
        "2023-13-01T00:00:00Z", "2023-11-14T22:13:20.Z",
        "2023-11-14T22:13:20+1", "2023-11-14T22:13:20Zx", "22:13"}) {
    EXPECT_FALSE(parse_time(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace lksctp::journal_command
