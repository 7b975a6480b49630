#include "lksctp/reactor/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "lksctp/decoder/table.h"
#include "random_events.h"

namespace lksctp::test {
namespace {

// Both clocks stand at what a test set.
struct FakeClock {
  std::chrono::nanoseconds now{};
  EventClock clock() {
    return {[this] { return MonotonicTime(now); },
            [this] { return WallTime(now * 2); }};
  }
};

TEST(EventLogTest, NumbersAreDenseAndStartAtOne) {
  EventLog log;
  std::vector<std::uint64_t> numbers;
  log.add_sink(
      [&](const Event& event) { numbers.push_back(event.seq.value()); });
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    EXPECT_EQ(log.append({}, {}, LogRecovered{}), EventSeq(i));
  }
  ASSERT_EQ(numbers.size(), 1000U);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(numbers[i], i + 1);
  }
  EXPECT_EQ(log.table().seq(), EventSeq(1000));
}

TEST(EventLogTest, StampsBothClocksAndIdentities) {
  FakeClock time;
  EventLog log(time.clock());
  std::vector<Event> events;
  log.add_sink([&](const Event& event) { events.push_back(event); });
  time.now = std::chrono::seconds(3);
  log.append(EndpointId(4), AssociationId(5), ShutdownRequested{});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].monotonic, MonotonicTime(std::chrono::seconds(3)));
  EXPECT_EQ(events[0].wall, WallTime(std::chrono::seconds(6)));
  EXPECT_EQ(events[0].endpoint, EndpointId(4));
  EXPECT_EQ(events[0].association, AssociationId(5));
}

TEST(EventLogTest, TableIsFoldedBeforeSinksHear) {
  EventLog log;
  std::vector<std::string> heard;
  log.add_sink([&](const Event& event) {
    EXPECT_EQ(log.table().seq(), event.seq);
    heard.emplace_back("first");
  });
  log.add_sink([&](const Event&) { heard.emplace_back("second"); });
  log.append({}, {}, LogRecovered{});
  EXPECT_THAT(heard, ::testing::ElementsAre("first", "second"));
}

TEST(EventLogTest, ReplayOfWhatASinkRecordedEqualsTheLiveTable) {
  FakeClock time;
  EventLog log(time.clock());
  std::vector<Event> recorded;
  log.add_sink([&](const Event& event) { recorded.push_back(event); });
  for (Event& event : RandomEvents(7).take(2000)) {
    time.now = event.monotonic.time_since_epoch();
    log.append(event.endpoint, event.association, std::move(event.body));
  }
  EXPECT_EQ(replay(recorded), log.table());
}

TEST(EventLogTest, SystemClocksMove) {
  const EventClock clock = EventClock::system();
  EXPECT_GT(clock.wall(), WallTime(std::chrono::seconds(1'600'000'000)));
  const MonotonicTime before = clock.monotonic();
  EXPECT_LE(before, clock.monotonic());
}

TEST(EventKindTest, EveryKindHasAUniqueNameThatFindsIt) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kEventKinds; ++i) {
    const auto kind = static_cast<EventKind>(i);
    const std::string_view name = event_kind_name(kind);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(event_kind_from_name(name), kind) << name;
  }
  EXPECT_TRUE(names.contains("association_change"));
  EXPECT_TRUE(names.contains("unknown"));
  EXPECT_TRUE(names.contains("log_recovered"));
  EXPECT_FALSE(event_kind_from_name("no such kind"));
  EXPECT_EQ(event_kind_name(static_cast<EventKind>(200)), "unknown");
}

TEST(EventKindTest, BodiesHaveTheNameOfTheirKind) {
  EXPECT_EQ(event_kind_name(EventBody(Notification(ShutdownEvent{}))),
            "shutdown");
  EXPECT_EQ(event_kind_name(EventBody(TrafficSampled{})), "traffic_sampled");
  EXPECT_EQ(event_kind_name(EventBody(PeerForgotten{})), "peer_forgotten");
  const EventBody deprecated = Notification(SendFailed{.deprecated = true});
  EXPECT_EQ(event_kind_from_name(event_kind_name(deprecated)),
            kind_of(deprecated));
}

TEST(EventFilterTest, DefaultMatchesEverything) {
  for (const Event& event : RandomEvents(1).take(200)) {
    EXPECT_TRUE(EventFilter().matches(event));
  }
}

TEST(EventFilterTest, OnlyTheGivenTypes) {
  const auto filter = EventFilter::only<PeerAddressChange, AssociationClosed>();
  Event event;
  event.body = Notification(PeerAddressChange{});
  EXPECT_TRUE(filter.matches(event));
  event.body = Notification(AssociationChange{});
  EXPECT_FALSE(filter.matches(event));
  event.body = AssociationClosed{};
  EXPECT_TRUE(filter.matches(event));
}

TEST(EventFilterTest, OnlyTheGivenKindsWithoutNonsense) {
  const std::array kinds{kind_of(EventBody(LogGap{})),
                         static_cast<EventKind>(255)};
  const auto filter = EventFilter::only(kinds);
  Event event;
  event.body = LogGap{};
  EXPECT_TRUE(filter.matches(event));
  event.body = LogRecovered{};
  EXPECT_FALSE(filter.matches(event));
}

TEST(EventFilterTest, NarrowedToAnAssociationOrAnEndpoint) {
  Event event;
  event.endpoint = EndpointId(1);
  event.association = AssociationId(2);
  event.body = ShutdownRequested{};
  EXPECT_TRUE(EventFilter().association(AssociationId(2)).matches(event));
  EXPECT_FALSE(EventFilter().association(AssociationId(3)).matches(event));
  EXPECT_TRUE(EventFilter().endpoint(EndpointId(1)).matches(event));
  EXPECT_FALSE(EventFilter()
                   .endpoint(EndpointId(2))
                   .association(AssociationId(2))
                   .matches(event));
}

}  // namespace
}  // namespace lksctp::test
