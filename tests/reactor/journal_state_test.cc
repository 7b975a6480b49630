// Association tables as text: the same table comes back, and goes on as the first would.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "journal/codec.h"
#include "lksctp/reactor/event_json.h"
#include "lksctp/reactor/event_log.h"
#include "random_events.h"
#include "table_invariants.h"

namespace lksctp::test {
namespace {

using nlohmann::json;

TEST(JournalStateTest, TablesAreTheSameAfterwardsAndGoOn) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    RandomEvents events(seed);
    AssociationTable live = replay(events.take(500 + 300 * seed));
    const std::string text = write_state(live);
    auto read = read_state(kEventJsonVersion, text);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(*read, live) << "seed " << seed;
    EXPECT_EQ(broken_invariants(*read), std::vector<std::string>());
    EXPECT_EQ(write_state(*read), text);
    for (const Event& event : events.take(1000)) {
      live.apply(event);
      read->apply(event);
    }
    ASSERT_EQ(*read, live) << "seed " << seed;
    EXPECT_EQ(write_state(*read), write_state(live));
  }
}

TEST(JournalStateTest, TheEmptyTable) {
  const auto read = read_state(kEventJsonVersion, write_state({}));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, AssociationTable());
}

TEST(JournalStateTest, EventsAreCountedByName) {
  AssociationTable table = replay(RandomEvents(3).take(500));
  const json state = json::parse(write_state(table));
  ASSERT_FALSE(state.at("events").empty());
  for (const json& pair : state.at("events")) {
    const std::string name = pair[0];
    const std::uint64_t count = pair[1];
    const auto kind = event_kind_from_name(name);
    ASSERT_TRUE(kind) << name;
    EXPECT_EQ(table.events()[static_cast<std::size_t>(*kind)], count);
  }
}

// A table that the fold could not go on with is refused.
TEST(JournalStateTest, TablesThatDoNotFitTogetherAreRefused) {
  const json whole =
      json::parse(write_state(replay(RandomEvents(4).take(3000))));
  ASSERT_FALSE(whole["associations"].empty());
  const auto refused = [](const json& state) {
    const auto read = read_state(kEventJsonVersion, state.dump());
    if (!read) {
      EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
    }
    return !read.has_value();
  };
  ASSERT_FALSE(refused(whole));
  for (const char* part : {"associations", "endpoints", "peers", "totals"}) {
    json without = whole;
    without[part].erase(0);
    EXPECT_TRUE(refused(without)) << part;
    json twice = whole;
    twice[part].push_back(twice[part][0]);
    EXPECT_TRUE(refused(twice)) << part;
    json other_key = whole;
    other_key[part][0][0] = 77;
    EXPECT_TRUE(refused(other_key)) << part;
  }
  json counted = whole;
  counted["endpoints"][0][1]["alive"] = 99;
  EXPECT_TRUE(refused(counted));
  json up = whole;
  up["associations"][0][1].erase("establishedAt");
  up["associations"][0][1]["state"] = 4;
  EXPECT_TRUE(refused(up));
  json kind = whole;
  kind["events"].push_back({"no_such_kind", 1});
  EXPECT_TRUE(refused(kind));
}

TEST(JournalStateTest, ErrorsSayWhatIsWrong) {
  const auto newer = read_state(kEventJsonVersion + 1, write_state({}));
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("version 2"), std::string::npos);
  const auto number = read_state(kEventJsonVersion, R"({"seq":-1})");
  ASSERT_FALSE(number);
  EXPECT_NE(number.error().message.find("'seq'"), std::string::npos);
  EXPECT_FALSE(read_state(kEventJsonVersion, "[]"));
  EXPECT_FALSE(read_state(kEventJsonVersion, ""));
}

}  // namespace
}  // namespace lksctp::test
