// The same series as objects of prometheus-cpp, kept and updated: what the
// snapshots are compared with.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lksctp {

class FamilyObjects {
 public:
  // A counter or gauge for each metric. Histograms are left out: they are those of
  // endpoints and of the process, a few in all.
  explicit FamilyObjects(const std::vector<prometheus::MetricFamily>& families);

  // What an exposer does for a scrape.
  [[nodiscard]] std::string scrape() const;

  [[nodiscard]] std::uint64_t series() const { return series_; }

 private:
  prometheus::Registry registry_;
  std::uint64_t series_ = 0;
};

}  // namespace lksctp
