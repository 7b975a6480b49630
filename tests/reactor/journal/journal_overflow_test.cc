// More than the disk takes: the loop goes on, and the journal tells what it does not have.
#include <cerrno>

#include "stored_journal.h"

namespace lksctp::test {
namespace {

// Another connection that has the lock of the database: the writer cannot commit.
class Blocker {
 public:
  explicit Blocker(const std::string& part) {
    auto opened = Sqlite::open(part, SqliteAccess::kReadWrite);
    EXPECT_TRUE(opened.has_value());
    database_.emplace(std::move(*opened));
    EXPECT_TRUE(database_->run("BEGIN IMMEDIATE").has_value());
  }
  void release() { EXPECT_TRUE(database_->run("ROLLBACK").has_value()); }

 private:
  std::optional<Sqlite> database_;
};

constexpr std::size_t kCapacity = 100;

class JournalOverflow : public testing::Test {
 protected:
  const TemporaryDirectory directory_;
  const std::string path_ = directory_.file("a.journal");
  OpenJournal open_{{.path = path_, .queue_capacity = kCapacity}};
};

TEST_F(JournalOverflow, IsToldAndTheTableFollows) {
  open_.log.append(10);
  open_.flush();
  Blocker blocker(path_ + ".1");
  for (int turn = 0; turn < 30; ++turn) open_.log.append(5);  // 11 to 160
  JournalStatus status = open_.journal->status();
  EXPECT_EQ(status.queued, kCapacity);
  EXPECT_EQ(status.gaps, 1U);
  EXPECT_EQ(status.lost_events, 50U);
  EXPECT_EQ(open_.log.woken(), 0);
  blocker.release();
  EXPECT_TRUE(wait_until([&] { return open_.log.woken() > 0; }));
  open_.log.append(3);  // lost too, 161 to 163, and behind them the gap
  open_.log.append(7);
  open_.close();

  const StoredPart part = stored_parts(path_).at(0);
  std::vector<std::uint64_t> expected = from_to(1, 110);
  for (const std::uint64_t seq : from_to(164, 171)) expected.push_back(seq);
  EXPECT_EQ(numbers(part.events), expected);
  EXPECT_EQ(part.events.at(110).kind, "log_gap");
  EXPECT_NE(part.events.at(110).body.find("\"from\":111"), std::string::npos)
      << part.events.at(110).body;
  EXPECT_NE(part.events.at(110).body.find("\"to\":163"), std::string::npos)
      << part.events.at(110).body;
  EXPECT_EQ(part.snapshots,
            (std::map<std::uint64_t, bool>{{164, /*required=*/true}}));
  status = open_.journal->status();
  EXPECT_EQ(status.gaps, 1U);
  EXPECT_EQ(status.lost_events, 53U);
  EXPECT_EQ(status.written, 118U);
}

TEST_F(JournalOverflow, AFailingCommitIsToldAndTriedAgain) {
  Blocker blocker(path_ + ".1");
  open_.log.append(5);
  const auto failed = open_.journal->flush();
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().errno_value, EBUSY) << failed.error().to_string();
  JournalStatus status = open_.journal->status();
  EXPECT_GE(status.failed_commits, 1U);
  ASSERT_TRUE(status.error.has_value());
  EXPECT_EQ(status.error->errno_value, EBUSY);
  EXPECT_EQ(status.queued, 5U);
  EXPECT_EQ(status.durable, EventSeq(0));
  blocker.release();
  EXPECT_TRUE(wait_until([&] {
    return open_.journal->status().durable == EventSeq(5);
  })) << "without being asked";
  status = open_.journal->status();
  EXPECT_EQ(status.error, std::nullopt);
  open_.close();
  EXPECT_EQ(numbers(stored_events(path_)), from_to(1, 5));
}

// The last chance to tell it, whatever room there is.
TEST_F(JournalOverflow, AGapAtTheEndOfTheLogIsTold) {
  Blocker blocker(path_ + ".1");
  open_.log.append(static_cast<int>(kCapacity) + 20);
  open_.log.detach();
  blocker.release();
  open_.flush();
  EXPECT_TRUE(open_.journal->close().has_value());
  const auto events = stored_events(path_);
  ASSERT_EQ(events.size(), kCapacity + 1);
  EXPECT_EQ(events.back().kind, "log_gap");
  EXPECT_EQ(events.back().seq, kCapacity + 21);
}

TEST_F(JournalOverflow, ClosingCannotTellItAndSaysSo) {
  Blocker blocker(path_ + ".1");
  open_.log.append(static_cast<int>(kCapacity) + 20);
  blocker.release();
  const auto closed = open_.journal->close();
  ASSERT_FALSE(closed.has_value());
  EXPECT_EQ(closed.error().errno_value, ENOBUFS);
  EXPECT_EQ(numbers(stored_events(path_)), from_to(1, kCapacity));
  EXPECT_EQ(stored_parts(path_).at(0).meta.closed, std::nullopt);
}

TEST_F(JournalOverflow, ClosingWhatCannotBeWrittenIsAnError) {
  open_.log.append(1);
  open_.flush();
  Blocker blocker(path_ + ".1");
  open_.log.append(5);
  const auto closed = open_.journal->close();
  ASSERT_FALSE(closed.has_value());
  EXPECT_EQ(closed.error().errno_value, EBUSY);
  blocker.release();
  EXPECT_EQ(numbers(stored_events(path_)), from_to(1, 1));
  // The next one may write there, and tells where this one ended.
  OpenJournal next({.path = path_});
  next.log.append(1);
  next.close();
  const auto events = stored_parts(path_).at(1).events;
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events.at(0).kind, "log_recovered");
}

}  // namespace
}  // namespace lksctp::test
