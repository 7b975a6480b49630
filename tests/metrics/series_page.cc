#include "series_page.h"

#include <string_view>

#include "lksctp/decoder/table.h"
#include "lksctp/metrics/series.h"
#include "lksctp/reactor/event.h"

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
- Series of an endpoint go on over all of its peers, forgotten ones included. They end
  when neither an endpoint nor a peer of the name is left.
- A peer that a program connects to or expects stays at `sctp_association_up 0`
  while it is gone. Status, path gauges and the established timestamp are absent
  then. One that the program itself has left by a shutdown or an abort, and does not
  expect, is not configured until the next connect, and is forgotten after the grace
  period like one that came by itself.
- Gauges of status and paths, and what the stack counts (`AssociationStatistics`),
  are as of the latest sample; everything else is exact as of the snapshot that a
  scrape shows. What the stack counted between the last sample of an association and
  its end is lost.
- `sctp_reactor_*` loop series, `sctp_journal_*`, `sctp_exporter_*`, `sctp_host_*` and
  `sctp_build_info` are facts of the process and its host: replaying an event log gives all
  others again.
- What a stack or a kernel does not tell is absent, never 0.

`MetricsSelection` chooses what a page shows: the detail (endpoint, association, path),
`max_peers` (default 2000: configured peers first, then those known longest; the others
are counted in `sctp_exporter_dropped_peers`), `max_streams` (default 0), and names of
families, endpoints and peers. In OpenMetrics names and labels are the same; `le` has a
decimal point.
)";

struct Section {
  std::string_view prefix;
  std::string_view title;
};

constexpr Section kSections[] = {
    {"sctp_endpoint_", "Endpoint"}, {"sctp_association_", "Association"},
    {"sctp_path_", "Path"},         {"sctp_stream_", "Stream"},
    {"sctp_host_", "Host"},         {"sctp_reactor_", "Reactor"},
    {"sctp_journal_", "Journal"},   {"sctp_exporter_", "Exporter"},
    {"sctp_build_", "Build"},
};

std::string row(const Series& series) {
  std::string labels;
  for (const char* label : series.labels) {
    labels += (labels.empty() ? "`" : ", `") + std::string(label) + '`';
  }
  return std::string("| `") + series.name + "` | " + type_name(series.type) +
         " | " + series.unit + " | " + labels + " | " + series.help + " | `" +
         series.source + "` |\n";
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
      "- `event` of changes of associations: comm_up, comm_lost, "
      "restart, shutdown_complete, cant_start.\n"
      "- `event` of `sctp_path_changes_total`: available, unreachable, "
      "removed, "
      "added, made_primary, confirmed, potentially_failed.\n"
      "- Both have `other` once a stack has sent a value without a name.\n"
      "- `reason` of failures and of abandoned chunks: unsent (never on the "
      "wire), sent (never acknowledged).\n"
      "- `reason` of decode errors: undecodable (an invalid or truncated "
      "notification), oversized (a message or notification beyond the bound).\n"
      "- `protocol`: names of the registry of PPIDs in lower case, such as "
      "m3ua, s1ap, ngap, diameter; other.\n"
      "- `ordering`: ordered, unordered. `operation`: status, paths, "
      "local_addresses, statistics.\n"
      "- `reason` of closes: shutdown_local, shutdown_remote, abort_local, "
      "abort_remote, "
      "timeout, refused, error.\n"
      "- `cause` of errors: the causes of RFC 9260 and its extensions, such as "
      "stale_cookie; other.\n"
      "- `direction`: in, out. `stream`: the number, or other.\n"
      "- `style`: one_to_one. `role`: listen, connect. `stack`: kernel, "
      "usrsctp.\n"
      "- `address`: at most 64 per peer for changes, the rest under `other`.\n"
      "- `type`:";
  for (const NotificationRow& row : notification_rows()) {
    page += std::string(" ") + row.label + ',';
  }
  page += std::string(" ") + notification_label(UnknownNotification{}) + ".\n";
  page += "- `kind` of events: these, and";
  for (std::size_t kind = kNotificationKinds; kind < kEventKinds; ++kind) {
    page += kind == kNotificationKinds ? " " : ", ";
    page += event_kind_name(static_cast<EventKind>(kind));
  }
  page += ".\n";
  return page;
}

}  // namespace lksctp::test
