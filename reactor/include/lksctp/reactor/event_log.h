// The event log: stamps facts with sequence number and time, folds them into
// the association table and hands them on; and the subscriptions that pass them
// to handlers.
//
// The reactor owns one of each. A program needs this header to filter what it
// subscribes to and to replay recorded events.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/event.h"

namespace lksctp {

// Which events a subscriber gets. The default is all of them. Any thread.
class EventFilter {
 public:
  EventFilter() { kinds_.set(); }

  // Only events whose body (or notification) is one of `T`:
  // `EventFilter::only<PeerAddressChange, AssociationClosed>()`.
  template <typename... T>
  static EventFilter only();

  static EventFilter only(std::span<const EventKind> kinds);

  // Narrows the filter to one association or one endpoint.
  EventFilter& association(AssociationId id);
  EventFilter& endpoint(EndpointId id);
  // Asks for `Event::raw`. It is a copy that is not made when nobody asks; when
  // somebody does, all subscribers see it.
  EventFilter& with_raw();
  [[nodiscard]] bool wants_raw() const { return wants_raw_; }

  [[nodiscard]] bool matches(const Event& event) const;

 private:
  std::bitset<kEventKinds> kinds_;
  std::optional<AssociationId> association_;
  std::optional<EndpointId> endpoint_;
  bool wants_raw_ = false;
};

// Names one subscription; never reused by the same reactor.
enum class SubscriptionId : std::uint64_t {};

// Handlers by filter. Loop thread only. A handler may subscribe and
// unsubscribe, itself included, from inside a call: what it removes is not
// called again, what it adds sees the next event.
class EventSubscriptions {
 public:
  using Handler = std::function<void(const Event&)>;

  SubscriptionId subscribe(EventFilter filter, Handler handler);
  // Does nothing for an id that is unknown or already gone.
  void unsubscribe(SubscriptionId id);
  // Calls every matching handler in the order of subscription.
  void dispatch(const Event& event);
  // True when there is no subscription.
  [[nodiscard]] bool empty() const;
  // True when a subscription asks for `Event::raw`.
  [[nodiscard]] bool wants_raw() const { return raw_wanted_ != 0; }

 private:
  struct Entry {
    SubscriptionId id{};
    EventFilter filter;
    // Shared, so that a handler outlives its own removal while it runs.
    std::shared_ptr<const Handler> handler;
  };
  std::vector<Entry> entries_;
  std::size_t raw_wanted_ = 0;  // by so many of them
  std::uint64_t last_id_ = 0;
};

// Where the log takes its times from.
struct EventClock {
  std::function<MonotonicTime()> monotonic;
  std::function<WallTime()> wall;
  // CLOCK_MONOTONIC and CLOCK_REALTIME.
  static EventClock system();
};

// Loop thread only. `append` is the one way in: number → stamp → apply → sinks.
class EventLog {
 public:
  // Called once per event, in order, inside `append`; must not append.
  using Sink = std::function<void(const Event&)>;

  explicit EventLog(EventClock clock = EventClock::system());

  // Makes the body an event, folds it into the table and calls every sink.
  // Returns its sequence number. `raw` is the event's `Event::raw`.
  EventSeq append(EndpointId endpoint, AssociationId association,
                  EventBody body, Bytes raw = {});

  // Sinks live as long as the log.
  void add_sink(Sink sink);

  // The live projection; the reference is valid as long as the log.
  [[nodiscard]] const AssociationTable& table() const { return table_; }

 private:
  EventClock clock_;
  std::uint64_t last_seq_ = 0;
  AssociationTable table_;
  std::vector<Sink> sinks_;
};

// Folds recorded events into a table equal to the one the live process had
// after the last of them. Pure; any thread.
[[nodiscard]] AssociationTable replay(std::span<const Event> events);

namespace detail {

template <typename T, typename Variant>
struct AlternativeIndex;

template <typename T, typename... Alternatives>
struct AlternativeIndex<T, std::variant<Alternatives...>> {
  static constexpr std::size_t value = [] {
    std::size_t index = 0;
    const bool found =
        ((std::is_same_v<T, Alternatives> || (++index, false)) || ...);
    return found ? index : sizeof...(Alternatives);
  }();
};

template <typename T>
constexpr std::size_t event_kind_index() {
  constexpr std::size_t notification = AlternativeIndex<T, Notification>::value;
  if constexpr (notification < kNotificationKinds) {
    return notification;
  } else {
    constexpr std::size_t body = AlternativeIndex<T, EventBody>::value;
    static_assert(body < std::variant_size_v<EventBody>, "not an event body");
    return kNotificationKinds + body - 1;
  }
}

}  // namespace detail

template <typename... T>
EventFilter EventFilter::only() {
  EventFilter filter;
  filter.kinds_.reset();
  (filter.kinds_.set(detail::event_kind_index<T>()), ...);
  return filter;
}

}  // namespace lksctp
