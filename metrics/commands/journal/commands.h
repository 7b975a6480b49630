// The subcommands. Each returns the exit status: 0, or 1 when there is nothing to show or
// something is damaged or missing. Errors of reading are returned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "filter.h"
#include "lksctp/reactor/journal_reader.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp::journal_command {

struct Arguments {
  std::string path;
  Filter filter;
  // Of `show` and `metrics`.
  std::optional<WallTime> at;
  std::optional<EventSeq> seq;
  std::optional<std::string> journal;
  // Of `tail`.
  bool follow = false;
  std::uint64_t lines = 10;
  // Of `timeline`.
  std::string subject;
  bool samples = false;
  bool json = false;          // of `show` and `export`
  bool open_metrics = false;  // of `metrics`
};

Result<int> tail(const Arguments& arguments);
Result<int> show(const Arguments& arguments);
Result<int> timeline(const Arguments& arguments);
Result<int> export_events(const Arguments& arguments);
Result<int> metrics(const Arguments& arguments);
Result<int> verify(const Arguments& arguments);
Result<int> stats(const Arguments& arguments);

// ---- what they share ---------------------------------------------------------

// The place that is asked for, with a line on stderr when it is not exact.
Result<Replayed> replay_with_progress(const Arguments& arguments);
// As the process would have given it; the time is that which was asked for.
[[nodiscard]] Snapshot snapshot_of(const Replayed& replayed,
                                   const Arguments& arguments);
// Lines on stderr, from the damage number `from` on; returns how many there are.
std::size_t warn(const std::vector<JournalDamage>& damage,
                 std::size_t from = 0);
// Time, number, peer and what happened.
void print_event(const NamedEntry& named);

}  // namespace lksctp::journal_command
