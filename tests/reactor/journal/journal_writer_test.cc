// What is written: rows, snapshots, `meta`, and what `status` says of it.
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "journal/journal_id.h"
#include "stored_journal.h"

namespace lksctp::test {
namespace {

TEST(JournalWriter, KeepsEveryEventWithItsChecksum) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path});
  open.log.append(1);
  open.log.append(100);
  open.log.append(0);
  open.log.append(3000);
  open.close();
  const auto events = stored_events(path);
  EXPECT_EQ(numbers(events), from_to(1, 3101));
  EXPECT_EQ(events.front().kind, "peer_expected");
  const JournalStatus status = open.journal->status();
  EXPECT_EQ(status.durable, EventSeq(3101));
  EXPECT_EQ(status.written, 3101U);
  EXPECT_EQ(status.queued, 0U);
  EXPECT_EQ(status.gaps, 0U);
  EXPECT_EQ(status.error, std::nullopt);
  EXPECT_GT(status.bytes, 3101U * 50);
}

// The crc of docs/journal-format.md, computed from the words there and by hand.
TEST(JournalWriter, AChecksumIsThatOfTheFormat) {
  const auto crc32c = [](const std::string& bytes) {
    std::uint32_t crc = ~std::uint32_t{0};
    for (const char c : bytes) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) {
        crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
      }
    }
    return ~crc;
  };
  ASSERT_EQ(crc32c("123456789"), 0xe3069283U);
  std::string bytes;
  const auto integer = [&](std::uint64_t value) {
    for (int i = 0; i < 8; ++i) {
      bytes += static_cast<char>(value >> (8 * i));
    }
  };
  for (const std::uint64_t value : {7U, 8U, 9U, 1U, 3U, 4U}) integer(value);
  integer(4);
  bytes += "kind";
  integer(2);
  bytes += "{}";
  const std::string before_raw = bytes;
  integer(~std::uint64_t{0});
  EventRow row{.seq = 7,
               .monotonic_ns = 8,
               .wall_ns = 9,
               .kind = "kind",
               .version = 1,
               .endpoint = 3,
               .association = 4,
               .body = "{}"};
  EXPECT_EQ(crc_of(row), crc32c(bytes));
  bytes = before_raw;
  integer(2);
  bytes += "\x01\x02";
  const std::array raw{std::byte{1}, std::byte{2}};
  row.raw = raw;
  EXPECT_EQ(crc_of(row), crc32c(bytes));
}

TEST(JournalWriter, AClosedPartIsOneFile) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path});
  open.log.append(10);
  open.flush();
  EXPECT_TRUE(std::filesystem::exists(path + ".1-wal"));
  EXPECT_EQ(stored_parts(path).at(0).meta.closed, std::nullopt);
  open.close();
  EXPECT_FALSE(std::filesystem::exists(path + ".1-wal"));
  EXPECT_FALSE(std::filesystem::exists(path + ".1-shm"));
  const StoredPart part = stored_parts(path).at(0);
  EXPECT_EQ(part.meta.journal, open.journal->id());
  EXPECT_EQ(part.meta.part, 1U);
  EXPECT_TRUE(part.meta.closed.has_value());
  EXPECT_EQ(part.meta.last, 10U);
  EXPECT_NE(part.meta.writer.find("lksctp "), std::string::npos);
  EXPECT_FALSE(part.meta.host.empty());
  std::ifstream file(path + ".1", std::ios::binary);
  std::array<char, 20> header{};
  file.read(header.data(), header.size());
  EXPECT_EQ(header[18], 1) << "no WAL is needed to read it";
}

TEST(JournalWriter, FilesAreOfTheOwnerAlone) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("deep/er/a.journal");
  const mode_t before = ::umask(0);
  OpenJournal open({.path = path});
  ::umask(before);
  open.log.append(1);
  open.flush();
  const auto mode = [](const std::string& file) {
    struct stat status {};
    EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
    return status.st_mode & 07777;
  };
  EXPECT_EQ(mode(directory.file("deep")), 0700U);
  EXPECT_EQ(mode(directory.file("deep/er")), 0700U);
  for (const char* suffix : {".1", ".1-wal", ".1-shm", ".lock"}) {
    EXPECT_EQ(mode(path + suffix), 0600U) << suffix;
  }
  EXPECT_EQ(std::filesystem::read_symlink(path), "a.journal.1");
  open.close();
}

TEST(JournalWriter, FlushWaitsUntilAllIsSafe) {
  const TemporaryDirectory directory;
  OpenJournal open({.path = directory.file("a.journal")});
  for (std::uint64_t i = 1; i <= 20; ++i) {
    open.log.append(1);
    open.flush();
    EXPECT_EQ(open.journal->status().durable, EventSeq(i));
  }
  open.flush();
  open.close();
}

TEST(JournalWriter, WhatWaitsIsWrittenWithoutBeingAsked) {
  const TemporaryDirectory directory;
  OpenJournal open({.path = directory.file("a.journal")});
  open.log.append(1);
  EXPECT_TRUE(wait_until(
      [&] { return open.journal->status().durable == EventSeq(1); }));
  open.log.append(64);
  EXPECT_TRUE(wait_until(
      [&] { return open.journal->status().durable == EventSeq(65); }));
  open.close();
}

TEST(JournalWriter, ManyWaitingEventsAreOneCommit) {
  const TemporaryDirectory directory;
  OpenJournal open({.path = directory.file("a.journal")});
  open.log.append(4000);
  open.close();
  std::uint64_t commits = 0;
  for (const auto count : open.journal->status().commits.buckets) {
    commits += count;
  }
  EXPECT_LE(commits, 2U);
}

TEST(JournalWriter, ALogWithEventsInItBeginsWithItsTable) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  JournaledLog log;
  log.log().append({}, {}, PeerExpected{"e", "p"});
  log.log().append({}, {}, PeerExpected{"e", "q"});
  auto journal = Journal::open({.path = path});
  ASSERT_TRUE(journal.has_value());
  ASSERT_TRUE(log.attach(*journal).has_value());
  log.append(2);
  log.detach();
  ASSERT_TRUE((*journal)->close().has_value());
  const StoredPart part = stored_parts(path).at(0);
  EXPECT_EQ(numbers(part.events), from_to(3, 4));
  EXPECT_EQ(part.snapshots,
            (std::map<std::uint64_t, bool>{{2, /*required=*/true}}));
}

// A cache, behind so many bytes of events.
TEST(JournalWriter, SnapshotsComeNowAndThen) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path});
  for (int i = 0; i < 20; ++i) {
    open.log.append(1000, 1000);
    open.flush();
  }
  open.log.append(1);
  open.close();
  const StoredPart part = stored_parts(path).at(0);
  EXPECT_EQ(numbers(part.events), from_to(1, 20001));
  ASSERT_EQ(part.snapshots.size(), 1U);
  EXPECT_GE(part.snapshots.begin()->first, 16000U);
  EXPECT_FALSE(part.snapshots.begin()->second) << "not required";
}

TEST(JournalWriter, UserDataIsKeptOnlyWhenAsked) {
  for (const auto user_data :
       {JournaledUserData::kNone, JournaledUserData::kFull}) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("a.journal");
    OpenJournal open({.path = path, .user_data = user_data});
    const Bytes secret(8, std::byte{0x5a});
    open.log.log().append({}, {}, Notification(SendFailed{.data = secret}),
                          secret);
    open.log.log().append({}, {}, ReceiveFailed{.raw = secret}, secret);
    open.log.log().append({}, {}, Notification(SenderDry{}), secret);
    open.log.turn();
    open.close();
    const auto events = stored_events(path);
    ASSERT_EQ(events.size(), 3U);
    const bool full = user_data == JournaledUserData::kFull;
    EXPECT_EQ(events[0].raw, full);
    EXPECT_EQ(events[1].raw, full);
    EXPECT_TRUE(events[2].raw);
    for (const StoredEvent& event : events) {
      EXPECT_EQ(event.body.find("5a5a5a5a5a5a5a5a") != std::string::npos,
                full && event.kind != "sender_dry")
          << event.body;
    }
  }
}

TEST(JournalWriter, AClosedOneTakesNoMore) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path});
  open.log.append(5);
  EXPECT_TRUE(open.journal->close().has_value());
  EXPECT_TRUE(open.journal->close().has_value()) << "twice";
  open.log.log().append({}, {}, PeerExpected{"e", "p"});
  EXPECT_FALSE(open.log.turn());
  EXPECT_TRUE(open.journal->flush().has_value());
  JournaledLog other;
  const auto attached = other.attach(open.journal);
  ASSERT_FALSE(attached.has_value());
  EXPECT_EQ(attached.error().code, ErrorCode::kClosed);
  EXPECT_EQ(numbers(stored_events(path)), from_to(1, 5));
}

TEST(JournalWriter, BelongsToOneLog) {
  const TemporaryDirectory directory;
  OpenJournal open({.path = directory.file("a.journal")});
  JournaledLog other;
  for (const char* when : {"while it has one", "when that is gone"}) {
    const auto attached = other.attach(open.journal);
    ASSERT_FALSE(attached.has_value()) << when;
    EXPECT_EQ(attached.error().code, ErrorCode::kInvalidArgument);
    if (std::string_view(when) == "while it has one") open.log.detach();
  }
}

TEST(JournalWriter, TheFastModeIsWrittenTheSame) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path, .mode = JournalMode::kFast});
  open.log.append(1000);
  open.flush();
  // A checkpoint comes by itself: rows reach the file without being closed.
  EXPECT_TRUE(wait_until(
      [&] { return std::filesystem::file_size(path + ".1") > 1000 * 50; }));
  open.close();
  EXPECT_EQ(numbers(stored_events(path)), from_to(1, 1000));
}

TEST(JournalId, SortsByTheTimeOfItsMaking) {
  const WallTime time{std::chrono::milliseconds(0x017f22e279b0)};
  const auto id = make_journal_id(time);
  ASSERT_TRUE(id.has_value());
  // RFC 9562 §A.6
  EXPECT_EQ(id->substr(0, 15), "017f22e2-79b0-7");
  EXPECT_EQ(id->size(), 36U);
  EXPECT_NE(std::string("89ab").find(id->at(19)), std::string::npos);
  EXPECT_NE(*id, make_journal_id(time).value());
  EXPECT_LT(*id, make_journal_id(time + std::chrono::milliseconds(1)).value());
}

}  // namespace
}  // namespace lksctp::test
