// What happens on a period: samples, forgetting peers, loop lag.
#include <algorithm>
#include <cerrno>
#include <ctime>
#include <numeric>
#include <string>
#include <vector>

#include "scripted_reactor.h"

namespace lksctp::test {
namespace {

using std::chrono::milliseconds;

LoopStatistics measure(Reactor& reactor) {
  SnapshotPtr snapshot;
  reactor.request_snapshot([&](SnapshotPtr ready) { snapshot = ready; });
  EXPECT_TRUE(run_until(reactor, [&] { return snapshot != nullptr; }));
  return snapshot->loop;
}

class ScriptedHousekeeping : public ScriptedReactorTest {
 protected:
  // Of sampling every association.
  std::uint64_t rounds() {
    const auto buckets = measure(*reactor_).sampling_rounds.buckets;
    return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
  }
};

PathInfo path(const char* ip, PathState state) {
  return {.address = address(ip, 2905), .state = state, .primary = true};
}

TEST_F(ScriptedHousekeeping, WhatChangedIsSampledOnAPeriod) {
  start({.sample_interval = milliseconds(1)});
  const auto association = connect_up();
  const AssociationId id = association->id();
  const auto count = [&] { return recorder_->all<StatusSampled>(id).size(); };
  ASSERT_TRUE(run_until(*reactor_, [&] { return count() == 1; }));
  socket().status.peer_receive_window = 4711;
  socket().paths = {path("192.0.2.1", PathState::kInactive)};
  ASSERT_TRUE(run_until(*reactor_, [&] {
    return count() == 2 && recorder_->all<PathsSampled>(id).size() == 1;
  }));
  EXPECT_EQ(association->record()->status->peer_receive_window, 4711u);
  EXPECT_EQ(association->record()->paths.begin()->second.info.state,
            PathState::kInactive);
  // Nothing new: ticks pass, no event comes.
  const auto turns = [&] { return reactor_->table().seq(); };
  const EventSeq before = turns();
  for (int i = 0; i < 30; ++i) reactor_->run_once(milliseconds(10));
  EXPECT_EQ(turns(), before);
}

TEST_F(ScriptedHousekeeping, EveryAssociationIsSampledInAPeriod) {
  start({.sample_interval = milliseconds(300)});
  std::vector<std::shared_ptr<Association>> associations;
  for (int i = 0; i < 50; ++i) {
    associations.push_back(connect());
    socket().notify(sample("assoc_change-comm_up-client"));
    run();
  }
  for (const auto& state : stack_->sockets) {
    state->status.unacknowledged_chunks = 9;
  }
  EXPECT_TRUE(run_until(*reactor_, [&] {
    return std::ranges::all_of(associations, [](const auto& association) {
      return association->record()->status->unacknowledged_chunks == 9;
    });
  }));
}

TEST_F(ScriptedHousekeeping, APathEventIsFollowedByASample) {
  start({.sample_interval = milliseconds(0)});
  const auto association = connect_up();
  socket().paths = {path("192.0.2.1", PathState::kInactive)};
  socket().notify(sample("peer_addr_change-unreachable"));
  run();
  EXPECT_EQ(recorder_->all<PathsSampled>(association->id()).size(), 1u);
}

TEST_F(ScriptedHousekeeping, TrafficTotalsAreSampledOnAPeriod) {
  start({.sample_interval = milliseconds(1)});
  const auto association = connect_up();
  ASSERT_TRUE(association->send(bytes_of("four"), {.stream = StreamId(2)}));
  ASSERT_TRUE(run_until(
      *reactor_, [&] { return association->record()->sent.messages == 1; }));
  const auto traffic = recorder_->all<TrafficSampled>(association->id());
  ASSERT_EQ(traffic.size(), 1u);
  EXPECT_EQ(traffic[0].sent, (Traffic{1, 4}));
  ASSERT_EQ(traffic[0].streams.size(), 1u);
  EXPECT_EQ(traffic[0].streams[0].stream, StreamId(2));
}

TEST_F(ScriptedHousekeeping, PpidsAndRefusedMessagesAreInTheTraffic) {
  start({.sample_interval = milliseconds(1)});
  ConnectOptions options;
  options.association.send_high_water_mark = 1;
  const auto association = connect_up(options);
  socket().set_room(2);
  for (const std::uint32_t ppid : {3U, 3U, 4711U, 4712U}) {
    (void)association->send(bytes_of("four"), {.ppid = Ppid(ppid)});
    run();
  }
  // The third waits for room, the fourth for the third.
  ASSERT_TRUE(run_until(
      *reactor_, [&] { return association->record()->would_block == 1; }));
  socket().set_room(5);
  ASSERT_TRUE(run_until(
      *reactor_, [&] { return association->record()->sent.messages == 3; }));
  const auto& ppids = association->record()->ppids;
  ASSERT_EQ(ppids.size(), 2u);
  EXPECT_EQ(ppids.at(Ppid(3)).sent, (Traffic{2, 8}));
  EXPECT_EQ(ppids.at(kOtherPpid).sent, (Traffic{1, 4}));
}

TEST_F(ScriptedHousekeeping, AStackThatDoesNotCountHasNoStatistics) {
  start({.sample_interval = milliseconds(1)});
  const auto association = connect_up();
  EXPECT_TRUE(run_until(*reactor_, [&] { return rounds() > 1; }));
  EXPECT_FALSE(association->record()->statistics.has_value());
  EXPECT_EQ(measure(*reactor_).sampling_errors,
            (std::array<std::uint64_t, kSampleOperations>{}))
      << "nor is that an error";
}

TEST_F(ScriptedHousekeeping, WhatTheStackCountsIsSampledWhenItChanged) {
  start({.sample_interval = milliseconds(1)});
  const auto association = connect();
  AssociationStatistics& counted = socket().statistics.emplace();
  socket().notify(sample("assoc_change-comm_up-client"));
  counted.packets_sent = 3;
  ASSERT_TRUE(run_until(*reactor_, [&] {
    return association->record()->statistics &&
           association->record()->statistics->packets_sent == 3;
  }));
  counted.packets_sent = 4;
  ASSERT_TRUE(run_until(*reactor_, [&] {
    return association->record()->statistics->packets_sent == 4;
  }));
  const EventSeq before = reactor_->table().seq();
  for (int i = 0; i < 30; ++i) reactor_->run_once(milliseconds(10));
  EXPECT_EQ(reactor_->table().seq(), before) << "nothing new, no event";
}

TEST_F(ScriptedHousekeeping, StatisticsAreReadBeforeTheEndTakesThem) {
  start({.sample_interval = milliseconds(0)});
  const auto association = connect();
  AssociationStatistics& counted = socket().statistics.emplace();
  socket().notify(sample("assoc_change-comm_up-client"));
  run();
  const auto last = [&] {
    const auto all = recorder_->all<StatisticsSampled>(association->id());
    return all.empty() ? 0 : all.back().statistics.packets_sent;
  };
  counted.packets_sent = 5;
  socket().notify(sample("peer_addr_change-unreachable"));
  run();
  EXPECT_EQ(last(), 5u) << "with a path event";
  counted.packets_sent = 6;
  ASSERT_TRUE(association->abort());
  run();
  EXPECT_EQ(last(), 6u);
}

TEST_F(ScriptedHousekeeping, RoundsAndErrorsOfSamplingAreCounted) {
  start({.sample_interval = milliseconds(1)});
  connect_up();
  EXPECT_TRUE(run_until(*reactor_, [&] { return rounds() > 1; }));
  socket().status_error = EINVAL;
  const auto errors = [&] {
    return measure(*reactor_)
        .sampling_errors[static_cast<std::size_t>(SampleOperation::kStatus)];
  };
  EXPECT_TRUE(run_until(*reactor_, [&] { return errors() > 0; }));
}

TEST_F(ScriptedHousekeeping, AConfiguredPeerStaysADynamicOneIsForgotten) {
  start({.forget_peers_after = milliseconds(1)});
  auto endpoint = reactor_->listen(
      {.name = "m3ua", .local = {address("192.0.2.9", 2905)}}, nullptr);
  ASSERT_TRUE(endpoint.has_value());
  const auto accepted = socket().incoming(address("198.51.100.1", 1000));
  accepted->notify(sample("assoc_change-comm_up-server"));
  accepted->notify(sample("assoc_change-shutdown_comp-server"));
  connect();
  socket().notify(sample("assoc_change-cant_str_assoc-refused"));
  ASSERT_TRUE(run_until(
      *reactor_, [&] { return !recorder_->all<PeerForgotten>().empty(); }));
  EXPECT_EQ(reactor_->table().peer("m3ua", "198.51.100.1"), nullptr);
  const PeerRecord* configured =
      reactor_->table().peer("connect", "192.0.2.1:2905");
  ASSERT_NE(configured, nullptr) << "whom we connect to is configured";
  EXPECT_EQ(configured->established, 0u);
  EXPECT_EQ(configured->closed.at(CloseReason::kRefused), 1u);
}

TEST_F(ScriptedHousekeeping, APeerThatWeLeftIsForgotten) {
  start({.forget_peers_after = milliseconds(1)});
  reactor_->expect_peer("connect", "192.0.2.1:2905");
  for (const char* name : {"192.0.2.1:2905", "left"}) {
    ConnectOptions options{.remote = {address("192.0.2.1", 2905)}};
    options.peer_name = name;
    auto association = reactor_->connect(options, {});
    ASSERT_TRUE(association.has_value());
    socket().notify(sample("assoc_change-comm_up-client"));
    run();
    ASSERT_TRUE((*association)->abort());
  }
  ASSERT_TRUE(run_until(*reactor_, [&] {
    return reactor_->table().peer("connect", "left") == nullptr;
  }));
  ASSERT_EQ(recorder_->all<PeerForgotten>().size(), 1U);
  EXPECT_NE(reactor_->table().peer("connect", "192.0.2.1:2905"), nullptr)
      << "it is expected";
}

TEST_F(ScriptedHousekeeping, APeerThatCameBackIsNotForgotten) {
  start({.forget_peers_after = milliseconds(1)});
  auto endpoint = reactor_->listen(
      {.name = "m3ua", .local = {address("192.0.2.9", 2905)}}, nullptr);
  ASSERT_TRUE(endpoint.has_value());
  auto& listening = socket();
  const auto first = listening.incoming(address("198.51.100.1", 1000));
  first->notify(sample("assoc_change-comm_up-server"));
  first->notify(sample("assoc_change-shutdown_comp-server"));
  const auto second = listening.incoming(address("198.51.100.1", 1000));
  second->notify(sample("assoc_change-comm_up-server"));
  for (int i = 0; i < 30; ++i) reactor_->run_once(milliseconds(10));
  EXPECT_TRUE(recorder_->all<PeerForgotten>().empty());
  EXPECT_EQ(reactor_->table().peer("m3ua", "198.51.100.1")->established, 1u);
}

std::chrono::nanoseconds processor_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) +
         std::chrono::nanoseconds(used.tv_nsec);
}

TEST_F(ScriptedHousekeeping, BusyIsTheProcessorTimeOfTheLoopsThread) {
  const auto earliest = processor_time();
  const auto before = measure(*reactor_).busy;
  const auto begin = processor_time();
  while (processor_time() - begin < milliseconds(20)) {
  }
  const auto after = measure(*reactor_).busy;
  EXPECT_GE(after - before, milliseconds(20));
  EXPECT_LE(after - before, processor_time() - earliest);
}

TEST_F(ScriptedHousekeeping, LoopLagIsMeasuredWhileThereIsSomethingToDo) {
  connect_up();
  const auto measured = [&] {
    const auto buckets = measure(*reactor_).lag_buckets;
    return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
  };
  const std::uint64_t before = measured();
  EXPECT_TRUE(run_until(*reactor_, [&] { return measured() > before; }));
}

}  // namespace
}  // namespace lksctp::test
