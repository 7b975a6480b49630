#include "codec.h"

#include <optional>
#include <utility>
#include <variant>

#include "../description/event_members.h"
#include "../json/json_reader.h"
#include "../json/json_writer.h"
#include "lksctp/reactor/event_json.h"
#include "upcast.h"

namespace lksctp {
namespace {

// A variant with the alternative of that index.
template <typename Variant, std::size_t kIndex = 0>
Variant make_alternative(std::size_t index) {
  if constexpr (kIndex + 1 < std::variant_size_v<Variant>) {
    if (index != kIndex) {
      return make_alternative<Variant, kIndex + 1>(index);
    }
  }
  return Variant(std::in_place_index<kIndex>);
}

// A body of the kind, without content. Of the notifications the table has the names, that
// of the deprecated one included.
std::optional<EventBody> empty_body(std::string_view kind) {
  for (const NotificationRow& row : notification_rows()) {
    if (kind != row.label) continue;
    Notification notification = make_alternative<Notification>(row.alternative);
    if (auto* failed = std::get_if<SendFailed>(&notification)) {
      failed->deprecated = row.deprecated;
    }
    return notification;
  }
  const auto known = event_kind_from_name(kind);
  if (!known) return std::nullopt;
  const auto index = static_cast<std::size_t>(*known);
  if (index < kNotificationKinds) return make_alternative<Notification>(index);
  return make_alternative<EventBody>(index - kNotificationKinds + 1);
}

}  // namespace

void write_body(std::string& out, const EventBody& body,
                JournaledUserData user_data) {
  JsonWriter writer(out, user_data);
  std::visit([&](const auto& alternative) { writer.value(alternative); }, body);
}

Result<RecordedBody> read_body(std::string_view kind, int version,
                               std::string_view text,
                               std::span<const Upcaster> upcasters,
                               int newest) {
  const auto refuse = [&](std::string_view what) {
    return tl::unexpected(Error::invalid_argument(
        "body of " + std::string(kind) + ", version " +
        std::to_string(version) + ": " + std::string(what)));
  };
  std::optional<EventBody> body = empty_body(kind);
  if (!body) return refuse("this kind of event is not known here");
  if (version > newest || version < 1) {
    return refuse("versions 1 to " + std::to_string(newest) +
                  " are known here");
  }
  JsonDocument document;
  if (const auto parsed = document.parse(text); !parsed) {
    return refuse(parsed.error().message);
  }
  upcast(upcasters, kind, version, newest, document.document());
  JsonProblem problem;
  JsonReader reader(document.root(), problem);
  std::visit([&](auto& alternative) { members(alternative, reader); }, *body);
  if (problem.found()) {
    return refuse("'" + problem.where + "' should be " + problem.wanted);
  }
  return RecordedBody{.body = std::move(*body),
                      .user_data_size = reader.left_out()};
}

Result<RecordedBody> read_body(std::string_view kind, int version,
                               std::string_view text) {
  return read_body(kind, version, text, body_upcasters(), kEventJsonVersion);
}

}  // namespace lksctp
