#include "lksctp/metrics/text.h"

#include <prometheus/client_metric.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "family_builder.h"
#include "lksctp/reactor/utf8.h"
#include "selection.h"

namespace lksctp {
namespace {

using prometheus::ClientMetric;

// Writes one family after the other. Not prometheus-cpp's serializer: that one
// knows no OpenMetrics, goes through a stream with the global locale, and needs
// every metric as an object.
class Writer final : public FamilySink {
 public:
  explicit Writer(TextFormat format)
      : open_metrics_(format == TextFormat::kOpenMetrics) {}

  // What comes from now on is of this family. Its head is written with its first
  // metric: a family without one is left out.
  void begin(const Series& series) {
    series_ = &series;
    head_written_ = false;
  }

  void number(LabelValues labels, double value) override {
    head();
    sample("", labels, "", value);
  }

  void histogram(LabelValues labels, const Histogram& histogram) override {
    head();
    for (const ClientMetric::Bucket& bucket : histogram.bucket) {
      sample("_bucket", labels, bound(bucket.upper_bound),
             static_cast<double>(bucket.cumulative_count));
    }
    sample("_sum", labels, "", histogram.sample_sum);
    sample("_count", labels, "", static_cast<double>(histogram.sample_count));
  }

  MetricsText finish() {
    if (open_metrics_) result_.text += "# EOF\n";
    return std::move(result_);
  }

 private:
  void head() {
    if (std::exchange(head_written_, true)) return;
    // OpenMetrics names a counter without the suffix of its samples.
    const std::string_view name =
        open_metrics_ ? series_checks::family_name(*series_) : series_->name;
    comment("# HELP ", name, series_->help);
    comment("# TYPE ", name, type_name(series_->type));
    if (open_metrics_ && *series_->unit != '\0') {
      comment("# UNIT ", name, series_->unit);
    }
  }

  void comment(const char* keyword, std::string_view name, const char* words) {
    std::string& text = result_.text;
    text += keyword;
    text += name;
    text += ' ';
    text += words;
    text += '\n';
  }

  // `le` is the value of that label; empty: none.
  void sample(const char* suffix, LabelValues labels, std::string_view le,
              double value) {
    ++result_.series;
    std::string& text = result_.text;
    text += series_->name;
    text += suffix;
    char before = '{';
    const auto label = [&](const char* label_name) {
      text += before;
      before = ',';
      text += label_name;
      text += "=\"";
    };
    const auto* label_value = labels.begin();
    for (const char* label_name : series_->labels) {
      label(label_name);
      put_value(*label_value++);
      text += '"';
    }
    if (!le.empty()) {
      label("le");
      text += le;
      text += '"';
    }
    if (before == ',') text += '}';
    text += ' ';
    append_number(text, value);
    text += '\n';
  }

  // Nearly all are as they are.
  void put_value(std::string_view value) {
    const bool plain = std::ranges::all_of(value, [](char c) {
      return c >= ' ' && c <= '~' && c != '"' && c != '\\';
    });
    if (plain) {
      result_.text += value;
    } else {
      escape(to_utf8(value));
    }
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
    append_number(text, upper);
    if (open_metrics_ && std::isfinite(upper) &&
        text.find_first_of(".e") == text.npos) {
      text += ".0";
    }
    return text;
  }

  // The shortest text that reads back as the same number.
  static void append_number(std::string& text, double value) {
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
  const Series* series_ = nullptr;
  bool head_written_ = false;
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
  for (const Series& series : kSeries) {
    if (!is_selected(series, scrape.selection)) continue;
    writer.begin(series);
    FamilyBuilder(series, snapshot, view, now, scrape, writer).fill();
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
