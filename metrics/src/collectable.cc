#include "lksctp/metrics/collectable.h"

#include <prometheus/text_serializer.h>

#include <array>
#include <chrono>
#include <initializer_list>
#include <limits>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "lksctp/decoder/table.h"
#include "lksctp/metrics/series.h"
#include "utf8.h"
#include "view.h"

namespace lksctp {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<std::pair<AssociationChangeState, const char*>, 5>
    kChangeNames{{
        {AssociationChangeState::kCommUp, "comm_up"},
        {AssociationChangeState::kCommLost, "comm_lost"},
        {AssociationChangeState::kRestart, "restart"},
        {AssociationChangeState::kShutdownComplete, "shutdown_complete"},
        {AssociationChangeState::kCantStart, "cant_start"},
    }};

// By PeerAddressState; the last counts values without a name.
constexpr std::array<const char*, std::tuple_size_v<PathChangeCounts>>
    kPathChangeNames{
        "available", "unreachable",        "removed", "added", "made_primary",
        "confirmed", "potentially_failed", "other"};

constexpr std::array kCloseReasons{
    CloseReason::kShutdownLocal, CloseReason::kShutdownRemote,
    CloseReason::kAbortLocal,    CloseReason::kAbortRemote,
    CloseReason::kTimeout,       CloseReason::kRefused,
    CloseReason::kError};

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

MetricType prometheus_type(SeriesType type) {
  switch (type) {
    case SeriesType::kCounter:
      return MetricType::Counter;
    case SeriesType::kGauge:
      return MetricType::Gauge;
    case SeriesType::kHistogram:
      return MetricType::Histogram;
  }
  return MetricType::Untyped;
}

template <typename Map, typename Key>
std::uint64_t count_of(const Map& counts, const Key& key) {
  const auto found = counts.find(key);
  return found != counts.end() ? found->second : 0;
}

// Fills one family from a view.
class Builder {
 public:
  Builder(const Series& series, const Snapshot& snapshot,
          const SnapshotView& view, MonotonicTime now)
      : series_(series), snapshot_(snapshot), view_(view), now_(now) {
    family_.name = series.name;
    family_.help = series.help;
    family_.type = prometheus_type(series.type);
  }

  MetricFamily build() {
    fill();
    return std::move(family_);
  }

 private:
  void fill();

  ClientMetric& add(std::initializer_list<std::string_view> values) {
    ClientMetric& metric = family_.metric.emplace_back();
    auto name = series_.labels.begin();
    for (const std::string_view value : values) {
      metric.label.push_back({*name++, to_utf8(value)});
    }
    return metric;
  }

  template <typename T>
  void put(std::initializer_list<std::string_view> values, T number) {
    const auto value = static_cast<double>(number);
    ClientMetric& metric = add(values);
    if (series_.type == SeriesType::kCounter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
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

  void fill_established();
  void fill_changes();
  void fill_closed();
  void fill_streams();
  void fill_path_changes();
  void fill_notifications();
  void fill_loop_lag();

  const Series& series_;
  const Snapshot& snapshot_;
  const SnapshotView& view_;
  const MonotonicTime now_;
  MetricFamily family_;
};

void Builder::fill_established() {
  for (const PeerView& view : view_.peers) {
    if (view.current == nullptr || !view.current->established) continue;
    put({view.peer->endpoint, view.peer->peer},
        seconds(view.current->established->time_since_epoch()));
  }
}

// Every name is there from the start: without a 0 before the 1, `increase()`
// would miss the first event.
void Builder::fill_changes() {
  for (const PeerView& view : view_.peers) {
    const PeerRecord& peer = *view.peer;
    for (const auto& [state, name] : kChangeNames) {
      put({peer.endpoint, peer.peer, name}, count_of(peer.changes, state));
    }
    const std::uint64_t other = count_of(peer.changes, kOtherChange);
    if (other != 0) put({peer.endpoint, peer.peer, "other"}, other);
  }
}

void Builder::fill_closed() {
  for (const PeerView& view : view_.peers) {
    for (const CloseReason reason : kCloseReasons) {
      put({view.peer->endpoint, view.peer->peer, close_reason_name(reason)},
          count_of(view.peer->closed, reason));
    }
  }
}

void Builder::fill_streams() {
  for (const PeerView& view : view_.peers) {
    if (view.current == nullptr || !view.current->established) continue;
    const PeerRecord& peer = *view.peer;
    put({peer.endpoint, peer.peer, "in"}, view.current->inbound_streams);
    put({peer.endpoint, peer.peer, "out"}, view.current->outbound_streams);
  }
}

void Builder::fill_path_changes() {
  for (const PeerView& view : view_.peers) {
    const PeerRecord& peer = *view.peer;
    for (const std::string& address : view.addresses) {
      const auto known = peer.path_changes.find(address);
      const PathChangeCounts counts =
          known != peer.path_changes.end() ? known->second : PathChangeCounts{};
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const bool named = i + 1 < counts.size();
        if (!named && counts[i] == 0) continue;
        put({peer.endpoint, peer.peer, address, kPathChangeNames[i]},
            counts[i]);
      }
    }
  }
}

void Builder::fill_notifications() {
  const auto& counts = snapshot_.table.notifications();
  for (const NotificationRow& row : notification_rows()) {
    put({row.label}, count_of(counts, std::string_view(row.label)));
  }
  const char* unknown = notification_label(UnknownNotification{});
  put({unknown}, count_of(counts, std::string_view(unknown)));
}

void Builder::fill_loop_lag() {
  const LoopStatistics& loop = snapshot_.loop;
  ClientMetric::Histogram& histogram = add({}).histogram;
  for (std::size_t i = 0; i < loop.lag_buckets.size(); ++i) {
    histogram.sample_count += loop.lag_buckets[i];
    const double bound = i < LoopStatistics::kLagBounds.size()
                             ? seconds(LoopStatistics::kLagBounds[i])
                             : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = seconds(loop.lag_sum);
}

void Builder::fill() {
  switch (series_.id) {
    case SeriesId::kEndpointAssociations:
      for (const auto& [name, endpoint] : view_.endpoints) {
        put({name}, endpoint.associations);
      }
      return;
    case SeriesId::kEndpointConfiguredPeers:
      for (const auto& [name, endpoint] : view_.endpoints) {
        put({name}, endpoint.configured_peers);
      }
      return;
    case SeriesId::kAssociationUp:
      return each_peer([](auto& v) { return v.peer->established > 0 ? 1 : 0; });
    case SeriesId::kAssociationInstances:
      return each_peer([](auto& v) { return v.peer->associations; });
    case SeriesId::kAssociationState:
      return each_peer([](auto& v) {
        return v.current != nullptr ? v.current->state
                                    : AssociationState::kClosed;
      });
    case SeriesId::kAssociationEstablishedTimestamp:
      return fill_established();
    case SeriesId::kAssociationChanges:
      return fill_changes();
    case SeriesId::kAssociationClosed:
      return fill_closed();
    case SeriesId::kAssociationSentMessages:
      return each_peer([](auto& v) { return v.sent.messages; });
    case SeriesId::kAssociationSentBytes:
      return each_peer([](auto& v) { return v.sent.bytes; });
    case SeriesId::kAssociationReceivedMessages:
      return each_peer([](auto& v) { return v.received.messages; });
    case SeriesId::kAssociationReceivedBytes:
      return each_peer([](auto& v) { return v.received.bytes; });
    case SeriesId::kAssociationSendFailures:
      return each_peer([](auto& v) { return v.failed_messages; });
    case SeriesId::kAssociationReceiveWindow:
      return each_status([](auto& s) { return s.peer_receive_window; });
    case SeriesId::kAssociationUnackedChunks:
      return each_status([](auto& s) { return s.unacknowledged_chunks; });
    case SeriesId::kAssociationPendingChunks:
      return each_status([](auto& s) { return s.pending_chunks; });
    case SeriesId::kAssociationStreams:
      return fill_streams();
    case SeriesId::kAssociationSendQueue:
      return each_status([](auto& s) { return s.send_queue; });
    case SeriesId::kPathUp:
      return each_path(
          [](auto& p) { return p.state == PathState::kActive ? 1 : 0; });
    case SeriesId::kPathState:
      return each_path([](auto& p) { return p.state; });
    case SeriesId::kPathPrimary:
      return each_path([](auto& p) { return p.primary ? 1 : 0; });
    case SeriesId::kPathChanges:
      return fill_path_changes();
    case SeriesId::kPathSrtt:
      return each_path([](auto& p) { return seconds(p.srtt); });
    case SeriesId::kPathRto:
      return each_path([](auto& p) { return seconds(p.rto); });
    case SeriesId::kPathCongestionWindow:
      return each_path([](auto& p) { return p.congestion_window; });
    case SeriesId::kPathMtu:
      return each_path([](auto& p) { return p.mtu; });
    case SeriesId::kReactorNotifications:
      return fill_notifications();
    case SeriesId::kReactorLoopLag:
      return fill_loop_lag();
    case SeriesId::kReactorLoopTurns:
      return put({}, snapshot_.loop.turns);
    case SeriesId::kReactorLoopBusy:
      return put({}, seconds(snapshot_.loop.busy));
    case SeriesId::kExporterSnapshotAge:
      return put({}, seconds(now_ - snapshot_.monotonic));
  }
}

}  // namespace

std::vector<MetricFamily> to_families(const Snapshot& snapshot,
                                      MonotonicTime now) {
  const SnapshotView view(snapshot);
  std::vector<MetricFamily> families;
  families.reserve(kSeries.size());
  for (const Series& series : kSeries) {
    MetricFamily family = Builder(series, snapshot, view, now).build();
    if (!family.metric.empty()) families.push_back(std::move(family));
  }
  return families;
}

std::string to_text(const Snapshot& snapshot, MonotonicTime now) {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, to_families(snapshot, now));
  return std::move(out).str();
}

std::string to_text(const Snapshot& snapshot) {
  return to_text(snapshot, snapshot.monotonic);
}

SnapshotCollectable::SnapshotCollectable(Source source)
    : source_(std::move(source)) {}

std::vector<MetricFamily> SnapshotCollectable::Collect() const {
  const SnapshotPtr snapshot = source_();
  if (snapshot == nullptr) return {};
  return to_families(*snapshot, std::chrono::steady_clock::now());
}

}  // namespace lksctp
