// Snapshots as Prometheus metrics.
//
//   auto sctp = std::make_shared<lksctp::SnapshotCollectable>(
//       lksctp::source_of(*reactor));
//   exposer.RegisterCollectable(sctp);  // or any other prometheus-cpp consumer
//
// Nothing is kept per association: families are built from one snapshot when
// they are asked for.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <chrono>
#include <memory>
#include <vector>

#include "lksctp/metrics/metrics_source.h"
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

// Snapshots as a prometheus-cpp Collectable, with the counters of the host beside
// them. A collection asks the SCTP loop for a fresh snapshot and shows it. A loop
// that is busy, or does not run, is not waited for: after `snapshot_wait` the latest
// published snapshot is shown, and `sctp_exporter_snapshot_age_seconds` says how old
// it is. Thread-safe; on the loop's own thread a collection waits in vain.
class SnapshotCollectable : public prometheus::Collectable {
 public:
  // REQUIRES: `snapshot` and `request_snapshot` of `source` are not empty and stay
  // callable as long as this lives.
  explicit SnapshotCollectable(
      MetricsSource source, MetricsSelection selection = {},
      std::chrono::milliseconds snapshot_wait = std::chrono::milliseconds(100));
  ~SnapshotCollectable() override;

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  class Request;

  // A fresh snapshot, or the latest.
  [[nodiscard]] SnapshotPtr take_snapshot() const;

  const MetricsSource source_;
  const MetricsSelection selection_;
  const std::chrono::milliseconds snapshot_wait_;
  // Shared with the callback that the source has.
  const std::shared_ptr<Request> request_;
};

}  // namespace lksctp
