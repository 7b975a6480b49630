// Parts that are damaged or hostile: what is delivered was written, and what is not is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "journal_maker.h"
#include "random_events.h"

namespace lksctp::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string content_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const std::string& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

bool is_told(const std::vector<JournalDamage>& damage, std::uint64_t seq) {
  return std::any_of(
      damage.begin(), damage.end(), [seq](const JournalDamage& found) {
        return found.from.value() <= seq && seq <= found.to.value();
      });
}

bool is_whole_part_told(const std::vector<JournalDamage>& damage) {
  return std::any_of(
      damage.begin(), damage.end(),
      [](const JournalDamage& found) { return found.from == EventSeq(); });
}

class JournalDamageTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::span<const Event> events(std::uint64_t from,
                                              std::uint64_t to) const {
    return std::span(events_).subspan(from - 1, to - from + 1);
  }

  const std::vector<Event> events_ = RandomEvents(2).take(400);
  TemporaryDirectory directory_;
  JournalMaker maker_{directory_.file("journal")};
};

TEST_F(JournalDamageTest, RowWithAWrongChecksumIsLeftOut) {
  maker_.add_part(events(1, 10));
  run_sql(maker_.part(),
          "UPDATE event SET wall_ns = wall_ns + 1 WHERE seq = 4;"
          "UPDATE event SET body = '{}' WHERE seq = 5;"
          "UPDATE event SET crc = crc + 1 WHERE seq = 10");
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_THAT(read.numbers(), ElementsAre(1, 2, 3, 6, 7, 8, 9));
  ASSERT_EQ(read.damage.size(), 2U);
  EXPECT_EQ(read.damage[0].from, EventSeq(4));
  EXPECT_EQ(read.damage[0].to, EventSeq(5));
  EXPECT_THAT(read.damage[0].reason, HasSubstr("checksum"));
  EXPECT_EQ(read.damage[1].from, EventSeq(10));
}

TEST_F(JournalDamageTest, BodyThatIsNoSuchBodyIsLeftOut) {
  OpenPart part(part_path(maker_.path(), 1), journal_id(1), 1);
  part.write(events(1, 2));
  part.write_row(3, "log_gap", 1, "{\"from\":");
  part.write(events(4, 5));
  part.close();
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_THAT(read.numbers(), ElementsAre(1, 2, 4, 5));
  ASSERT_EQ(read.damage.size(), 1U);
  EXPECT_EQ(read.damage[0].from, EventSeq(3));
  EXPECT_EQ(read.damage[0].to, EventSeq(3));
}

TEST_F(JournalDamageTest, RowsThatAreGoneAreTold) {
  maker_.add_part(events(1, 20));
  maker_.add_part(events(21, 40));
  run_sql(part_path(maker_.path(), 1),
          "DELETE FROM event WHERE seq IN (1, 7, 8, 20)");
  run_sql(part_path(maker_.path(), 2), "DELETE FROM event WHERE seq > 38");
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_EQ(read.entries.size(), 34U);
  ASSERT_EQ(read.damage.size(), 4U);
  EXPECT_EQ(read.damage[0].to, EventSeq(1));
  EXPECT_EQ(read.damage[1].from, EventSeq(7));
  EXPECT_EQ(read.damage[1].to, EventSeq(8));
  EXPECT_EQ(read.damage[2].from, EventSeq(20));
  EXPECT_EQ(read.damage[3].from, EventSeq(39));
  EXPECT_EQ(read.damage[3].to, EventSeq(40));
}

TEST_F(JournalDamageTest, PartThatIsNoDatabaseIsToldAndPassed) {
  maker_.add_part(events(1, 10));
  maker_.add_part(events(11, 20));
  const std::string second = maker_.part();
  maker_.add_part(events(21, 30));
  write_file(second, std::string(5000, 'z'));
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_EQ(read.entries.size(), 20U);
  ASSERT_EQ(read.damage.size(), 2U);
  EXPECT_EQ(read.damage[0].part, second);
  EXPECT_EQ(read.damage[0].from, EventSeq(0));
  EXPECT_EQ(read.damage[1].from, EventSeq(11));
  EXPECT_EQ(read.damage[1].to, EventSeq(20));
}

TEST_F(JournalDamageTest, PartThatIsMissingIsTold) {
  maker_.add_part(events(1, 10));
  maker_.add_part(events(11, 20));
  const std::string second = maker_.part();
  maker_.add_part(events(21, 30));
  std::filesystem::remove(second);
  ReadJournal read = read_journal(maker_.path());
  ASSERT_EQ(read.damage.size(), 1U);
  EXPECT_EQ(read.damage[0].from, EventSeq(11));
  EXPECT_EQ(read.damage[0].to, EventSeq(20));
  // Of another journal: how many events it had is not known.
  const std::string third = maker_.part();
  maker_.begin_journal();
  maker_.add_part(events(1, 10));
  std::filesystem::remove(third);
  read = read_journal(maker_.path());
  ASSERT_EQ(read.damage.size(), 1U);
  EXPECT_EQ(read.damage[0].part, second);
}

TEST_F(JournalDamageTest, TablesThatAreNotOursAreRefused) {
  maker_.add_part(events(1, 10));
  const std::string whole = content_of(maker_.part());
  for (const char* const change :
       {"DROP TABLE snapshot", "ALTER TABLE event ADD COLUMN x TEXT",
        "DROP TABLE event; CREATE VIEW event AS SELECT 1 AS seq",
        "UPDATE meta SET value = 'x' WHERE name = 'journal'",
        "DELETE FROM meta WHERE name = 'crc'"}) {
    write_file(maker_.part(), whole);
    run_sql(maker_.part(), change);
    const auto reader = JournalReader::open(maker_.path());
    ASSERT_FALSE(reader) << change;
    EXPECT_EQ(reader.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_F(JournalDamageTest, HostileViewsAndTriggersAreHarmless) {
  maker_.add_part(events(1, 10));
  run_sql(maker_.part(),
          "DROP VIEW events;"
          "CREATE VIEW events AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL "
          "SELECT x + 1 FROM n) SELECT x FROM n;"
          "CREATE TABLE other (x);"
          "CREATE TRIGGER harm AFTER INSERT ON event BEGIN DELETE FROM event; "
          "END;"
          "PRAGMA writable_schema = ON;"
          "UPDATE sqlite_schema SET sql = 'CREATE VIEW log_gap AS SELEKT' "
          "WHERE name = 'log_gap';");
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_EQ(read.entries.size(), 10U);
  EXPECT_THAT(read.damage, IsEmpty());
}

// Of a journal in one closed part, with snapshots.
TEST_F(JournalDamageTest, BitFlipsAreFoundWhereverTheyAre) {
  maker_.add_part(events_, 150);
  const std::string whole = content_of(maker_.part());
  std::mt19937 engine(42);
  std::size_t refused = 0;
  std::size_t found = 0;
  for (int trial = 0; trial < 600; ++trial) {
    std::string flipped = whole;
    const std::size_t bit = engine() % (flipped.size() * 8);
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    write_file(maker_.part(), flipped);
    SCOPED_TRACE("bit " + std::to_string(bit));
    const auto reader = JournalReader::open(maker_.path());
    if (!reader) {
      ASSERT_EQ(reader.error().code, ErrorCode::kInvalidArgument);
      ++refused;
      continue;
    }
    ReadJournal read;
    read_on(**reader, read);
    if (!read.damage.empty()) ++found;
    std::vector<bool> delivered(events_.size() + 1);
    for (const JournalEntry& entry : read.entries) {
      const std::uint64_t seq = entry.event.seq.value();
      ASSERT_LE(seq, events_.size());
      ASSERT_EQ(entry.event, events_[seq - 1]);
      ASSERT_EQ(entry.journal, journal_id(1));
      delivered[seq] = true;
    }
    for (std::uint64_t seq = 1; seq <= events_.size(); ++seq) {
      ASSERT_TRUE(delivered[seq] || is_told(read.damage, seq) ||
                  is_whole_part_told(read.damage))
          << seq;
    }
  }
  // The file is made of rows mostly.
  EXPECT_GT(found, 200U);
  EXPECT_LT(refused, 200U);
}

// A page of rows is gone: those before and behind it are read.
TEST_F(JournalDamageTest, WhatIsReadableBehindDamageIsRead) {
  maker_.add_part(events_);
  const std::string whole = content_of(maker_.part());
  std::size_t most = 0;
  for (std::size_t page = 4096; page < whole.size(); page += 4096) {
    std::string damaged = whole;
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(page), 4096,
                '\xff');
    write_file(maker_.part(), damaged);
    const auto reader = JournalReader::open(maker_.path());
    if (!reader) continue;  // a page of the schema, or of meta
    ReadJournal read;
    read_on(**reader, read);
    std::size_t told = 0;
    for (std::uint64_t seq = 1; seq <= events_.size(); ++seq) {
      if (is_told(read.damage, seq)) ++told;
    }
    EXPECT_EQ(read.entries.size() + told, events_.size());
    most = std::max(most, read.entries.size());
    if (told > 0 && told < events_.size()) {
      EXPECT_EQ(read.entries.front().event.seq == EventSeq(1) ||
                    read.entries.back().event.seq == EventSeq(events_.size()),
                true);
    }
  }
  EXPECT_EQ(most, events_.size());  // a page of views, or of a snapshot
}

TEST_F(JournalDamageTest, PartWithoutItsEndGivesAPrefix) {
  maker_.add_part(events_);
  const std::string whole = content_of(maker_.part());
  std::size_t most = 0;
  for (std::size_t size = 4096; size < whole.size(); size += 4096 + 512) {
    write_file(maker_.part(), whole.substr(0, size));
    const auto reader = JournalReader::open(maker_.path());
    if (!reader) continue;  // without its tables
    ReadJournal read;
    read_on(**reader, read);
    std::vector<bool> delivered(events_.size() + 1);
    for (const JournalEntry& entry : read.entries) {
      const std::uint64_t seq = entry.event.seq.value();
      ASSERT_EQ(entry.event, events_[seq - 1]);
      delivered[seq] = true;
    }
    // What is cut off the last page may be none of an event.
    if (whole.size() - size >= 4096) {
      EXPECT_TRUE(is_whole_part_told(read.damage)) << size;
    }
    for (std::uint64_t seq = 1; seq <= events_.size(); ++seq) {
      EXPECT_TRUE(delivered[seq] || is_told(read.damage, seq)) << size;
    }
    most = std::max(most, read.entries.size());
  }
  EXPECT_GT(most, events_.size() / 2);
}

TEST_F(JournalDamageTest, TruncatedWriteAheadLogGivesAPrefix) {
  const std::string file = part_path(maker_.path(), 1);
  OpenPart part(file, journal_id(1), 1);
  for (std::uint64_t seq = 1; seq <= 100; seq += 4) {
    part.write(events(seq, seq + 3));
  }
  const std::string database = content_of(file);
  const std::string log = content_of(file + "-wal");
  std::mt19937 engine(7);
  std::size_t shorter = 0;
  for (int trial = 0; trial < 100; ++trial) {
    TemporaryDirectory copy;
    write_file(copy.file("journal.1"), database);
    std::string cut = log.substr(0, engine() % log.size());
    if (trial % 2 == 1) {
      cut = log;
      cut[engine() % cut.size()] ^= 0x10;
    }
    write_file(copy.file("journal.1-wal"), cut);
    const auto reader = JournalReader::open(copy.file("journal"));
    if (!reader) continue;  // the log had the tables
    ReadJournal read;
    read_on(**reader, read);
    for (std::size_t i = 0; i < read.entries.size(); ++i) {
      ASSERT_EQ(read.entries[i].event, events_[i]);
    }
    EXPECT_THAT(read.damage, IsEmpty());
    if (read.entries.size() < 100) ++shorter;
  }
  EXPECT_GT(shorter, 20U);
}

}  // namespace
}  // namespace lksctp::test
