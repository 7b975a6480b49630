#include "lksctp/reactor/event_json.h"

#include <variant>

#include "description/event_members.h"
#include "json/json_writer.h"
#include "lksctp/decoder/interpret.h"

namespace lksctp {
namespace {

// The bytes of the user in it; null in an event that cannot have any.
Bytes* user_data(EventBody& body) {
  if (auto* failed = std::get_if<ReceiveFailed>(&body)) return &failed->raw;
  auto* notification = std::get_if<Notification>(&body);
  if (notification == nullptr) return nullptr;
  auto* failed = std::get_if<SendFailed>(notification);
  return failed != nullptr ? &failed->data : nullptr;
}

void write_notification(JsonWriter& writer, const Notification& notification,
                        std::size_t left_out) {
  writer.key("notification");
  writer.begin_object();
  writer("type", notification_label(notification));
  members(notification, writer);
  writer.end_object();
  writer("interpreted", interpret(notification, left_out));
}

std::string to_text(const Event& event, JournaledUserData user_data,
                    std::size_t left_out) {
  std::string text;
  JsonWriter writer(text, user_data);
  writer.set_left_out(left_out);
  const auto monotonic = event.monotonic.time_since_epoch();
  const auto wall = event.wall.time_since_epoch();
  writer.begin_object();
  writer("v", kEventJsonVersion);
  writer("type", event_kind_name(event.body));
  writer("seq", event.seq);
  writer("time", milliseconds(wall));
  writer("timeNs", std::to_string(wall.count()));
  writer("monotonic", milliseconds(monotonic));
  writer("monotonicNs", std::to_string(monotonic.count()));
  writer("endpointId", std::to_string(event.endpoint.value()));
  writer("associationId", std::to_string(event.association.value()));
  std::visit(
      [&](const auto& body) {
        if constexpr (std::is_same_v<std::decay_t<decltype(body)>,
                                     Notification>) {
          write_notification(writer, body, left_out);
        } else {
          members(body, writer);
        }
      },
      event.body);
  if (!event.raw.empty()) writer("raw", event.raw);
  writer.end_object();
  writer.finish();
  return text;
}

}  // namespace

std::string to_json(const Event& event) {
  return to_text(event, JournaledUserData::kFull, 0);
}

EventWithoutUserData without_user_data(const Event& event) {
  EventWithoutUserData result{.event = event};
  if (Bytes* data = user_data(result.event.body)) {
    result.user_data_size = data->size();
    *data = {};
    result.event.raw = {};
  }
  return result;
}

std::string to_json(const EventWithoutUserData& event) {
  return to_text(event.event, JournaledUserData::kNone, event.user_data_size);
}

}  // namespace lksctp
