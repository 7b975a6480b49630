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
#include <vector>

#include "lksctp/metrics/scrape.h"
#include "lksctp/metrics/text.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// The families that `scrape` selects, in the order of the table in `series.h`,
// and in each the metrics in the order of their labels: equal snapshots give
// equal families. A family without a metric is left out. `now` is what the
// snapshot's age is measured against. Any thread.
[[nodiscard]] std::vector<prometheus::MetricFamily> to_families(
    const Snapshot& snapshot, MonotonicTime now, const Scrape& scrape = {});

// The latest snapshot as a prometheus-cpp Collectable, with the counters of the
// host beside it. Thread-safe if `source` is.
class SnapshotCollectable : public prometheus::Collectable {
 public:
  // Called for every collection, on its thread. May return null: nothing to
  // show.
  using Source = std::function<SnapshotPtr()>;

  // REQUIRES: `source` is not empty and stays callable as long as this lives.
  explicit SnapshotCollectable(Source source, MetricsSelection selection = {});

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Source source_;
  const MetricsSelection selection_;
};

}  // namespace lksctp
