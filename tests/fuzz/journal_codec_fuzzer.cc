// Untrusted text as what a journal keeps: a body of each kind, or an association table.
// What is accepted is written and read again to the same, and an event that is read can be
// shown and applied.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "journal/codec.h"
#include "lksctp/reactor/event_json.h"
#include "random_events.h"
#include "unique_members.h"

namespace {

using namespace lksctp;

#define FUZZ_CHECK(condition) \
  if (!(condition)) std::abort()

void check_body(std::string_view kind, std::string_view text) {
  const auto body = read_body(kind, kEventJsonVersion, text);
  if (!body) {
    FUZZ_CHECK(body.error().code == ErrorCode::kInvalidArgument);
    return;
  }
  FUZZ_CHECK(event_kind_name(body->body) == kind);
  std::string written;
  write_body(written, body->body, JournaledUserData::kFull);
  FUZZ_CHECK(test::has_unique_members(written));
  const auto again = read_body(kind, kEventJsonVersion, written);
  FUZZ_CHECK(again && again->body == body->body);
  Event event;
  event.seq = EventSeq(1);
  event.body = body->body;
  static_cast<void>(to_string(event));
  FUZZ_CHECK(test::has_unique_members(to_json(EventWithoutUserData{
      .event = event, .user_data_size = body->user_data_size})));
  AssociationTable table;
  table.apply(event);
}

void check_state(std::string_view text) {
  auto table = read_state(kEventJsonVersion, text);
  if (!table) {
    FUZZ_CHECK(table.error().code == ErrorCode::kInvalidArgument);
    return;
  }
  const std::string written = write_state(*table);
  const auto again = read_state(kEventJsonVersion, written);
  FUZZ_CHECK(again && *again == *table);
  FUZZ_CHECK(write_state(*again) == written);
  for (const Event& event : test::RandomEvents(1).take(100)) {
    table->apply(event);
  }
}

}  // namespace

// The first byte says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1,
                              size - 1);
  if (data[0] >= kEventKinds) {
    check_state(text);
  } else {
    check_body(event_kind_name(static_cast<EventKind>(data[0])), text);
  }
  return 0;
}
