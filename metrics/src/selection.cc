#include "selection.h"

#include <array>
#include <utility>

namespace lksctp {
namespace {

constexpr std::array<std::pair<const char*, MetricsDetail>, 3> kDetails{{
    {"endpoint", MetricsDetail::kEndpoint},
    {"association", MetricsDetail::kAssociation},
    {"path", MetricsDetail::kPath},
}};

MetricsDetail detail_of(const Series& series) {
  const std::string_view name = series.name;
  if (name.starts_with("sctp_path_")) return MetricsDetail::kPath;
  if (name.starts_with("sctp_association_") ||
      name.starts_with("sctp_stream_")) {
    return MetricsDetail::kAssociation;
  }
  return MetricsDetail::kEndpoint;
}

}  // namespace

std::optional<MetricsDetail> metrics_detail_from_name(std::string_view name) {
  for (const auto& [known, detail] : kDetails) {
    if (name == known) return detail;
  }
  return std::nullopt;
}

bool is_selected(const Series& series, const MetricsSelection& selection) {
  if (detail_of(series) > selection.detail) return false;
  return selection.families.empty() || selection.families.contains(series.name);
}

}  // namespace lksctp
