#include "lksctp/decoder/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "notifications_page.h"

namespace lksctp {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Table, SubscribesAllButTheFrequentTheDeprecatedAndTheRefused) {
  EXPECT_THAT(subscription_types(Abi::kLinux),
              testing::UnorderedElementsAre(0x8001, 0x8002, 0x8004, 0x8005,
                                            0x8006, 0x8007, 0x8008, 0x800a,
                                            0x800b, 0x800c, 0x800d));
  EXPECT_THAT(
      subscription_types(Abi::kUsrsctp),
      testing::UnorderedElementsAre(1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 14));
}

TEST(Table, FindsRowsByTypeInTheirAbiOnly) {
  for (const NotificationRow& row : notification_rows()) {
    for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
      if (row.type(abi) != 0) {
        EXPECT_EQ(row_of_type(row.type(abi), abi), &row);
      }
    }
  }
  EXPECT_EQ(row_of_type(1, Abi::kLinux), nullptr);
  EXPECT_EQ(row_of_type(0, Abi::kLinux), nullptr);
  EXPECT_EQ(row_of_type(0x8001, Abi::kUsrsctp), nullptr);
}

TEST(Table, LabelsAreMetricLabelValues) {
  const std::regex label("[a-z]+(_[a-z]+)*");
  for (const NotificationRow& row : notification_rows()) {
    EXPECT_TRUE(std::regex_match(row.label, label)) << row.label;
  }
  EXPECT_STREQ(notification_label(AssociationChange{}), "association_change");
  EXPECT_STREQ(notification_label(SendFailed{}), "send_failed");
  EXPECT_STREQ(notification_label(SendFailed{.deprecated = true}),
               "send_failed_deprecated");
  EXPECT_STREQ(notification_label(UnknownNotification{}), "unknown");
}

TEST(Table, NamesValues) {
  const NotificationRow& row = *row_of(AssociationChange{});
  const auto state = std::find_if(
      row.fields.begin(), row.fields.end(),
      [](const auto& f) { return std::string_view(f.name) == "sac_state"; });
  EXPECT_EQ(value_name(*state, 0), "SCTP_COMM_UP");
  EXPECT_EQ(value_name(*state, 77), "");
}

TEST(Table, PageIsGeneratedFromIt) {
  EXPECT_EQ(read_file(fs::path(LKSCTP_SOURCE_DIR) / "docs/notifications.md"),
            notifications_page())
      << "run lksctp_notifications_page > docs/notifications.md";
}

// A second list of notification types would drift from the table.
TEST(Table, IsTheOnlyListOfTypes) {
  const std::regex second_list(
      "switch "
      "*\\([^)]*(sn_type|linux_type|usrsctp_type|alternative|index\\(\\))"
      "|case +SCTP_[A-Z_]*(_EVENT|_CHANGE|_ERROR|_INDICATION|SEND_FAILED)\\b"
      "|0x80(0[1-9a-d])\\b");
  std::size_t files = 0;
  for (const char* room : {"decoder", "reactor", "metrics", "node-binding"}) {
    const fs::path folder = fs::path(LKSCTP_SOURCE_DIR) / room;
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string suffix = entry.path().extension();
      if (suffix != ".cc" && suffix != ".h") continue;
      if (entry.path().filename() == "rows.h") continue;
      ++files;
      const std::string text = read_file(entry.path());
      EXPECT_FALSE(std::regex_search(text, second_list)) << entry.path();
    }
  }
  EXPECT_GT(files, 20u);
}

}  // namespace
}  // namespace lksctp
