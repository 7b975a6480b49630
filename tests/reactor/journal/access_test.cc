// Journals in places where the reader may not write, or may not look.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "journal_maker.h"
#include "random_events.h"

namespace lksctp::test {
namespace {

using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;

// As a user to whom the modes of files say something. What `work` says is returned.
std::string as_nobody(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(1);
    const std::string answer = work();
    const bool written = ::write(ends[1], answer.data(), answer.size()) ==
                         static_cast<ssize_t>(answer.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string answer;
  std::array<char, 4096> part{};
  for (ssize_t size = 0;
       (size = ::read(ends[0], part.data(), part.size())) > 0;) {
    answer.append(part.data(), static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return answer;
}

// Number of events, or the error.
std::string outcome(const std::string& path) {
  const auto reader = JournalReader::open(path);
  if (!reader) return reader.error().to_string();
  ReadJournal read;
  read_on(**reader, read);
  return std::to_string(read.entries.size()) + " events, " +
         std::to_string(read.damage.size()) + " damaged";
}

class JournalAccessTest : public ::testing::Test {
 protected:
  ~JournalAccessTest() override { ::chmod(directory_.path().c_str(), 0700); }

  // Everybody may read, nobody may write.
  void lock() {
    for (const auto& file :
         std::filesystem::directory_iterator(directory_.path())) {
      ::chmod(file.path().c_str(), 0444);
    }
    ::chmod(directory_.path().c_str(), 0555);
  }

  const std::vector<Event> events_ = RandomEvents(3).take(50);
  TemporaryDirectory directory_;
  const std::string path_ = directory_.file("journal");
};

TEST_F(JournalAccessTest, ClosedPartIsReadFromAReadOnlyDirectory) {
  JournalMaker maker(path_);
  maker.add_part(events_);
  lock();
  EXPECT_EQ(as_nobody([&] { return outcome(path_); }), "50 events, 0 damaged");
}

TEST_F(JournalAccessTest, PartInTheModeWalWithoutALogIsReadThere) {
  OpenPart part(directory_.file("written"), journal_id(1), 1);
  part.write(events_);
  part.run("PRAGMA wal_checkpoint(TRUNCATE)");
  std::filesystem::copy_file(directory_.file("written"), part_path(path_, 1));
  lock();
  EXPECT_EQ(as_nobody([&] { return outcome(path_); }), "50 events, 0 damaged");
}

TEST_F(JournalAccessTest, LogThatCannotBeReadThereIsAClearError) {
  OpenPart part(directory_.file("written"), journal_id(1), 1);
  part.write(events_);
  std::filesystem::copy_file(directory_.file("written"), part_path(path_, 1));
  std::filesystem::copy_file(directory_.file("written-wal"),
                             part_path(path_, 1) + "-wal");
  lock();
  EXPECT_THAT(as_nobody([&] { return outcome(path_); }),
              HasSubstr("copy the part with its -wal"));
}

TEST_F(JournalAccessTest, PartOfSomebodyElseIsAClearError) {
  JournalMaker maker(path_);
  maker.add_part(events_);
  ::chmod(directory_.path().c_str(), 0755);
  ::chmod(maker.part().c_str(), 0000);
  EXPECT_THAT(as_nobody([&] { return outcome(path_); }), HasSubstr("EACCES"));
}

}  // namespace
}  // namespace lksctp::test
