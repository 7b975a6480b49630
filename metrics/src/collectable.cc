#include "lksctp/metrics/collectable.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "family_builder.h"
#include "lksctp/reactor/utf8.h"
#include "selection.h"

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

// The one request for a snapshot that is open at most; collections that come
// meanwhile wait for it, too. Thread-safe.
class SnapshotCollectable::Request {
 public:
  // Null when none came in time.
  static SnapshotPtr wait(const std::shared_ptr<Request>& request,
                          const MetricsSource& source,
                          std::chrono::milliseconds at_most) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    std::unique_lock lock(request->mutex_);
    const std::uint64_t before = request->answers_;
    if (!std::exchange(request->open_, true)) {
      lock.unlock();  // it may be answered at once
      source.request_snapshot([request](SnapshotPtr snapshot) {
        request->answer(std::move(snapshot));
      });
      lock.lock();
    }
    const bool answered = request->answered_.wait_until(
        lock, deadline, [&] { return request->answers_ != before; });
    return answered ? request->snapshot_ : nullptr;
  }

 private:
  void answer(SnapshotPtr snapshot) {
    {
      const std::lock_guard lock(mutex_);
      open_ = false;
      ++answers_;
      snapshot_.swap(snapshot);
    }
    answered_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable answered_;
  // Guarded by mutex_.
  bool open_ = false;
  std::uint64_t answers_ = 0;
  SnapshotPtr snapshot_;  // the last answer
};

SnapshotCollectable::SnapshotCollectable(
    MetricsSource source, MetricsSelection selection,
    std::chrono::milliseconds snapshot_wait)
    : source_(std::move(source)),
      selection_(std::move(selection)),
      snapshot_wait_(snapshot_wait),
      request_(std::make_shared<Request>()) {}

SnapshotCollectable::~SnapshotCollectable() = default;

SnapshotPtr SnapshotCollectable::take_snapshot() const {
  SnapshotPtr fresh = Request::wait(request_, source_, snapshot_wait_);
  return fresh != nullptr ? fresh : source_.snapshot();
}

std::vector<prometheus::MetricFamily> SnapshotCollectable::Collect() const {
  const SnapshotPtr snapshot = take_snapshot();
  if (snapshot == nullptr) return {};
  Scrape scrape;
  scrape.selection = selection_;
  scrape.facts.host = read_host_counters();
  return to_families(*snapshot, std::chrono::steady_clock::now(), scrape);
}

}  // namespace lksctp
