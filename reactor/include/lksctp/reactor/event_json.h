// Events as JSON: what `/events` sends, without user data. A journal keeps the same
// members.
//
// Threads: thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "lksctp/reactor/event.h"

namespace lksctp {

// Rises when a member changes its meaning or goes; new ones may come without.
inline constexpr int kEventJsonVersion = 1;

// One object on one line, complete: everything the event holds is in it. Equal
// events give equal text. Members come in the order of their description, which is that
// of docs/http.md. Notifications are written by the decoder's table. Always valid JSON in
// UTF-8, whatever bytes a peer or a program gave as text (U+FFFD stands for those
// that are no UTF-8). docs/http.md lists the members. Never throws for content.
[[nodiscard]] std::string to_json(const Event& event);

// An event for those who may see what happens but not what is said: the undelivered
// message of a `SendFailed`, a record that could not be decoded and may be one, and
// `raw`, which holds either, are empty.
struct EventWithoutUserData {
  Event event;
  std::size_t user_data_size = 0;  // bytes that are left out, `raw` not counted
};
[[nodiscard]] EventWithoutUserData without_user_data(const Event& event);

// As above, but for `dataSize` in place of `data`, `recordSize` in place of
// `record`, and no `raw` of these events.
[[nodiscard]] std::string to_json(const EventWithoutUserData& event);

}  // namespace lksctp
