// A disk that is full, and one that may only be read: file systems of the test's own, for
// which it takes root.
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "stored_journal.h"

namespace lksctp::test {
namespace {

namespace fs = std::filesystem;

// A file system of 2 MiB, for this test alone.
class JournalDiskFull : public testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("small", directory_.path().c_str(), "tmpfs", 0, "size=2m") !=
            0) {
      GTEST_SKIP() << "mounting is for root: " << std::strerror(errno);
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_.file("a.journal");
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
  ASSERT_EQ(::mount("small", directory_.path().c_str(), "tmpfs", MS_REMOUNT,
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
  std::ofstream(directory_.file("filler")) << std::string(2 * 1024 * 1024, 'x');
  const auto opened = Journal::open({.path = path_});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().errno_value, ENOSPC) << opened.error().to_string();
  fs::remove(directory_.file("filler"));
  OpenJournal open({.path = path_});
  open.log.append(1);
  open.close();
  EXPECT_EQ(list_parts(path_)->size(), 1U) << "none that is made by half";
}

TEST_F(JournalDiskFull, AReadOnlyFileSystemIsAnError) {
  ASSERT_EQ(::mount("small", directory_.path().c_str(), "tmpfs",
                    MS_REMOUNT | MS_RDONLY, "size=2m"),
            0);
  const auto opened = Journal::open({.path = path_});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().errno_value, EROFS) << opened.error().to_string();
}

}  // namespace
}  // namespace lksctp::test
