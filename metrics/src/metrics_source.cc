#include "lksctp/metrics/metrics_source.h"

#include <memory>
#include <utility>

#include "lksctp/reactor/reactor.h"

namespace lksctp {

MetricsSource source_of(Reactor& reactor) {
  return {.snapshot = [&reactor] { return reactor.snapshot(); },
          .request_snapshot =
              [&reactor](std::function<void(SnapshotPtr)> ready) {
                reactor.request_snapshot(std::move(ready));
              },
          .watch_events = [&reactor](std::function<void(const Event&)> on_event)
              -> std::function<void()> {
            // Loop thread.
            auto id = std::make_shared<SubscriptionId>();
            reactor.post([&reactor, id, on_event = std::move(on_event)] {
              *id = reactor.subscribe({}, on_event);
            });
            return [&reactor, id] {
              reactor.post([&reactor, id] { reactor.unsubscribe(*id); });
            };
          }};
}

}  // namespace lksctp
