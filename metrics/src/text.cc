#include "lksctp/metrics/text.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "family_builder.h"
#include "selection.h"

namespace lksctp {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

// Writes one family after the other. Not prometheus-cpp's serializer: that one
// knows no OpenMetrics, and goes through a stream with the global locale.
class Writer {
 public:
  explicit Writer(TextFormat format)
      : open_metrics_(format == TextFormat::kOpenMetrics) {}

  void write(const Series& series, const MetricFamily& family) {
    // OpenMetrics names a counter without the suffix of its samples.
    const std::string_view name =
        open_metrics_ ? series_checks::family_name(series) : series.name;
    comment("# HELP ", name, series.help);
    comment("# TYPE ", name, type_name(series.type));
    if (open_metrics_ && *series.unit != '\0') {
      comment("# UNIT ", name, series.unit);
    }
    for (const ClientMetric& metric : family.metric) {
      if (series.type == SeriesType::kHistogram) {
        histogram(series, metric);
      } else {
        sample(series.name, "", metric, "",
               series.type == SeriesType::kCounter ? metric.counter.value
                                                   : metric.gauge.value);
      }
    }
  }

  MetricsText finish() {
    if (open_metrics_) result_.text += "# EOF\n";
    return std::move(result_);
  }

 private:
  void comment(const char* keyword, std::string_view name, const char* words) {
    std::string& text = result_.text;
    text += keyword;
    text += name;
    text += ' ';
    text += words;
    text += '\n';
  }

  void histogram(const Series& series, const ClientMetric& metric) {
    for (const ClientMetric::Bucket& bucket : metric.histogram.bucket) {
      sample(series.name, "_bucket", metric, bound(bucket.upper_bound),
             static_cast<double>(bucket.cumulative_count));
    }
    sample(series.name, "_sum", metric, "", metric.histogram.sample_sum);
    sample(series.name, "_count", metric, "",
           static_cast<double>(metric.histogram.sample_count));
  }

  // `le` is the value of that label; empty: none.
  void sample(const char* name, const char* suffix, const ClientMetric& metric,
              std::string_view le, double value) {
    ++result_.series;
    std::string& text = result_.text;
    text += name;
    text += suffix;
    char before = '{';
    const auto label = [&](std::string_view label_name,
                           std::string_view label_value) {
      text += before;
      before = ',';
      text += label_name;
      text += "=\"";
      escape(label_value);
      text += '"';
    };
    for (const ClientMetric::Label& entry : metric.label) {
      label(entry.name, entry.value);
    }
    if (!le.empty()) label("le", le);
    if (before == ',') text += '}';
    text += ' ';
    number(text, value);
    text += '\n';
  }

  void escape(std::string_view value) {
    for (const char c : value) {
      switch (c) {
        case '\n':
          result_.text += "\\n";
          break;
        case '\\':
        case '"':
          result_.text += '\\';
          [[fallthrough]];
        default:
          result_.text += c;
      }
    }
  }

  [[nodiscard]] std::string bound(double upper) const {
    std::string text;
    number(text, upper);
    if (open_metrics_ && std::isfinite(upper) &&
        text.find_first_of(".e") == text.npos) {
      text += ".0";
    }
    return text;
  }

  // The shortest text that reads back as the same number.
  static void number(std::string& text, double value) {
    if (std::isinf(value)) {
      text += value > 0 ? "+Inf" : "-Inf";
      return;
    }
    std::array<char, 64> digits{};
    constexpr double kExact = 9007199254740992.0;  // 2^53
    const bool whole = std::abs(value) < kExact && value == std::trunc(value);
    // A bound of a histogram is part of a name: 0.0001, as others write it.
    const bool plain = std::abs(value) >= 1e-5 && std::abs(value) < 1e15;
    const auto written =
        whole   ? std::to_chars(digits.begin(), digits.end(),
                                static_cast<std::int64_t>(value))
        : plain ? std::to_chars(digits.begin(), digits.end(), value,
                                std::chars_format::fixed)
                : std::to_chars(digits.begin(), digits.end(), value);
    text.append(digits.data(), written.ptr);
  }

  const bool open_metrics_;
  MetricsText result_;
};

}  // namespace

const char* content_type(TextFormat format) {
  return format == TextFormat::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

MetricsText to_text(const Snapshot& snapshot, MonotonicTime now,
                    const Scrape& scrape, TextFormat format) {
  const SnapshotView view(snapshot, scrape.selection);
  Writer writer(format);
  // One family at a time: all of them would take several times the text.
  for (const Series& series : kSeries) {
    if (!is_selected(series, scrape.selection)) continue;
    const MetricFamily family =
        FamilyBuilder(series, snapshot, view, now, scrape).build();
    if (!family.metric.empty()) writer.write(series, family);
  }
  return writer.finish();
}

std::string to_text(const Snapshot& snapshot, MonotonicTime now) {
  return to_text(snapshot, now, {}, TextFormat::kPrometheus).text;
}

std::string to_text(const Snapshot& snapshot) {
  return to_text(snapshot, snapshot.monotonic);
}

}  // namespace lksctp
