// Events as JSON: what `/events` sends, and what a journal of text would keep.
//
// Threads: thread-safe.
#pragma once

#include <string>

#include "lksctp/reactor/event.h"

namespace lksctp {

// Rises when a member changes its meaning or goes; new ones may come without.
inline constexpr int kEventJsonVersion = 1;

// One object on one line, complete: everything the event holds is in it. Equal
// events give equal text, with the members of every object in the order of their
// names. Notifications are written by the decoder's table. Always valid JSON in
// UTF-8, whatever bytes a peer or a program gave as text (U+FFFD stands for those
// that are no UTF-8). docs/http.md lists the members. Never throws for content.
[[nodiscard]] std::string to_json(const Event& event);

}  // namespace lksctp
