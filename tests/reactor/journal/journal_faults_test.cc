// A disk that fails: what was acknowledged is there, and what is there is dense.
#include <algorithm>
#include <fstream>

#include "failing_vfs.h"
#include "stored_journal.h"

namespace lksctp::test {
namespace {

namespace fs = std::filesystem;

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
    const std::string path = directory.file("a.journal");
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

// A reader that holds a transaction open keeps the WAL from being written again.
TEST(JournalFaults, APinnedReaderMakesTheWalGrowForAsLong) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
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
  const std::string path = directory.file("a.journal");
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
  const std::string path = directory.file("a.journal");
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
