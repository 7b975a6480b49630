// Journals of every released version of the format, and what they lead to. A golden journal
// is made once, by the version that it is of, and never again: with LKSCTP_UPDATE=1 one that
// is not there is made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "approved_file.h"
#include "journal_maker.h"
#include "lksctp/reactor/snapshot_json.h"
#include "random_events.h"
#include "recorded_log.h"
#include "run_command.h"

namespace lksctp::test {
namespace {

using ::testing::IsEmpty;

// A small node, and then all kinds of events.
std::vector<Event> golden_events() {
  std::vector<Event> events = recorded_log();
  const std::uint64_t recorded = events.size();
  for (Event event : RandomEvents(11).take(200)) {
    event.seq = EventSeq(recorded + event.seq.value());
    event.raw = Bytes(event.seq.value() % 3, std::byte{0x5a});
    events.push_back(std::move(event));
  }
  return events;
}

class GoldenJournalTest : public ::testing::TestWithParam<int> {
 protected:
  [[nodiscard]] std::string name() const {
    return "tests/golden/journal-" + std::to_string(GetParam());
  }
  [[nodiscard]] std::string file() const {
    return std::string(LKSCTP_SOURCE_DIR) + '/' + name();
  }
};

INSTANTIATE_TEST_SUITE_P(
    Versions, GoldenJournalTest,
    ::testing::Range(1, static_cast<int>(kJournalFormatVersion) + 1));

TEST_P(GoldenJournalTest, LeadsToTheSameStateAndMetrics) {
  if (!std::filesystem::exists(file()) &&
      std::getenv("LKSCTP_UPDATE") != nullptr) {
    ASSERT_EQ(GetParam(), kJournalFormatVersion);
    TemporaryDirectory directory;
    JournalMaker maker(directory.file("journal"));
    maker.add_part(golden_events(), 100);
    std::filesystem::copy_file(maker.part(), file());
  }
  const JournalCheck check = verify_journal(file()).value();
  EXPECT_THAT(check.damage, IsEmpty());
  EXPECT_THAT(check.unknown, IsEmpty());
  EXPECT_GT(check.events, 200U);
  EXPECT_GE(check.snapshots, 2U);
  const Replayed replayed = replay(file()).value();
  EXPECT_TRUE(replayed.exact);
  Snapshot snapshot;
  snapshot.table = replayed.table;
  snapshot.monotonic = replayed.monotonic;
  snapshot.wall = replayed.wall;
  expect_file(name() + ".status.json", to_json(snapshot, {}, {}) + '\n');
  const CommandResult metrics =
      run_command("lksctp-journal metrics " + name(), LKSCTP_SOURCE_DIR);
  EXPECT_EQ(metrics.status, 0) << metrics.errors;
  expect_file(name() + ".prom", metrics.output);
}

}  // namespace
}  // namespace lksctp::test
