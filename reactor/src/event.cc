#include "lksctp/reactor/event.h"

#include <array>
#include <string>

#include "event_text.h"
#include "lksctp/decoder/interpret.h"
#include "lksctp/decoder/table.h"
#include "lksctp/reactor/event_log.h"

namespace lksctp {
namespace {

// In the order of `EventBody` behind `Notification`, whose names are the
// decoder table's.
constexpr std::array<std::string_view, std::variant_size_v<EventBody> - 1>
    kBodyNames{
        "endpoint_opened",      "endpoint_bound",     "endpoint_closed",
        "accept_state_changed", "peer_expected",      "peer_forgotten",
        "connect_requested",    "connect_failed",     "association_accepted",
        "shutdown_requested",   "abort_requested",    "association_closed",
        "options_changed",      "message_failed",     "receive_failed",
        "status_sampled",       "paths_sampled",      "local_addresses_sampled",
        "traffic_sampled",      "statistics_sampled", "log_gap",
        "log_recovered",
    };
static_assert(
    kBodyNames[detail::event_kind_index<LogRecovered>() - kNotificationKinds] ==
    "log_recovered");
static_assert(kBodyNames[detail::event_kind_index<AssociationClosed>() -
                         kNotificationKinds] == "association_closed");

std::string digits(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

// "14:03:07.120", UTC: the same event reads the same wherever it is replayed.
std::string time_of_day(WallTime time) {
  using std::chrono::milliseconds;
  constexpr std::int64_t kDay = 24 * 60 * 60 * 1000;
  const std::int64_t since_epoch =
      std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
  const auto ms =
      static_cast<std::uint64_t>(((since_epoch % kDay) + kDay) % kDay);
  return digits(ms / 3'600'000, 2) + ':' + digits(ms / 60'000 % 60, 2) + ':' +
         digits(ms / 1000 % 60, 2) + '.' + digits(ms % 1000, 3);
}

}  // namespace

std::string_view close_reason_name(CloseReason reason) {
  switch (reason) {
    case CloseReason::kShutdownLocal:
      return "shutdown_local";
    case CloseReason::kShutdownRemote:
      return "shutdown_remote";
    case CloseReason::kAbortLocal:
      return "abort_local";
    case CloseReason::kAbortRemote:
      return "abort_remote";
    case CloseReason::kTimeout:
      return "timeout";
    case CloseReason::kRefused:
      return "refused";
    case CloseReason::kError:
      return "error";
  }
  return "unknown";
}

std::string_view association_state_name(AssociationState state) {
  switch (state) {
    case AssociationState::kEmpty:
      return "empty";
    case AssociationState::kClosed:
      return "closed";
    case AssociationState::kCookieWait:
      return "cookie_wait";
    case AssociationState::kCookieEchoed:
      return "cookie_echoed";
    case AssociationState::kEstablished:
      return "established";
    case AssociationState::kShutdownPending:
      return "shutdown_pending";
    case AssociationState::kShutdownSent:
      return "shutdown_sent";
    case AssociationState::kShutdownReceived:
      return "shutdown_received";
    case AssociationState::kShutdownAckSent:
      return "shutdown_ack_sent";
  }
  return "unknown";
}

std::string_view path_state_name(PathState state) {
  switch (state) {
    case PathState::kInactive:
      return "inactive";
    case PathState::kPotentiallyFailed:
      return "potentially_failed";
    case PathState::kActive:
      return "active";
    case PathState::kUnconfirmed:
      return "unconfirmed";
  }
  return "unknown";
}

EventKind kind_of(const EventBody& body) {
  if (const auto* notification = std::get_if<Notification>(&body)) {
    return static_cast<EventKind>(notification->index());
  }
  return static_cast<EventKind>(kNotificationKinds + body.index() - 1);
}

std::string_view event_kind_name(EventKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  if (index >= kEventKinds) return "unknown";
  if (index >= kNotificationKinds)
    return kBodyNames[index - kNotificationKinds];
  for (const NotificationRow& row : notification_rows()) {
    if (row.alternative == index && !row.deprecated) return row.label;
  }
  return "unknown";
}

std::string_view event_kind_name(const EventBody& body) {
  if (const auto* notification = std::get_if<Notification>(&body)) {
    return notification_label(*notification);
  }
  return event_kind_name(kind_of(body));
}

std::optional<EventKind> event_kind_from_name(std::string_view name) {
  // The table first: a deprecated row has a name of its own for a kind that has
  // another.
  for (const NotificationRow& row : notification_rows()) {
    if (name == row.label) return static_cast<EventKind>(row.alternative);
  }
  for (std::size_t index = 0; index < kEventKinds; ++index) {
    const auto kind = static_cast<EventKind>(index);
    if (event_kind_name(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string to_string(const Event& event) {
  std::string line =
      '#' + std::to_string(event.seq.value()) + ' ' + time_of_day(event.wall);
  if (event.association != AssociationId{}) {
    line += " assoc " + std::to_string(event.association.value());
  } else if (event.endpoint != EndpointId{}) {
    line += " endpoint " + std::to_string(event.endpoint.value());
  }
  line += ' ';
  if (const auto* notification = std::get_if<Notification>(&event.body)) {
    return line + interpret(*notification);
  }
  line += event_kind_name(event.body);
  const std::string details = describe(event.body);
  if (!details.empty()) line += ": " + details;
  return line;
}

}  // namespace lksctp
