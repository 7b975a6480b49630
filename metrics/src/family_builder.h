// Tells the metrics of one family of the table, from a view of a snapshot.
#pragma once

#include <prometheus/client_metric.h>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string_view>

#include "lksctp/metrics/scrape.h"
#include "lksctp/metrics/series.h"
#include "view.h"

namespace lksctp {

// Durations as Prometheus wants them.
inline double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// Takes the metrics of one family, in order. Without one between them and the
// text there would be several times the text in objects.
class FamilySink {
 public:
  // As many as the series has labels; not yet known to be UTF-8.
  using LabelValues = std::initializer_list<std::string_view>;
  using Histogram = prometheus::ClientMetric::Histogram;

  virtual void number(LabelValues labels, double value) = 0;
  virtual void histogram(LabelValues labels, const Histogram& histogram) = 0;

 protected:
  ~FamilySink() = default;
};

// All arguments outlive it.
class FamilyBuilder {
 public:
  FamilyBuilder(const Series& series, const Snapshot& snapshot,
                const SnapshotView& view, MonotonicTime now,
                const Scrape& scrape, FamilySink& sink)
      : series_(series),
        snapshot_(snapshot),
        view_(view),
        now_(now),
        scrape_(scrape),
        sink_(sink) {}

  // Every metric of the family to the sink; none when there is nothing to show.
  void fill();

 private:
  using LabelValues = FamilySink::LabelValues;

  template <typename T>
  void put(LabelValues values, T number) {
    sink_.number(values, static_cast<double>(number));
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
  void put_histogram(LabelValues values, const Bounds& bounds,
                     const Buckets& buckets, std::chrono::nanoseconds sum) {
    FamilySink::Histogram histogram;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      histogram.sample_count += buckets[i];
      const double bound = i < bounds.size()
                               ? seconds(bounds[i])
                               : std::numeric_limits<double>::infinity();
      histogram.bucket.push_back({histogram.sample_count, bound});
    }
    histogram.sample_sum = seconds(sum);
    sink_.histogram(values, histogram);
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
  void fill_endpoint_messages(Traffic TrafficRecord::*direction);
  void fill_decode_errors();
  void fill_statistics();
  void fill_max_rto();
  void fill_events();
  void fill_poll_errors();
  void fill_journal();

  const Series& series_;
  const Snapshot& snapshot_;
  const SnapshotView& view_;
  const MonotonicTime now_;
  const Scrape& scrape_;
  FamilySink& sink_;
};

}  // namespace lksctp
