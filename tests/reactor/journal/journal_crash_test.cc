// Crashes of the process, and what they leave: what was acknowledged is there, and the
// next journal says what is not.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "journal/recovery.h"
#include "journal/wal.h"
#include "stored_journal.h"

namespace lksctp::test {
namespace {

namespace fs = std::filesystem;

pid_t start(const char* what, const std::string& path,
            const std::string& acknowledged) {
  std::string program = LKSCTP_JOURNAL_LOAD;
  std::string word = what;
  std::string first = path;
  std::string second = acknowledged;
  const std::array<char*, 5> arguments{program.data(), word.data(),
                                       first.data(), second.data(), nullptr};
  pid_t child = -1;
  EXPECT_EQ(::posix_spawn(&child, program.c_str(), nullptr, nullptr,
                          arguments.data(), environ),
            0);
  return child;
}

std::uint64_t acknowledged_in(const std::string& file) {
  std::uint64_t seq = 0;
  std::ifstream(file, std::ios::binary)
      .read(reinterpret_cast<char*>(&seq), sizeof seq);
  return seq;
}

int rounds() {
  const char* asked = std::getenv("LKSCTP_JOURNAL_CRASHES");
  return asked != nullptr ? std::atoi(asked) : 5;
}

TEST(JournalCrash, AKilledProcessLosesNothingThatWasAcknowledged) {
  const TemporaryDirectory directory;
  for (int round = 0; round < rounds(); ++round) {
    const std::string path =
        directory.file("a" + std::to_string(round) + ".journal");
    const std::string acknowledged = path + "-acknowledged";
    const pid_t child = start("write", path, acknowledged);
    ASSERT_GT(child, 0);
    // Another moment in each round, wherever it then is.
    const auto enough = static_cast<std::uint64_t>(300 + 1700 * (round % 10));
    EXPECT_TRUE(
        wait_until([&] { return acknowledged_in(acknowledged) >= enough; }));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
    const pid_t look = start("check", path, acknowledged);
    ASSERT_EQ(::waitpid(look, &status, 0), look);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
        << "round " << round;
  }
}

// The files of a journal whose process is gone, made by copying those of one that lives.
class JournalRemains : public testing::Test {
 protected:
  JournalRemains() {
    OpenJournal open({.path = directory_.file("live.journal")});
    journal_ = open.journal->id();
    for (int i = 0; i < kGroups; ++i) {
      open.log.append(kGroup);
      open.flush();
    }
    fs::copy_file(directory_.file("live.journal.1"), path_ + ".1");
    fs::copy_file(directory_.file("live.journal.1-wal"), wal_);
    open.close();
  }

  // What the next journal says of it.
  std::optional<LogRecovered> recovered() const {
    return recovered_from(list_parts(path_).value());
  }

  static constexpr int kGroups = 10;
  static constexpr int kGroup = 60;
  const TemporaryDirectory directory_;
  const std::string path_ = directory_.file("a.journal");
  const std::string wal_ = path_ + ".1-wal";
  std::string journal_;
};

TEST_F(JournalRemains, AreToldByTheNextJournal) {
  EXPECT_EQ(torn_wal_bytes(wal_), 0U);
  OpenJournal next({.path = path_});
  next.log.append(1);
  next.close();
  const auto parts = stored_parts(path_);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(numbers(parts[0].events), from_to(1, kGroups * kGroup));
  EXPECT_EQ(parts[0].meta.closed, std::nullopt) << "left as it is";
  ASSERT_EQ(numbers(parts[1].events), from_to(1, 2));
  const StoredEvent& event = parts[1].events.front();
  EXPECT_EQ(event.kind, "log_recovered");
  EXPECT_NE(event.body.find(journal_), std::string::npos) << event.body;
  EXPECT_NE(event.body.find("600"), std::string::npos) << event.body;
  // That one was closed, so there is nothing to tell.
  EXPECT_EQ(recovered(), std::nullopt);
}

TEST_F(JournalRemains, AreNotForgottenByOneThatWroteNothing) {
  const auto opened = Journal::open({.path = path_});
  ASSERT_TRUE(opened.has_value());
  ASSERT_TRUE((*opened)->close().has_value());
  EXPECT_EQ(recovered()->journal, journal_);
}

TEST_F(JournalRemains, WithATruncatedWalAreAPrefix) {
  const auto whole = fs::file_size(wal_);
  std::uint64_t before = kGroups * kGroup;
  for (std::uint64_t size = whole; size > 32;
       size -= std::min<std::uint64_t>(size - 1, 3333)) {
    // Written again each time: SQLite has put it into shared memory.
    fs::resize_file(wal_, size);
    fs::remove(path_ + ".1-shm");
    const std::uint64_t torn = torn_wal_bytes(wal_);
    const auto events = stored_events(path_);
    EXPECT_EQ(numbers(events), from_to(1, events.size())) << size;
    EXPECT_LE(events.size(), before);
    EXPECT_EQ(events.size() % kGroup, 0U) << "whole commits";
    before = events.size();
    const auto found = recovered();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->journal, journal_);
    EXPECT_EQ(found->last, EventSeq(events.size()));
    EXPECT_EQ(found->lost_bytes, torn);
    if (size != whole && events.size() * 2 > kGroups * kGroup) {
      EXPECT_LT(torn, size);
    }
  }
  EXPECT_EQ(before, 0U);
}

TEST_F(JournalRemains, WithAFlippedBitInTheWalAreAPrefix) {
  std::ifstream file(wal_, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(file)), {});
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 100) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    std::ofstream(wal_, std::ios::binary) << flipped;
    fs::remove(path_ + ".1-shm");
    const std::uint64_t torn = torn_wal_bytes(wal_);
    const auto events = stored_events(path_);
    EXPECT_EQ(numbers(events), from_to(1, events.size())) << at;
    EXPECT_EQ(events.size() % kGroup, 0U) << "whole commits";
    if (events.size() < kGroups * kGroup) {
      // A frame with another salt looks like one of an earlier use of the file, and ends it.
      const std::size_t in_frame = (at - 32) % (24 + 4096);
      if (at < 32 || in_frame < 8 || in_frame >= 16) {
        EXPECT_GT(torn, 0U) << at;
      }
    }
    EXPECT_EQ(recovered()->last, EventSeq(events.size()));
  }
}

TEST_F(JournalRemains, ThatAreNoDatabaseAreTold) {
  std::ofstream(path_ + ".1", std::ios::binary) << "no database";
  const auto found = recovered();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->journal, "");
  EXPECT_EQ(found->last, EventSeq(0));
  OpenJournal next({.path = path_});
  next.close();
  EXPECT_EQ(next.journal->status().part, path_ + ".2");
}

TEST(TornWalBytes, OfOldContentsAreNone) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path});
  // Past a checkpoint, so that the file is written again from its beginning.
  while (fs::file_size(path + ".1") < 1'000'000) {
    open.log.append(1000, 1000);
    open.flush();
  }
  open.log.append(1);
  open.flush();
  EXPECT_GT(fs::file_size(path + ".1-wal"), 4'000'000U);
  EXPECT_EQ(torn_wal_bytes(path + ".1-wal"), 0U);
  open.close();
  EXPECT_EQ(torn_wal_bytes(path + ".1-wal"), 0U) << "not there";
  std::ofstream(directory.file("short")) << "x";
  EXPECT_EQ(torn_wal_bytes(directory.file("short")), 1U);
  std::ofstream(directory.file("bad")) << std::string(100, 'x');
  EXPECT_EQ(torn_wal_bytes(directory.file("bad")), 100U);
}

}  // namespace
}  // namespace lksctp::test
