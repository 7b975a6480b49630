// The calls of JS about metrics. They show the whole process: every environment's
// associations are in the one reactor's log.
#include <event2/event.h>

#include <atomic>
#include <cmath>
#include <future>

#include "environment_calls.h"
#include "lksctp/metrics/collectable.h"
#include "lksctp/metrics/host_counters.h"
#include "lksctp/metrics/series.h"
#include "lksctp/metrics/text.h"
#include "lksctp/metrics_http/metrics_server.h"

namespace lksctp::node {
namespace {

Scrape whole_scrape() {
  return {.selection = {},
          .facts = {.version = LKSCTP_VERSION,
                    .libevent = event_get_version(),
                    .uptime = std::nullopt,
                    .last = std::nullopt,
                    .host = read_host_counters()}};
}

// The samples of one family, as clients of Prometheus in JS have them.
class Samples {
 public:
  Samples(Napi::Env env, std::string family)
      : env_(env), family_(std::move(family)), list_(Napi::Array::New(env)) {}

  void add(const prometheus::ClientMetric& metric,
           prometheus::MetricType type) {
    switch (type) {
      case prometheus::MetricType::Counter:
        add(metric, "", metric.counter.value);
        return;
      case prometheus::MetricType::Histogram:
        for (const auto& bucket : metric.histogram.bucket) {
          add(metric, "_bucket", static_cast<double>(bucket.cumulative_count))
              .Get("labels")
              .As<Napi::Object>()["le"] = bound(bucket.upper_bound);
        }
        add(metric, "_sum", metric.histogram.sample_sum);
        add(metric, "_count",
            static_cast<double>(metric.histogram.sample_count));
        return;
      default:
        add(metric, "", metric.gauge.value);
    }
  }

  [[nodiscard]] Napi::Array list() const { return list_; }

 private:
  Napi::Value bound(double value) const {
    if (std::isinf(value)) return Napi::String::New(env_, "+Inf");
    return Napi::Number::New(env_, value);
  }

  Napi::Object add(const prometheus::ClientMetric& metric, const char* suffix,
                   double value) {
    Napi::Object labels = Napi::Object::New(env_);
    for (const auto& label : metric.label) labels[label.name] = label.value;
    Napi::Object sample = Napi::Object::New(env_);
    sample["labels"] = labels;
    sample["value"] = value;
    // Otherwise it is the family's, which a registry may call by another name.
    if (*suffix != '\0') sample["metricName"] = family_ + suffix;
    list_[list_.Length()] = sample;
    return sample;
  }

  Napi::Env env_;
  const std::string family_;
  Napi::Array list_;
};

// What a server shows. Its thread asks; it stops before the session closes.
MetricsSource source_of(const std::shared_ptr<Session>& session) {
  // An answer may come when the server is gone.
  auto latest =
      std::make_shared<std::atomic<SnapshotPtr>>(Session::no_snapshot());
  return {.snapshot = [latest] { return latest->load(); },
          .request_snapshot =
              [session, latest](std::function<void(SnapshotPtr)> ready) {
                session->request_snapshot([latest, ready = std::move(ready)](
                                              const SnapshotPtr& fresh) {
                  latest->store(fresh);
                  ready(fresh);
                });
              },
          .watch_events =
              [session](std::function<void(const Event&)> on_event) {
                return session->watch_log(std::move(on_event));
              }};
}

}  // namespace

SnapshotPtr Environment::snapshot() {
  auto promise = std::make_shared<std::promise<SnapshotPtr>>();
  auto answer = promise->get_future();
  submit();  // what was queued before shows
  session_->request_snapshot(
      [promise](const SnapshotPtr& fresh) { promise->set_value(fresh); });
  return answer.get();
}

// metricsSnapshot(): {seq, time, monotonic, endpoints, associations}.
Napi::Value Environment::metrics_snapshot(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), *snapshot());
}

// metricsText(): the text exposition format 0.0.4.
Napi::Value Environment::metrics_text(const Napi::CallbackInfo& info) {
  return Napi::String::New(
      info.Env(), to_text(*snapshot(), std::chrono::steady_clock::now(),
                          whole_scrape(), TextFormat::kPrometheus)
                      .text);
}

// metricsSeries(): [{name, help, type}], all there may be.
Napi::Value Environment::metrics_series(const Napi::CallbackInfo& info) {
  Napi::Array all = Napi::Array::New(info.Env());
  for (const Series& series : kSeries) {
    Napi::Object one = Napi::Object::New(info.Env());
    one["name"] = std::string(series.name);
    one["help"] = std::string(series.help);
    one["type"] = type_name(series.type);
    all[all.Length()] = one;
  }
  return all;
}

// metricsSamples(): {<name>: [{labels, value, metricName}]}.
Napi::Value Environment::metrics_samples(const Napi::CallbackInfo& info) {
  Napi::Object all = Napi::Object::New(info.Env());
  for (const prometheus::MetricFamily& family : to_families(
           *snapshot(), std::chrono::steady_clock::now(), whole_scrape())) {
    Samples samples(info.Env(), family.name);
    for (const auto& metric : family.metric) samples.add(metric, family.type);
    all[family.name] = samples.list();
  }
  return all;
}

// metricsListen(id, host, port, allowPublic, [user, password]): {port, url}; throws.
Napi::Value Environment::metrics_listen(const Napi::CallbackInfo& info) {
  MetricsServerOptions options{
      .host = info[1].ToString().Utf8Value(),
      .port = static_cast<std::uint16_t>(info[2].ToNumber().Uint32Value()),
      .allow_public = info[3].ToBoolean().Value()};
  if (!info[4].IsUndefined()) {
    options.auth = BasicAuth{.user = info[4].ToString().Utf8Value(),
                             .password = info[5].ToString().Utf8Value()};
  }
  auto server = MetricsServer::start(source_of(session_), std::move(options));
  if (!server) throw_error(info.Env(), server.error());
  Napi::Object told = Napi::Object::New(info.Env());
  told["port"] = (*server)->port();
  told["url"] = (*server)->url();
  metrics_servers_[info[0].ToNumber().Uint32Value()] = std::move(*server);
  return told;
}

// metricsClose(id).
Napi::Value Environment::metrics_close(const Napi::CallbackInfo& info) {
  metrics_servers_.erase(info[0].ToNumber().Uint32Value());
  return info.Env().Undefined();
}

}  // namespace lksctp::node
