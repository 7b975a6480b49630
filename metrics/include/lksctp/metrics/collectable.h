// Snapshots as Prometheus metrics.
//
//   lksctp::SnapshotCollectable sctp([&reactor] { return reactor.snapshot();
//   }); exposer.RegisterCollectable(...);  // or any other prometheus-cpp
//   consumer
//
// Nothing is kept per association: families are built from one snapshot when
// they are asked for.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <string>
#include <vector>

#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// All families of the table in `series.h`, in its order, and in each the
// metrics in the order of their labels: equal snapshots give equal families. A
// family without a metric is left out. `now` is what the snapshot's age is
// measured against. Any thread.
[[nodiscard]] std::vector<prometheus::MetricFamily> to_families(
    const Snapshot& snapshot, MonotonicTime now);

// The same in the text exposition format 0.0.4. Any thread.
[[nodiscard]] std::string to_text(const Snapshot& snapshot, MonotonicTime now);

// As of the moment the snapshot was taken: its age is 0.
[[nodiscard]] std::string to_text(const Snapshot& snapshot);

// The latest snapshot as a prometheus-cpp Collectable. Thread-safe if `source`
// is.
class SnapshotCollectable : public prometheus::Collectable {
 public:
  // Called for every collection, on its thread. May return null: nothing to
  // show.
  using Source = std::function<SnapshotPtr()>;

  // REQUIRES: `source` is not empty and stays callable as long as this lives.
  explicit SnapshotCollectable(Source source);

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Source source_;
};

}  // namespace lksctp
