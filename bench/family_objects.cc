#include "family_objects.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/text_serializer.h>

#include <map>

namespace lksctp {
namespace {

std::map<std::string, std::string> labels_of(
    const prometheus::ClientMetric& metric) {
  std::map<std::string, std::string> labels;
  for (const auto& label : metric.label) labels[label.name] = label.value;
  return labels;
}

}  // namespace

FamilyObjects::FamilyObjects(
    const std::vector<prometheus::MetricFamily>& families) {
  for (const prometheus::MetricFamily& family : families) {
    if (family.type == prometheus::MetricType::Counter) {
      auto& objects = prometheus::BuildCounter()
                          .Name(family.name)
                          .Help(family.help)
                          .Register(registry_);
      for (const auto& metric : family.metric) {
        objects.Add(labels_of(metric)).Increment(metric.counter.value);
      }
    } else if (family.type == prometheus::MetricType::Gauge) {
      auto& objects = prometheus::BuildGauge()
                          .Name(family.name)
                          .Help(family.help)
                          .Register(registry_);
      for (const auto& metric : family.metric) {
        objects.Add(labels_of(metric)).Set(metric.gauge.value);
      }
    } else {
      continue;
    }
    series_ += family.metric.size();
  }
}

std::string FamilyObjects::scrape() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace lksctp
