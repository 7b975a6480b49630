// Fills one family of the table from a view of a snapshot.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string_view>

#include "lksctp/metrics/scrape.h"
#include "lksctp/metrics/series.h"
#include "utf8.h"
#include "view.h"

namespace lksctp {

// Durations as Prometheus wants them.
inline double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// All arguments outlive it.
class FamilyBuilder {
 public:
  FamilyBuilder(const Series& series, const Snapshot& snapshot,
                const SnapshotView& view, MonotonicTime now,
                const Scrape& scrape)
      : series_(series),
        snapshot_(snapshot),
        view_(view),
        now_(now),
        scrape_(scrape) {}

  // The family, without a metric when there is nothing to show.
  prometheus::MetricFamily build();

 private:
  void fill();

  // As many values as the series has labels.
  prometheus::ClientMetric& add(
      std::initializer_list<std::string_view> values) {
    prometheus::ClientMetric& metric = family_.metric.emplace_back();
    auto value = values.begin();
    for (const char* name : series_.labels) {
      metric.label.push_back({name, to_utf8(*value++)});
    }
    return metric;
  }

  template <typename T>
  void put(std::initializer_list<std::string_view> values, T number) {
    const auto value = static_cast<double>(number);
    prometheus::ClientMetric& metric = add(values);
    if (series_.type == SeriesType::kCounter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
  }

  template <typename Value>
  void each_endpoint(Value value) {
    for (const auto& [name, view] : view_.endpoints) put({name}, value(view));
  }

  template <typename Value>
  void each_peer(Value value) {
    for (const PeerView& view : view_.peers) {
      put({view.peer->endpoint, view.peer->peer}, value(view));
    }
  }

  // What was sampled last, of associations that are up.
  template <typename Value>
  void each_status(Value value) {
    for (const PeerView& view : view_.peers) {
      if (view.current == nullptr || !is_up(view.current->state) ||
          !view.current->status) {
        continue;
      }
      put({view.peer->endpoint, view.peer->peer}, value(*view.current->status));
    }
  }

  template <typename Value>
  void each_path(Value value) {
    for (const PeerView& view : view_.peers) {
      for (const auto& [address, path] : view.paths) {
        put({view.peer->endpoint, view.peer->peer, address}, value(path->info));
      }
    }
  }

  // Counts per bucket, the last without a bound; `bounds` are durations.
  template <typename Bounds, typename Buckets>
  void put_histogram(std::initializer_list<std::string_view> values,
                     const Bounds& bounds, const Buckets& buckets,
                     std::chrono::nanoseconds sum) {
    prometheus::ClientMetric::Histogram& histogram = add(values).histogram;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      histogram.sample_count += buckets[i];
      const double bound = i < bounds.size()
                               ? seconds(bounds[i])
                               : std::numeric_limits<double>::infinity();
      histogram.bucket.push_back({histogram.sample_count, bound});
    }
    histogram.sample_sum = seconds(sum);
  }

  template <typename Durations>
  void each_histogram(Durations EndpointTotals::*durations) {
    for (const auto& [name, view] : view_.endpoints) {
      const Durations& counts = view.record->*durations;
      put_histogram({name}, Durations::kBounds, counts.buckets, counts.sum);
    }
  }

  void fill_endpoint_info();
  void fill_association_info();
  void fill_remote_errors();
  void fill_stream_messages();
  void fill_host();
  void fill_last_scrape();
  void fill_endpoint_changes();
  void fill_endpoint_failures();
  void fill_changes();
  void fill_failures();
  void fill_established();
  void fill_closed();
  void fill_streams();
  void fill_path_changes();
  void fill_notifications();

  const Series& series_;
  const Snapshot& snapshot_;
  const SnapshotView& view_;
  const MonotonicTime now_;
  const Scrape& scrape_;
  prometheus::MetricFamily family_;
};

}  // namespace lksctp
