#include "snapshot_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "random_events.h"

namespace lksctp::test {
namespace {

TEST(SnapshotStoreTest, IsNeverNull) {
  const SnapshotStore store;
  ASSERT_NE(store.latest(), nullptr);
  EXPECT_EQ(store.latest()->table.seq(), EventSeq(0));
}

TEST(SnapshotStoreTest, GivesTheLatestAndReleasesTheOld) {
  SnapshotStore store;
  auto first = std::make_shared<const Snapshot>();
  auto second = std::make_shared<const Snapshot>();
  const std::weak_ptr<const Snapshot> old = first;
  store.publish(std::move(first));
  EXPECT_EQ(store.latest(), old.lock());
  store.publish(second);
  EXPECT_EQ(store.latest(), second);
  EXPECT_TRUE(old.expired());
}

// One loop writes the live table in place between snapshots while others read
// and drop them: the race that copy-on-write has to be right about.
TEST(SnapshotStoreTest, ReadersNeverSeeAChange) {
  SnapshotStore store;
  std::atomic<bool> done = false;
  const auto read = [&] {
    std::uint64_t last = 0;
    do {
      const SnapshotPtr snapshot = store.latest();
      EXPECT_GE(snapshot->table.seq().value(), last);
      last = snapshot->table.seq().value();
      const AssociationTable copy = snapshot->table;
      EXPECT_EQ(copy, snapshot->table);
    } while (!done);
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);

  RandomEvents random(11);
  AssociationTable live;
  for (int round = 0; round < 300; ++round) {
    for (const Event& event : random.take(20)) live.apply(event);
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->table = live;
    store.publish(std::move(snapshot));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(store.latest()->table, live);
}

}  // namespace
}  // namespace lksctp::test
