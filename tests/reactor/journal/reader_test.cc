// Journals read in order, across parts and journals, and as they grow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <numeric>
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

class JournalReaderTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::uint64_t> numbers(std::uint64_t from,
                                                   std::uint64_t to) const {
    std::vector<std::uint64_t> numbers(to - from + 1);
    std::iota(numbers.begin(), numbers.end(), from);
    return numbers;
  }
  [[nodiscard]] std::span<const Event> events(std::uint64_t from,
                                              std::uint64_t to) const {
    return std::span(events_).subspan(from - 1, to - from + 1);
  }

  const std::vector<Event> events_ = RandomEvents(1).take(2000);
  TemporaryDirectory directory_;
  JournalMaker maker_{directory_.file("journal")};
};

TEST_F(JournalReaderTest, EventsAreThoseThatWereWritten) {
  maker_.add_part(events(1, 700));
  maker_.add_part(events(701, 701));
  maker_.add_part(events(702, 2000));
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_EQ(read.events(), events_);
  EXPECT_THAT(read.damage, IsEmpty());
  EXPECT_EQ(read.entries.front().journal, journal_id(1));
}

TEST_F(JournalReaderTest, JournalsComeOneAfterAnother) {
  maker_.add_part(events(1, 10));
  maker_.begin_journal();
  maker_.add_part(events(1, 3));
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_EQ(read.entries.size(), 13U);
  EXPECT_EQ(read.entries[9].journal, journal_id(1));
  EXPECT_EQ(read.entries[10].journal, journal_id(2));
  EXPECT_EQ(read.entries[10].event.seq, EventSeq(1));
  EXPECT_THAT(read.damage, IsEmpty());
}

TEST_F(JournalReaderTest, PathMayBeTheFileOfOnePart) {
  maker_.add_part(events(1, 10));
  maker_.add_part(events(11, 30));
  // A copy, by another name and alone.
  std::filesystem::copy_file(maker_.part(), directory_.file("copy"));
  const ReadJournal read = read_journal(directory_.file("copy"));
  EXPECT_EQ(read.numbers(), numbers(11, 30));
  EXPECT_THAT(read.damage, IsEmpty());
}

TEST_F(JournalReaderTest, LinkToTheNewestPartIsTheWholeJournal) {
  maker_.add_part(events(1, 10));
  maker_.add_part(events(11, 30));
  std::filesystem::create_symlink(maker_.part(), maker_.path());
  EXPECT_EQ(read_journal(maker_.path()).numbers(), numbers(1, 30));
}

TEST_F(JournalReaderTest, CursorGoesOnBehindItsEvent) {
  maker_.add_part(events(1, 100));
  maker_.add_part(events(101, 200));
  for (const std::uint64_t after :
       {0ULL, 1ULL, 99ULL, 100ULL, 101ULL, 200ULL}) {
    const ReadJournal read = read_journal(
        maker_.path(),
        {.after = JournalPosition{journal_id(1), EventSeq(after)}});
    EXPECT_EQ(read.numbers().size(), 200 - after);
    if (after < 200) {
      EXPECT_EQ(read.numbers().front(), after + 1);
    }
    EXPECT_THAT(read.damage, IsEmpty());
  }
}

TEST_F(JournalReaderTest, CursorGoesOnInTheNextJournal) {
  maker_.add_part(events(1, 100));
  maker_.begin_journal();
  maker_.add_part(events(1, 20));
  const ReadJournal read = read_journal(
      maker_.path(), {.after = JournalPosition{journal_id(1), EventSeq(100)}});
  EXPECT_EQ(read.numbers(), numbers(1, 20));
  EXPECT_EQ(read.entries.front().journal, journal_id(2));
}

TEST_F(JournalReaderTest, CursorIsToldWhatRetentionDeleted) {
  maker_.add_part(events(1, 100));
  const std::string oldest = maker_.part();
  maker_.add_part(events(101, 200));
  std::filesystem::remove(oldest);
  // Who begins at the beginning misses nothing: it is there no more.
  const ReadJournal all = read_journal(maker_.path());
  EXPECT_EQ(all.numbers(), numbers(101, 200));
  EXPECT_THAT(all.damage, IsEmpty());
  const ReadJournal read = read_journal(
      maker_.path(), {.after = JournalPosition{journal_id(1), EventSeq(42)}});
  EXPECT_EQ(read.numbers(), numbers(101, 200));
  ASSERT_EQ(read.damage.size(), 1U);
  EXPECT_EQ(read.damage[0].from, EventSeq(43));
  EXPECT_EQ(read.damage[0].to, EventSeq(100));
}

TEST_F(JournalReaderTest, CursorOfAJournalThatIsNotThereIsRefused) {
  maker_.add_part(events(1, 100));
  const auto reader = JournalReader::open(
      maker_.path(), {.after = JournalPosition{journal_id(9), EventSeq(1)}});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(reader.error().message, HasSubstr(journal_id(9)));
}

TEST_F(JournalReaderTest, JournalThatGrowsIsFollowed) {
  OpenPart first(part_path(maker_.path(), 1), journal_id(1), 1);
  first.write(events(1, 5));
  const auto reader = JournalReader::open(maker_.path()).value();
  ReadJournal read;
  read_on(*reader, read);
  EXPECT_EQ(read.numbers(), numbers(1, 5));
  first.write(events(6, 8));
  read_on(*reader, read);
  EXPECT_EQ(read.numbers(), numbers(1, 8));
  // The next part is there before the old one has its last events.
  OpenPart second(part_path(maker_.path(), 2), journal_id(1), 2);
  first.write(events(9, 12));
  first.close();
  second.write(events(13, 14));
  read_on(*reader, read);
  EXPECT_EQ(read.numbers(), numbers(1, 14));
  second.close();
  OpenPart other(part_path(maker_.path(), 3), journal_id(2), 3);
  read_on(*reader, read);
  other.write(events(1, 2));
  read_on(*reader, read);
  EXPECT_EQ(read.entries.size(), 16U);
  EXPECT_EQ(read.entries.back().journal, journal_id(2));
  EXPECT_THAT(read.damage, IsEmpty());
}

TEST_F(JournalReaderTest, ReaderThatWaitsLeavesTheWriterAlone) {
  OpenPart part(part_path(maker_.path(), 1), journal_id(1), 1);
  part.write(events(1, 5));
  const auto reader = JournalReader::open(maker_.path()).value();
  ReadJournal read;
  read_on(*reader, read);
  // Both need that nobody reads: the log begins anew, and the mode WAL ends.
  part.run("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(std::filesystem::file_size(part_path(maker_.path(), 1) + "-wal"),
            0U);
  part.close();
  EXPECT_FALSE(std::filesystem::exists(part_path(maker_.path(), 1) + "-wal"));
}

TEST_F(JournalReaderTest, KindsAndVersionsOfTheFutureAreKept) {
  OpenPart part(part_path(maker_.path(), 1), journal_id(1), 1);
  part.write(events(1, 1));
  part.write_row(2, "teleported", 1, R"({"to":"mars"})");
  part.write_row(3, "log_gap", 99, R"({"other":1})");
  part.close();
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_THAT(read.damage, IsEmpty());
  EXPECT_EQ(read.numbers(), numbers(1, 3));
  EXPECT_FALSE(read.entries[0].unknown);
  ASSERT_TRUE(read.entries[1].unknown);
  EXPECT_EQ(read.entries[1].unknown->kind, "teleported");
  EXPECT_EQ(read.entries[1].unknown->body, R"({"to":"mars"})");
  ASSERT_TRUE(read.entries[2].unknown);
  EXPECT_EQ(read.entries[2].unknown->version, 99);
}

TEST_F(JournalReaderTest, GapThatTheJournalTellsIsNoDamage) {
  OpenPart part(part_path(maker_.path(), 1), journal_id(1), 1);
  part.write(events(1, 5));
  Event gap{.seq = EventSeq(9), .body = LogGap{EventSeq(6), EventSeq(8)}};
  part.write(std::span(&gap, 1));
  part.write(events(10, 12));
  part.close();
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_THAT(read.numbers(), ElementsAre(1, 2, 3, 4, 5, 9, 10, 11, 12));
  EXPECT_THAT(read.damage, IsEmpty());
}

TEST_F(JournalReaderTest, UserDataThatWasLeftOutHasItsSize) {
  const Event failed{.seq = EventSeq(1),
                     .body = ReceiveFailed{{}, Bytes(7, std::byte{1})}};
  OpenPart part(part_path(maker_.path(), 1), journal_id(1), 1);
  part.write(std::span(&failed, 1), JournaledUserData::kNone);
  part.close();
  const ReadJournal read = read_journal(maker_.path());
  ASSERT_EQ(read.entries.size(), 1U);
  EXPECT_EQ(read.entries[0].user_data_size, 7U);
  EXPECT_EQ(std::get<ReceiveFailed>(read.entries[0].event.body).raw, Bytes());
}

TEST_F(JournalReaderTest, PartThatIsNotYetWrittenIsWaitedFor) {
  std::ofstream(part_path(maker_.path(), 1)).close();
  const auto reader = JournalReader::open(maker_.path()).value();
  ReadJournal read;
  read_on(*reader, read);
  EXPECT_THAT(read.entries, IsEmpty());
  std::filesystem::remove(part_path(maker_.path(), 1));
  maker_.add_part(events(1, 3));
  read_on(*reader, read);
  EXPECT_EQ(read.numbers(), numbers(1, 3));
  EXPECT_THAT(read.damage, IsEmpty());
}

TEST_F(JournalReaderTest, WhatIsNoJournalIsRefused) {
  const auto missing = JournalReader::open(maker_.path());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().errno_value, ENOENT);
  const auto nowhere = JournalReader::open("/nowhere/at/all");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().errno_value, ENOENT);

  std::ofstream(maker_.path()) << std::string(10'000, 'x');
  const auto text = JournalReader::open(maker_.path());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(JournalReaderTest, OtherDatabasesAndFormatsAreRefused) {
  maker_.add_part(events(1, 3));
  const std::string file = maker_.part();
  run_sql(file, "PRAGMA user_version = 2");
  auto reader = JournalReader::open(maker_.path());
  ASSERT_FALSE(reader);
  EXPECT_THAT(reader.error().message, HasSubstr("format 2"));
  run_sql(file, "PRAGMA user_version = 1; PRAGMA application_id = 1");
  reader = JournalReader::open(maker_.path());
  ASSERT_FALSE(reader);
  EXPECT_THAT(reader.error().message, HasSubstr("another program"));
}

TEST_F(JournalReaderTest, WhatIsNoOrdinaryFileIsNoPart) {
  maker_.add_part(events(1, 3));
  ASSERT_EQ(::mkfifo(part_path(maker_.path(), 2).c_str(), 0600), 0);
  std::filesystem::create_symlink(maker_.part(), part_path(maker_.path(), 3));
  std::filesystem::create_directory(part_path(maker_.path(), 4));
  const ReadJournal read = read_journal(maker_.path());
  EXPECT_EQ(read.numbers(), numbers(1, 3));
  ASSERT_EQ(read.damage.size(), 3U);
  EXPECT_EQ(read.damage[0].part, part_path(maker_.path(), 2));
}

}  // namespace
}  // namespace lksctp::test
