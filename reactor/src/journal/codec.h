// What a journal keeps, as text and back: bodies of events, and association tables.
// The version of both is `kEventJsonVersion`. See docs/journal-format.md.
//
// Threads: pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/event.h"
#include "lksctp/reactor/journal.h"

namespace lksctp {

// Appends the body as a JSON object to `out`: the column `body`. Equal bodies give
// equal text. Always valid JSON in UTF-8. Does not allocate but in `out`, for IPv6
// addresses, and for causes that have information.
void write_body(std::string& out, const EventBody& body,
                JournaledUserData user_data);

// A body that was read.
struct RecordedBody {
  EventBody body;
  // Of the user's bytes that were left out; 0 when they are there, or it has none.
  std::size_t user_data_size = 0;
};

// The inverse of `write_body`. Errors: kInvalidArgument, when the kind or version is
// not known here, or the text is no such body; the message says which.
[[nodiscard]] Result<RecordedBody> read_body(std::string_view kind, int version,
                                             std::string_view text);

// Complete: `read_state` of it is equal to the table.
[[nodiscard]] std::string write_state(const AssociationTable& table);
// Errors: kInvalidArgument, as above.
[[nodiscard]] Result<AssociationTable> read_state(int version,
                                                  std::string_view text);

// The statements that make the views of a part: one per kind of event, and `events`.
[[nodiscard]] std::string view_statements();

}  // namespace lksctp
