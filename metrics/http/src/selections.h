// What the query of a request chooses.
//
// Threads: pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "http_request.h"
#include "lksctp/metrics/scrape.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/event_log.h"
#include "lksctp/reactor/snapshot_json.h"

namespace lksctp {

// `/metrics`: what `query` leaves of what the server shows. All errors are
// kInvalidArgument, with a message that names what is allowed.
[[nodiscard]] Result<MetricsSelection> metrics_selection(
    const Query& query, const MetricsSelection& shown);

// `/status.json`.
[[nodiscard]] Result<StatusSelection> status_selection(const Query& query);

// Whether events of this kind say again and again how things are (`…_sampled`): of
// these there are many, and the next one replaces the one before.
[[nodiscard]] bool is_sample(EventKind kind);

// `/events`.
struct EventSelection {
  using Names = std::set<std::string, std::less<>>;

  EventFilter kinds;
  bool samples = true;  // some of `kinds` are samples
  // Of each, empty: all.
  Names endpoints;     // by name
  Names peers;         // by name
  Names associations;  // by id
  // The events after this one; absent: from now on.
  std::optional<EventSeq> since;
};
// `last_event_id` is the header of a client that connects again; it goes before
// the query's `since`.
[[nodiscard]] Result<EventSelection> event_selection(
    const Query& query, std::optional<std::string_view> last_event_id);

}  // namespace lksctp
