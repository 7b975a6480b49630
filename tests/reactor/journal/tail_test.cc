// A second process follows a journal that is written, rotated, killed and begun again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "journal_maker.h"

namespace lksctp::test {
namespace {

using ::testing::IsEmpty;

// Writes a journal as fast as it can until it is killed.
class Writer {
 public:
  explicit Writer(const TemporaryDirectory& directory) {
    std::string program = LKSCTP_JOURNAL_LOAD;
    std::string word = "write";
    std::string path = directory.file("journal");
    std::string acknowledged = directory.file("acknowledged");
    const std::array<char*, 5> arguments{
        program.data(), word.data(), path.data(), acknowledged.data(), nullptr};
    EXPECT_EQ(::posix_spawn(&child_, program.c_str(), nullptr, nullptr,
                            arguments.data(), environ),
              0);
  }
  ~Writer() {
    ::kill(child_, SIGKILL);
    int status = 0;
    ::waitpid(child_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

 private:
  pid_t child_ = -1;
};

class Follower {
 public:
  explicit Follower(std::string path) : path_(std::move(path)) {}

  // A new reader behind what the one before it has read.
  void open() {
    JournalReadOptions options;
    if (!positions_.empty()) options.after = positions_.back();
    auto reader = JournalReader::open(path_, options);
    if (reader) reader_ = std::move(*reader);
  }
  // False when there is nothing now.
  bool read() {
    if (!reader_) open();
    if (!reader_) return false;
    auto entry = reader_->next();
    if (!entry) {
      ADD_FAILURE() << entry.error().to_string();
      return false;
    }
    if (!*entry) return false;
    EXPECT_THAT(reader_->damage(), IsEmpty());
    positions_.push_back({(*entry)->journal, (*entry)->event.seq});
    return true;
  }
  [[nodiscard]] const std::vector<JournalPosition>& positions() const {
    return positions_;
  }
  [[nodiscard]] std::size_t journals() const {
    std::set<std::string> ids;
    for (const JournalPosition& position : positions_) {
      ids.insert(position.journal);
    }
    return ids.size();
  }

 private:
  const std::string path_;
  std::unique_ptr<JournalReader> reader_;
  std::vector<JournalPosition> positions_;
};

TEST(JournalTail, ASecondProcessMissesNothing) {
  constexpr std::size_t kRounds = 3;
  // More than a part holds.
  constexpr std::size_t kEventsOfARound = 20'000;
  const TemporaryDirectory directory;
  Follower follower(directory.file("journal"));
  for (std::size_t round = 1; round <= kRounds; ++round) {
    const Writer writer(directory);
    const std::size_t begun = follower.positions().size();
    while (follower.positions().size() < begun + kEventsOfARound) {
      if (!follower.read()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      if (follower.positions().size() % 7919 == 7918) follower.open();
    }
  }
  // What was written when the last one was killed is there once nobody has the part open.
  for (int looks = 0; looks < 2; ++looks) {
    while (follower.read()) continue;
  }
  EXPECT_EQ(follower.journals(), kRounds);
  EXPECT_GT(journal_parts(directory.file("journal")).value().size(),
            2 * kRounds);
  // Dense in each journal, and all that is there.
  for (std::size_t i = 0; i < follower.positions().size(); ++i) {
    const JournalPosition& position = follower.positions()[i];
    const bool begins =
        i == 0 || follower.positions()[i - 1].journal != position.journal;
    ASSERT_EQ(
        position.seq,
        EventSeq(begins ? 1 : follower.positions()[i - 1].seq.value() + 1));
  }
  const ReadJournal all = read_journal(directory.file("journal"));
  ASSERT_EQ(all.entries.size(), follower.positions().size());
  EXPECT_EQ(all.entries.back().event.seq, follower.positions().back().seq);
  EXPECT_THAT(all.damage, IsEmpty());
}

}  // namespace
}  // namespace lksctp::test
