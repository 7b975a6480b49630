#include "lksctp/reactor/event_log.h"

#include <algorithm>
#include <utility>

namespace lksctp {

EventFilter EventFilter::only(std::span<const EventKind> kinds) {
  EventFilter filter;
  filter.kinds_.reset();
  for (const EventKind kind : kinds) {
    const auto index = static_cast<std::size_t>(kind);
    if (index < kEventKinds) filter.kinds_.set(index);
  }
  return filter;
}

EventFilter& EventFilter::association(AssociationId id) {
  association_ = id;
  return *this;
}

EventFilter& EventFilter::endpoint(EndpointId id) {
  endpoint_ = id;
  return *this;
}

EventFilter& EventFilter::with_raw() {
  wants_raw_ = true;
  return *this;
}

bool EventFilter::matches(const Event& event) const {
  if (association_ && *association_ != event.association) return false;
  if (endpoint_ && *endpoint_ != event.endpoint) return false;
  return kinds_[static_cast<std::size_t>(kind_of(event.body))];
}

SubscriptionId EventSubscriptions::subscribe(EventFilter filter,
                                             Handler handler) {
  const SubscriptionId id{++last_id_};
  if (filter.wants_raw()) ++raw_wanted_;
  entries_.push_back(
      {id, filter, std::make_shared<const Handler>(std::move(handler))});
  return id;
}

void EventSubscriptions::unsubscribe(SubscriptionId id) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [id](const Entry& entry) { return entry.id == id; });
  if (found == entries_.end()) return;
  if (found->filter.wants_raw()) --raw_wanted_;
  entries_.erase(found);
}

void EventSubscriptions::dispatch(const Event& event) {
  // Entries stand in the order of their ids. The next one is looked up by id
  // after every call, because a handler may have changed the vector.
  const SubscriptionId newest{last_id_};
  SubscriptionId done{};
  for (;;) {
    const auto next = std::upper_bound(
        entries_.begin(), entries_.end(), done,
        [](SubscriptionId id, const Entry& entry) { return id < entry.id; });
    if (next == entries_.end() || next->id > newest) return;
    done = next->id;
    if (!next->filter.matches(event)) continue;
    const std::shared_ptr<const Handler> handler = next->handler;
    if (*handler) (*handler)(event);
  }
}

bool EventSubscriptions::empty() const { return entries_.empty(); }

EventClock EventClock::system() {
  return {[] { return MonotonicTime(std::chrono::steady_clock::now()); },
          [] { return WallTime(std::chrono::system_clock::now()); }};
}

EventLog::EventLog(EventClock clock) : clock_(std::move(clock)) {}

EventSeq EventLog::append(EndpointId endpoint, AssociationId association,
                          EventBody body, Bytes raw) {
  const Event event{
      EventSeq(++last_seq_), clock_.monotonic(), clock_.wall(), endpoint,
      association,           std::move(body),    std::move(raw)};
  table_.apply(event);
  for (const Sink& sink : sinks_) sink(event);
  return event.seq;
}

void EventLog::add_sink(Sink sink) { sinks_.push_back(std::move(sink)); }

AssociationTable replay(std::span<const Event> events) {
  AssociationTable table;
  for (const Event& event : events) table.apply(event);
  return table;
}

}  // namespace lksctp
