// Everything a reactor says, kept in order; and running its loop until
// something is so. No test sleeps or asserts on time: the deadline only ends a
// test that would hang.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lksctp/reactor/reactor.h"

namespace lksctp::test {

inline Bytes bytes_of(std::string_view text) {
  Bytes bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Subscribes to all events of a reactor and, when it is dropped or asked,
// proves that replaying them gives the table the reactor has.
class Recorder {
 public:
  explicit Recorder(Reactor& reactor) : reactor_(reactor) {
    subscription_ = reactor.subscribe(
        EventFilter(),
        [this](const Event& event) { events_.push_back(event); });
  }
  ~Recorder() { reactor_.unsubscribe(subscription_); }

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

  // Kinds of the events of one association, samples left out: they come when
  // they come.
  [[nodiscard]] std::vector<std::string> kinds(AssociationId id) const {
    std::vector<std::string> kinds;
    for (const Event& event : events_) {
      if (event.association == id && !is_sample(event.body)) {
        kinds.emplace_back(describe(event.body));
      }
    }
    return kinds;
  }

  template <typename T>
  [[nodiscard]] std::vector<T> all(AssociationId id = {}) const {
    std::vector<T> found;
    for (const Event& event : events_) {
      if (id != AssociationId{} && event.association != id) continue;
      const auto* notification = std::get_if<Notification>(&event.body);
      if constexpr (detail::AlternativeIndex<T, Notification>::value <
                    kNotificationKinds) {
        const auto* body =
            notification != nullptr ? std::get_if<T>(notification) : nullptr;
        if (body != nullptr) found.push_back(*body);
      } else if (const auto* body = std::get_if<T>(&event.body)) {
        found.push_back(*body);
      }
    }
    return found;
  }

  // The reactor must be between turns with nothing left to deliver.
  void expect_replay_equal() const {
    EXPECT_TRUE(replay(events_) == reactor_.table())
        << "replaying " << events_.size() << " events gives another table";
    for (std::size_t i = 0; i < events_.size(); ++i) {
      EXPECT_EQ(events_[i].seq.value(), events_.front().seq.value() + i)
          << "sequence numbers are dense";
    }
  }

 private:
  static bool is_sample(const EventBody& body) {
    return std::holds_alternative<StatusSampled>(body) ||
           std::holds_alternative<PathsSampled>(body) ||
           std::holds_alternative<LocalAddressesSampled>(body) ||
           std::holds_alternative<TrafficSampled>(body) ||
           std::holds_alternative<StatisticsSampled>(body);
  }

  // The kind, with the state for association changes:
  // "association_change:comm_up".
  static std::string describe(const EventBody& body) {
    std::string kind(event_kind_name(body));
    if (const auto* notification = std::get_if<Notification>(&body)) {
      if (const auto* change = std::get_if<AssociationChange>(notification)) {
        static constexpr const char* kStates[] = {
            "comm_up", "comm_lost", "restart", "shutdown_complete",
            "cant_start"};
        kind = kStates[static_cast<std::size_t>(change->state)];
      }
    }
    return kind;
  }

  Reactor& reactor_;
  SubscriptionId subscription_{};
  std::vector<Event> events_;
};

// Runs turns until `done` is true; false when the deadline came first.
inline bool run_until(
    Reactor& reactor, const std::function<bool()>& done,
    std::chrono::seconds deadline = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    reactor.run_once(std::chrono::milliseconds(20));
  }
  return true;
}

// Runs the turns that need no waiting.
inline void run_pending(Reactor& reactor) {
  for (int i = 0; i < 10; ++i) reactor.run_once(std::chrono::milliseconds(0));
}

}  // namespace lksctp::test
