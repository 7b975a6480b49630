#include "lksctp/metrics/collectable.h"

#include <chrono>
#include <utility>

#include "family_builder.h"
#include "selection.h"
#include "utf8.h"

namespace lksctp {
namespace {

prometheus::MetricType prometheus_type(SeriesType type) {
  switch (type) {
    case SeriesType::kCounter:
      return prometheus::MetricType::Counter;
    case SeriesType::kGauge:
      return prometheus::MetricType::Gauge;
    case SeriesType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

class FamilyObjects final : public FamilySink {
 public:
  explicit FamilyObjects(const Series& series) : series_(series) {
    family.name = series.name;
    family.help = series.help;
    family.type = prometheus_type(series.type);
  }

  void number(LabelValues labels, double value) override {
    prometheus::ClientMetric& metric = add(labels);
    if (series_.type == SeriesType::kCounter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
  }
  void histogram(LabelValues labels, const Histogram& histogram) override {
    add(labels).histogram = histogram;
  }

  prometheus::MetricFamily family;

 private:
  prometheus::ClientMetric& add(LabelValues labels) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    const auto* value = labels.begin();
    for (const char* name : series_.labels) {
      metric.label.push_back({name, to_utf8(*value++)});
    }
    return metric;
  }

  const Series& series_;
};

}  // namespace

std::vector<prometheus::MetricFamily> to_families(const Snapshot& snapshot,
                                                  MonotonicTime now,
                                                  const Scrape& scrape) {
  const SnapshotView view(snapshot, scrape.selection);
  std::vector<prometheus::MetricFamily> families;
  families.reserve(kSeries.size());
  for (const Series& series : kSeries) {
    if (!is_selected(series, scrape.selection)) continue;
    FamilyObjects objects(series);
    FamilyBuilder(series, snapshot, view, now, scrape, objects).fill();
    if (!objects.family.metric.empty()) {
      families.push_back(std::move(objects.family));
    }
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
