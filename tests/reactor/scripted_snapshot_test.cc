// Snapshots of many associations: exact, and taken in slices between which the
// loop goes on.
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "scripted_reactor.h"

namespace lksctp::test {
namespace {

using std::chrono::milliseconds;

class ScriptedSnapshot : public ScriptedReactorTest {
 protected:
  // Connects so many, each of which has sent one message since.
  void connect_and_send(int count) {
    for (int i = 0; i < count; ++i) {
      associations.push_back(connect());
      socket().notify(sample("assoc_change-comm_up-client"));
      run();
    }
    send();
  }
  void send() {
    for (const auto& association : associations) {
      EXPECT_TRUE(association->send(std::array<std::byte, 3>{}));
    }
    run();
  }

  std::vector<std::shared_ptr<Association>> associations;
};

TEST_F(ScriptedSnapshot, OfManyIsExactAndLetsTheLoopGoOn) {
  start({});
  connect_and_send(2500);
  SnapshotPtr snapshot;
  reactor_->request_snapshot([&](SnapshotPtr ready) { snapshot = ready; });
  int turns = 0;
  while (snapshot == nullptr) {
    reactor_->run_once(milliseconds(100));
    ++turns;
    ASSERT_LT(turns, 100);
  }
  EXPECT_GE(turns, 3) << "not all in one turn";
  ASSERT_EQ(snapshot->table.associations().size(), associations.size());
  for (const auto& [id, record] : snapshot->table.associations()) {
    EXPECT_EQ(record->sent, (Traffic{1, 3}));
  }
}

// It may have come after some have told their totals.
TEST_F(ScriptedSnapshot, ARequestInBetweenGetsALaterOne) {
  start({});
  connect_and_send(1500);
  SnapshotPtr first;
  SnapshotPtr second;
  reactor_->request_snapshot([&](SnapshotPtr ready) { first = ready; });
  reactor_->run_once(milliseconds(100));
  ASSERT_EQ(first, nullptr) << "the first slice";
  send();
  reactor_->request_snapshot([&](SnapshotPtr ready) { second = ready; });
  ASSERT_TRUE(run_until(*reactor_, [&] { return second != nullptr; }));
  ASSERT_NE(first, nullptr);
  EXPECT_NE(first, second);
  for (const auto& [id, record] : second->table.associations()) {
    EXPECT_EQ(record->sent, (Traffic{2, 6}));
  }
}

}  // namespace
}  // namespace lksctp::test
