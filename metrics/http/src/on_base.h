// What lives on an event_base, owned.
#pragma once

#include <sys/time.h>

#include <algorithm>
#include <chrono>
#include <memory>

struct event;
struct event_base;
struct evhttp;

namespace lksctp {

struct EventDeleter {
  void operator()(event_base* base) const;
  void operator()(event* timer) const;
  void operator()(evhttp* http) const;
};

using EventPtr = std::unique_ptr<event, EventDeleter>;

[[nodiscard]] inline timeval to_timeval(std::chrono::microseconds duration) {
  duration = std::max(duration, std::chrono::microseconds(0));
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(duration);
  timeval tv{};
  tv.tv_sec = static_cast<decltype(tv.tv_sec)>(seconds.count());
  tv.tv_usec = static_cast<decltype(tv.tv_usec)>((duration - seconds).count());
  return tv;
}

}  // namespace lksctp
