// Handlers that subscribe and unsubscribe while events are dispatched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "lksctp/reactor/event_log.h"

namespace lksctp::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventSubscriptionsTest : public ::testing::Test {
 protected:
  EventSubscriptions::Handler noting(std::string name) {
    return
        [this, name = std::move(name)](const Event&) { heard.push_back(name); };
  }
  std::vector<std::string> dispatch() {
    heard.clear();
    subscriptions.dispatch(event);
    return heard;
  }

  EventSubscriptions subscriptions;
  Event event{.body = ShutdownRequested{}};
  std::vector<std::string> heard;
};

TEST_F(EventSubscriptionsTest, CallsMatchingHandlersInOrder) {
  EXPECT_TRUE(subscriptions.empty());
  subscriptions.subscribe(EventFilter(), noting("a"));
  subscriptions.subscribe(EventFilter::only<LogGap>(), noting("b"));
  subscriptions.subscribe(EventFilter(), noting("c"));
  subscriptions.subscribe(EventFilter(), nullptr);
  EXPECT_FALSE(subscriptions.empty());
  EXPECT_THAT(dispatch(), ElementsAre("a", "c"));
}

TEST_F(EventSubscriptionsTest, IdsAreNeverReused) {
  const SubscriptionId first = subscriptions.subscribe({}, noting("a"));
  subscriptions.unsubscribe(first);
  subscriptions.unsubscribe(first);
  EXPECT_TRUE(subscriptions.empty());
  EXPECT_NE(subscriptions.subscribe({}, noting("b")), first);
}

TEST_F(EventSubscriptionsTest, RawBytesAreWantedWhileSomebodyAsks) {
  subscriptions.subscribe({}, noting("a"));
  EXPECT_FALSE(subscriptions.wants_raw());
  const SubscriptionId one =
      subscriptions.subscribe(EventFilter().with_raw(), noting("b"));
  const SubscriptionId other =
      subscriptions.subscribe(EventFilter().with_raw(), noting("c"));
  subscriptions.unsubscribe(one);
  subscriptions.unsubscribe(one);
  EXPECT_TRUE(subscriptions.wants_raw());
  subscriptions.unsubscribe(other);
  EXPECT_FALSE(subscriptions.wants_raw());
}

TEST_F(EventSubscriptionsTest, WhatAHandlerAddsSeesTheNextEvent) {
  subscriptions.subscribe({}, [this](const Event&) {
    heard.emplace_back("adds");
    subscriptions.subscribe({}, noting("added"));
  });
  EXPECT_THAT(dispatch(), ElementsAre("adds"));
  EXPECT_THAT(dispatch(), ElementsAre("adds", "added"));
}

TEST_F(EventSubscriptionsTest, AddingManyMovesNothingUnderAHandler) {
  subscriptions.subscribe({},
                          [this, name = std::string(64, 'x')](const Event&) {
                            for (int i = 0; i < 1000; ++i)
                              subscriptions.subscribe({}, noting("more"));
                            heard.push_back(name);
                          });
  EXPECT_THAT(dispatch(), ElementsAre(std::string(64, 'x')));
}

TEST_F(EventSubscriptionsTest, HandlerRemovesItselfAndLivesToItsEnd) {
  SubscriptionId self{};
  const auto alive = std::make_shared<int>(0);
  self = subscriptions.subscribe({}, [this, &self, alive](const Event&) {
    subscriptions.unsubscribe(self);
    ++*alive;
    heard.emplace_back("self");
  });
  subscriptions.subscribe({}, noting("next"));
  EXPECT_THAT(dispatch(), ElementsAre("self", "next"));
  EXPECT_THAT(dispatch(), ElementsAre("next"));
  EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(EventSubscriptionsTest, RemovedHandlersAreNotCalledAgain) {
  std::vector<SubscriptionId> others;
  others.push_back(subscriptions.subscribe({}, noting("before")));
  subscriptions.subscribe({}, [&](const Event&) {
    heard.emplace_back("removes");
    for (const SubscriptionId id : others) subscriptions.unsubscribe(id);
  });
  others.push_back(subscriptions.subscribe({}, noting("after")));
  EXPECT_THAT(dispatch(), ElementsAre("before", "removes"));
  EXPECT_THAT(dispatch(), ElementsAre("removes"));
}

TEST_F(EventSubscriptionsTest, HandlersMayDispatch) {
  subscriptions.subscribe(EventFilter::only<ShutdownRequested>(),
                          [this](const Event&) {
                            heard.emplace_back("outer");
                            subscriptions.dispatch(Event{.body = LogGap{}});
                          });
  subscriptions.subscribe({}, noting("all"));
  EXPECT_THAT(dispatch(), ElementsAre("outer", "all", "all"));
}

TEST_F(EventSubscriptionsTest, ThrowingHandlerLeavesTheRestInOrder) {
  const SubscriptionId thrower = subscriptions.subscribe(
      {}, [](const Event&) { throw std::runtime_error("enough"); });
  subscriptions.subscribe({}, noting("next"));
  EXPECT_THROW(dispatch(), std::runtime_error);
  EXPECT_THAT(heard, IsEmpty());
  subscriptions.unsubscribe(thrower);
  EXPECT_THAT(dispatch(), ElementsAre("next"));
}

}  // namespace
}  // namespace lksctp::test
