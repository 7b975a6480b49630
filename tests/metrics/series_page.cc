#include "series_page.h"

#include <string_view>

#include "lksctp/decoder/table.h"
#include "lksctp/metrics/series.h"

namespace lksctp::test {
namespace {

constexpr std::string_view kIntroduction = R"(# Metrics

<!-- Made from metrics/include/lksctp/metrics/series.h by lksctp_metrics_tests;
     LKSCTP_UPDATE=1 writes it anew. -->

Identity is `endpoint` (the endpoint's name) and `peer` (the peer's name), and
`address` (the peer's IP address) for a path. These survive a reconnect; kernel ids
and ephemeral ports are not labels.

- Counters of a peer go on over its associations: what has ended is added to what
  lives. They fall when the process restarts, and end when a dynamic peer has been
  gone for the grace period.
- Associations with the same `endpoint` and `peer` share their series: counters add
  up, `sctp_association_up` is 1 while one of them is up, and
  `sctp_association_instances` counts them. Other gauges show the newest one that is
  up; a path shows the newest association on which it is active.
- A peer that a program connects to or expects stays at `sctp_association_up 0`
  while it is gone. Status, path gauges and the established timestamp are absent
  then.
- Gauges of status and paths are as of the latest sample; everything else is exact
  as of the snapshot that a scrape shows.
- `sctp_reactor_*` loop series and `sctp_exporter_*` are facts of the process:
  replaying an event log gives all others again.
)";

struct Section {
  std::string_view prefix;
  std::string_view title;
};

constexpr Section kSections[] = {
    {"sctp_endpoint_", "Endpoint"}, {"sctp_association_", "Association"},
    {"sctp_path_", "Path"},         {"sctp_reactor_", "Reactor"},
    {"sctp_exporter_", "Exporter"},
};

std::string_view type_name(SeriesType type) {
  switch (type) {
    case SeriesType::kCounter:
      return "counter";
    case SeriesType::kGauge:
      return "gauge";
    case SeriesType::kHistogram:
      return "histogram";
  }
  return "";
}

std::string row(const Series& series) {
  std::string labels;
  for (const char* label : series.labels) {
    labels += (labels.empty() ? "`" : ", `") + std::string(label) + '`';
  }
  return std::string("| `") + series.name + "` | " +
         std::string(type_name(series.type)) + " | " + series.unit + " | " +
         labels + " | " + series.help + " | `" + series.source + "` |\n";
}

}  // namespace

std::string series_page() {
  std::string page(kIntroduction);
  for (const Section& section : kSections) {
    page += "\n## " + std::string(section.title) +
            "\n\n| name | type | unit | labels | meaning | source |\n"
            "|---|---|---|---|---|---|\n";
    for (const Series& series : kSeries) {
      if (std::string_view(series.name).starts_with(section.prefix)) {
        page += row(series);
      }
    }
  }
  page +=
      "\n## Label values\n\n"
      "- `event` of `sctp_association_changes_total`: comm_up, comm_lost, "
      "restart, shutdown_complete, cant_start.\n"
      "- `event` of `sctp_path_changes_total`: available, unreachable, "
      "removed, "
      "added, made_primary, confirmed, potentially_failed.\n"
      "- Both have `other` once a stack has sent a value without a name.\n"
      "- `reason`: shutdown_local, shutdown_remote, abort_local, abort_remote, "
      "timeout, refused, error.\n"
      "- `direction`: in, out.\n"
      "- `address`: at most 64 per peer for changes, the rest under `other`.\n"
      "- `type`:";
  for (const NotificationRow& row : notification_rows()) {
    page += std::string(" ") + row.label + ',';
  }
  page += std::string(" ") + notification_label(UnknownNotification{}) + ".\n";
  return page;
}

}  // namespace lksctp::test
