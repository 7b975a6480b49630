// A snapshot as JSON: what `/status.json` sends.
//
// Threads: values and pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// Rises when a member changes its meaning or goes; new ones may come without.
inline constexpr int kSnapshotJsonVersion = 1;

struct StatusSelection {
  using Names = std::set<std::string, std::less<>>;

  Names endpoints;  // by name; empty: all
  Names peers;      // by name; empty: all
  // So many associations and so many peers at most, the worst first to get in; the
  // others are counted.
  std::size_t limit = 1000;
};

// Of who shows it.
struct StatusFacts {
  std::string version;  // of this library
  WallTime started{};
};

// One object on one line. docs/http.md lists the members. Always valid JSON in
// UTF-8, as `to_json` of an event is. Equal arguments give equal text.
[[nodiscard]] std::string to_json(const Snapshot& snapshot,
                                  const StatusSelection& selection,
                                  const StatusFacts& facts);

// What `/events` says first, on one line; `seq` is the last event of the log.
[[nodiscard]] std::string to_json(const StatusFacts& facts, EventSeq seq);

}  // namespace lksctp
