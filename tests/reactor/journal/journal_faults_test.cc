// A disk that fails: what was acknowledged is there, and what is there is dense.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "failing_vfs.h"
#include "stored_journal.h"

namespace lksctp::test {
namespace {

namespace fs = std::filesystem;

// Numbers from 1, none twice, none left out.
void expect_dense(const std::string& path, std::uint64_t at_least,
                  const std::string& when) {
  const auto there = numbers(stored_events(path));
  EXPECT_EQ(there, from_to(1, there.size())) << when;
  EXPECT_GE(there.size(), at_least) << when << ": acknowledged ones are gone";
}

// SQLite's own way: the first call fails, the second, … until none does any more.
class JournalFailingCalls : public testing::TestWithParam<bool> {
 protected:
  ~JournalFailingCalls() override { stop_failing(); }
};

TEST_P(JournalFailingCalls, LoseNothingThatWasAcknowledged) {
  const bool lasting = GetParam();
  install_failing_vfs();
  bool failed = true;
  for (std::uint64_t n = 1; failed; ++n) {
    const std::string when = "call " + std::to_string(n);
    const TemporaryDirectory directory(
        "/dev/shm");  // this disk fails by itself
    const std::string path = directory / "a.journal";
    fail_call(n, lasting);
    auto journal = Journal::open({.path = path, .rotate_bytes = 64 * 1024});
    if (!journal) {
      EXPECT_EQ(journal.error().code, ErrorCode::kSystem) << when;
      EXPECT_GE(failed_calls(), 1U) << when << journal.error().to_string();
      stop_failing();
      journal = Journal::open({.path = path, .rotate_bytes = 64 * 1024});
      ASSERT_TRUE(journal.has_value())
          << when << ": " << journal.error().to_string();
    }
    JournaledLog log;
    ASSERT_TRUE(log.attach(*journal).has_value());
    std::uint64_t acknowledged = 0;
    for (int group = 0; group < 5; ++group) {
      log.append(60, 250);
      if (!(*journal)->flush()) {
        // It has been told: the disk works again, nobody needs to do anything.
        stop_failing();
        EXPECT_TRUE(wait_until([&] { return (*journal)->flush().has_value(); }))
            << when;
      }
      acknowledged = (*journal)->status().durable.value();
      EXPECT_EQ(acknowledged, log.last().value()) << when;
    }
    log.detach();
    // Its second step may have failed, and then the part stays as it was: with a WAL.
    const auto closed = (*journal)->close();
    EXPECT_TRUE(closed.has_value() || failed_calls() != 0) << when;
    failed = failed_calls() != 0;
    stop_failing();
    expect_dense(path, acknowledged, when);
    if (testing::Test::HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(, JournalFailingCalls, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? std::string("Lasting")
                                             : std::string("Once");
                         });

// A file system of 2 MiB, for this test alone.
class JournalDiskFull : public testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("small", (directory_ / ".").c_str(), "tmpfs", 0, "size=2m") !=
            0) {
      GTEST_SKIP() << "mounting is for root: " << std::strerror(errno);
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2((directory_ / ".").c_str(), MNT_DETACH);
  }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_ / "a.journal";
  bool mounted_ = false;
};

TEST_F(JournalDiskFull, IsToldAndOverWhenThereIsRoom) {
  OpenJournal open({.path = path_});
  Result<void> flushed;
  std::uint64_t acknowledged = 0;
  for (int i = 0; i < 1000 && flushed; ++i) {
    acknowledged = open.journal->status().durable.value();
    open.log.append(60, 500);
    flushed = open.journal->flush();
  }
  ASSERT_FALSE(flushed.has_value());
  EXPECT_EQ(flushed.error().errno_value, ENOSPC) << flushed.error().to_string();
  EXPECT_EQ(open.journal->status().error->errno_value, ENOSPC);
  expect_dense(path_, acknowledged, "full");
  ASSERT_EQ(::mount("small", (directory_ / ".").c_str(), "tmpfs", MS_REMOUNT,
                    "size=16m"),
            0)
      << std::strerror(errno);
  EXPECT_TRUE(wait_until(
      [&] { return open.journal->status().durable == open.log.last(); }));
  EXPECT_EQ(open.journal->status().error, std::nullopt);
  open.close();
  expect_dense(path_, open.log.last().value(), "room again");
}

TEST_F(JournalDiskFull, NoRoomForTheFirstPartIsAnError) {
  std::ofstream(directory_ / "filler") << std::string(2 * 1024 * 1024, 'x');
  const auto opened = Journal::open({.path = path_});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().errno_value, ENOSPC) << opened.error().to_string();
  fs::remove(directory_ / "filler");
  OpenJournal open({.path = path_});
  open.log.append(1);
  open.close();
  EXPECT_EQ(list_parts(path_)->size(), 1U) << "none that is made by half";
}

TEST_F(JournalDiskFull, AReadOnlyFileSystemIsAnError) {
  ASSERT_EQ(::mount("small", (directory_ / ".").c_str(), "tmpfs",
                    MS_REMOUNT | MS_RDONLY, "size=2m"),
            0);
  const auto opened = Journal::open({.path = path_});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().errno_value, EROFS) << opened.error().to_string();
}

// A reader that holds a transaction open keeps the WAL from being written again.
TEST(JournalFaults, APinnedReaderMakesTheWalGrowForAsLong) {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.journal";
  OpenJournal open({.path = path});
  open.log.append(1);
  open.flush();
  auto reader = Sqlite::open(path + ".1", SqliteAccess::kRead);
  ASSERT_TRUE(reader.has_value());
  ASSERT_TRUE(reader->run("BEGIN; SELECT * FROM event").has_value());
  const auto grow = [&](int groups) {
    for (int i = 0; i < groups; ++i) {
      open.log.append(1000, 1000);
      open.flush();
    }
    return fs::file_size(path + ".1-wal");
  };
  const auto pinned = grow(40);
  EXPECT_GT(pinned, 40'000'000U);
  ASSERT_TRUE(reader->run("COMMIT").has_value());
  EXPECT_LT(grow(10), 24'000'000U) << "given back";
  EXPECT_LT(grow(40), 24'000'000U) << "and bounded";

  // Closing does not wait for readers.
  ASSERT_TRUE(reader->run("BEGIN; SELECT * FROM event").has_value());
  open.close();
  EXPECT_TRUE(fs::exists(path + ".1-wal"));
  ASSERT_TRUE(reader->run("COMMIT").has_value());
  const StoredPart part = stored_parts(path).at(0);
  EXPECT_TRUE(part.meta.closed.has_value());
  EXPECT_EQ(numbers(part.events), from_to(1, 90'001));
}

TEST(JournalFaults, APartThatIsDeletedIsFollowedByAnother) {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.journal";
  OpenJournal open({.path = path});
  open.log.append(10);
  open.flush();
  for (const char* suffix : {".1", ".1-wal", ".1-shm"}) {
    fs::remove(path + suffix);
  }
  EXPECT_TRUE(wait_until([&] {
    open.log.append(10);
    return open.journal->status().part == path + ".2";
  }));
  EXPECT_TRUE(wait_until([&] { return open.log.woken() > 0; }));
  open.log.append(10);
  open.close();
  const StoredPart part = stored_parts(path).at(0);
  EXPECT_EQ(part.meta.part, 2U);
  EXPECT_EQ(part.events.back().seq, open.log.last().value());
  EXPECT_EQ(numbers(part.events),
            from_to(part.events.front().seq, open.log.last().value()));
  ASSERT_EQ(part.snapshots.size(), 1U);
  EXPECT_TRUE(part.snapshots.begin()->second) << "required";
}

TEST(JournalFaults, APartThatIsDestroyedIsFollowedByAnother) {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.journal";
  OpenJournal open({.path = path});
  open.log.append(1000);
  open.flush();
  const auto overwrite = [](const std::string& file) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = fs::file_size(file);
    const std::string rubbish(size, '\x5a');
    stream.write(rubbish.data(), static_cast<std::streamsize>(rubbish.size()));
  };
  overwrite(path + ".1-wal");
  overwrite(path + ".1");
  EXPECT_TRUE(wait_until([&] {
    open.log.append(500, 1000);
    static_cast<void>(open.journal->flush());
    return open.journal->status().part == path + ".2";
  }));
  EXPECT_GE(open.journal->status().failed_commits, 1U);
  open.log.append(10);
  open.close();
  const StoredPart part = stored_part(path + ".2");
  EXPECT_EQ(part.events.back().seq, open.log.last().value());
  EXPECT_EQ(numbers(part.events),
            from_to(part.events.front().seq, open.log.last().value()));
  ASSERT_FALSE(part.snapshots.empty());
  EXPECT_TRUE(part.snapshots.begin()->second) << "required";
}

}  // namespace
}  // namespace lksctp::test
