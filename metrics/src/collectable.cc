#include "lksctp/metrics/collectable.h"

#include <chrono>
#include <utility>

#include "family_builder.h"
#include "selection.h"

namespace lksctp {

std::vector<prometheus::MetricFamily> to_families(const Snapshot& snapshot,
                                                  MonotonicTime now,
                                                  const Scrape& scrape) {
  const SnapshotView view(snapshot, scrape.selection);
  std::vector<prometheus::MetricFamily> families;
  families.reserve(kSeries.size());
  for (const Series& series : kSeries) {
    if (!is_selected(series, scrape.selection)) continue;
    auto family = FamilyBuilder(series, snapshot, view, now, scrape).build();
    if (!family.metric.empty()) families.push_back(std::move(family));
  }
  return families;
}

SnapshotCollectable::SnapshotCollectable(Source source,
                                         MetricsSelection selection)
    : source_(std::move(source)), selection_(std::move(selection)) {}

std::vector<prometheus::MetricFamily> SnapshotCollectable::Collect() const {
  const SnapshotPtr snapshot = source_();
  if (snapshot == nullptr) return {};
  Scrape scrape;
  scrape.selection = selection_;
  scrape.facts.host = read_host_counters();
  return to_families(*snapshot, std::chrono::steady_clock::now(), scrape);
}

}  // namespace lksctp
