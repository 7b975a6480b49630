// The map whose copies share what has not changed, against std::map.
#include "lksctp/reactor/shared_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace lksctp::test {
namespace {

// As the table is: a map, and what it alone can reach.
struct Value {
  SharedMap<int, std::string> map;
  SharedOwnership ownership;
};

using Model = std::map<int, std::string>;

void expect_equal(const Value& value, const Model& model) {
  ASSERT_EQ(value.map.size(), model.size());
  ASSERT_EQ(value.map.empty(), model.empty());
  ASSERT_TRUE(std::equal(value.map.begin(), value.map.end(), model.begin(),
                         model.end(), [](const auto& a, const auto& b) {
                           return a.first == b.first && *a.second == b.second;
                         }));
}

// Insertions, erasures, changes and lookups at random; copies are made meanwhile,
// and stay what they were.
TEST(SharedMapTest, IsAMapAndItsCopiesStay) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    Value value;
    Model model;
    std::vector<std::pair<Value, Model>> copies;
    for (int step = 0; step < 4000; ++step) {
      const int key = static_cast<int>(random() % 700);
      const std::string text = std::to_string(random());
      const bool known = model.contains(key);
      ASSERT_EQ(value.map.contains(key), known);
      if (!known) {
        value.map.insert(key, text, value.ownership);
        model[key] = text;
      } else if (random() % 3 == 0) {
        value.map.erase(key, value.ownership);
        model.erase(key);
      } else {
        ASSERT_EQ(*value.map.find(key)->second, model[key]);
        *value.map.writable(key, value.ownership) = text;
        model[key] = text;
      }
      ASSERT_EQ(value.map.writable(700 + key, value.ownership), nullptr);
      if (random() % 200 == 0) copies.emplace_back(value, model);
      // A copy may take over, and go on by itself.
      if (random() % 500 == 0 && !copies.empty()) {
        std::tie(value, model) = copies[random() % copies.size()];
      }
    }
    expect_equal(value, model);
    for (const auto& [copy, its_model] : copies) expect_equal(copy, its_model);
  }
}

TEST(SharedMapTest, ACopySharesWhatDoesNotChange) {
  Value value;
  for (int key = 0; key < 1000; ++key) {
    value.map.insert(key, std::to_string(key), value.ownership);
  }
  const Value copy = value;
  EXPECT_TRUE(copy.map == value.map) << "the same records";
  *value.map.writable(500, value.ownership) = "changed";
  EXPECT_EQ(*copy.map.find(500)->second, "500");
  std::size_t shared = 0;
  for (const auto& [key, record] : copy.map) {
    shared += value.map.find(key)->second == record ? 1 : 0;
  }
  EXPECT_EQ(shared, 999U);
}

TEST(SharedMapTest, WhatIsNotSharedIsChangedInPlace) {
  Value value;
  const std::string* record = &value.map.insert(1, "one", value.ownership);
  EXPECT_EQ(value.map.writable(1, value.ownership), record);
  { const Value copy = value; }
  EXPECT_NE(value.map.writable(1, value.ownership), record)
      << "it was shared: who dropped the copy, and when, is not known";
}

TEST(SharedMapTest, ACopyIsShedInSlices) {
  Value value;
  for (int key = 0; key < 1000; ++key) {
    value.map.insert(key, std::to_string(key), value.ownership);
  }
  Value copy = value;
  std::size_t slices = 0;
  for (std::size_t before = 1000; !copy.map.empty(); ++slices) {
    copy.map.shed();
    ASSERT_LT(copy.map.size(), before);
    before = copy.map.size();
    ASSERT_EQ(static_cast<std::size_t>(
                  std::distance(copy.map.begin(), copy.map.end())),
              before);
  }
  EXPECT_GT(slices, 1U);
  EXPECT_EQ(value.map.size(), 1000U);
}

TEST(SharedMapTest, KeysMayComeInAnyOrder) {
  for (const bool rising : {true, false}) {
    Value value;
    for (int i = 0; i < 500; ++i) {
      value.map.insert(rising ? i : 500 - i, "", value.ownership);
    }
    EXPECT_EQ(value.map.size(), 500U);
    EXPECT_TRUE(std::is_sorted(
        value.map.begin(), value.map.end(),
        [](const auto& a, const auto& b) { return a.first < b.first; }));
  }
}

}  // namespace
}  // namespace lksctp::test
