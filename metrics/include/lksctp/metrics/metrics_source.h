// Where what shows metrics gets its snapshots and events.
#pragma once

#include <functional>

#include "lksctp/reactor/snapshot.h"

namespace lksctp {

class Reactor;

// The functions must neither block nor throw, and must stay callable until who has
// them is gone (a MetricsServer: until its `stop` has returned). They are called on
// the thread that shows, but for `watch_events` and what it returns.
struct MetricsSource {
  // The latest published snapshot; null: nothing to show.
  std::function<SnapshotPtr()> snapshot;
  // Asks for a fresh one. `ready` may be called on any thread, at once, late,
  // or after who asked is gone. Who asks has one request open at most.
  std::function<void(std::function<void(SnapshotPtr)> ready)> request_snapshot;
  // Has `on_event` called with every event from now on, in order, on one thread at
  // a time, until the function that it returns is called, or shortly after.
  // Called by `MetricsServer::start`; what it returns by `stop`. Without it there is
  // no /events.
  std::function<std::function<void()>(
      std::function<void(const Event&)> on_event)>
      watch_events;
};

// That of a reactor. Any thread; the reactor must outlive who has it, or its loop
// must have ended before it is destroyed.
[[nodiscard]] MetricsSource source_of(Reactor& reactor);

}  // namespace lksctp
