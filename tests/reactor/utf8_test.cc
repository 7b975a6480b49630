#include "lksctp/reactor/utf8.h"

#include <gtest/gtest.h>

namespace lksctp::test {
namespace {

TEST(Utf8Test, WellFormedTextStays) {
  for (const char* text : {"", "peer-1", "\xc3\xa9", "\xe2\x82\xac",
                           "\xf0\x9f\x93\xa1", "a\xc3\xa9z"}) {
    EXPECT_EQ(to_utf8(text), text);
    EXPECT_TRUE(is_utf8(text));
  }
}

TEST(Utf8Test, EveryByteThatBelongsToNothingIsReplaced) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(to_utf8("a\xff"
                    "b"),
            "a" + replacement + "b");
  EXPECT_EQ(to_utf8("\xc3"), replacement) << "cut short";
  EXPECT_EQ(to_utf8("\xc0\xaf"), replacement + replacement) << "overlong";
  EXPECT_EQ(to_utf8("\xed\xa0\x80"), replacement + replacement + replacement)
      << "surrogate";
  EXPECT_EQ(to_utf8("\xf4\x90\x80\x80").size(), 4 * replacement.size())
      << "above U+10FFFF";
  EXPECT_EQ(to_utf8("\xe2\x82z"), replacement + replacement + "z");
  for (const char* text : {"a\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xe2\x82z"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace lksctp::test
