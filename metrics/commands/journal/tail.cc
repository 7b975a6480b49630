#include <chrono>
#include <cstdio>
#include <deque>
#include <thread>
#include <utility>

#include "commands.h"

namespace lksctp::journal_command {
namespace {

constexpr std::chrono::milliseconds kPollInterval(200);

// Without a filter the last lines are the last events: no need to read the others.
Result<JournalReadOptions> place_before(const Arguments& arguments) {
  if (!arguments.filter.empty()) return JournalReadOptions();
  const auto parts = journal_parts(arguments.path);
  if (!parts) return tl::unexpected(parts.error());
  if (parts->empty()) return JournalReadOptions();
  const JournalPart& newest = parts->back();
  if (newest.error || newest.last.value() < newest.first.value() ||
      newest.last.value() - newest.first.value() < arguments.lines) {
    return JournalReadOptions();
  }
  return JournalReadOptions{
      .after = JournalPosition{
          newest.journal, EventSeq(newest.last.value() - arguments.lines)}};
}

}  // namespace

Result<int> tail(const Arguments& arguments) {
  const auto place = place_before(arguments);
  if (!place) return tl::unexpected(place.error());
  auto reader = NamedReader::open(arguments.path, arguments.filter, *place);
  if (!reader) return tl::unexpected(reader.error());
  std::deque<NamedEntry> last;
  bool found = false;
  bool following = false;
  std::size_t warned = 0;
  for (;;) {
    auto entry = reader->next();
    if (!entry) return tl::unexpected(entry.error());
    if (*entry && following) {
      print_event(**entry);
      continue;
    }
    if (*entry) {
      found = true;
      last.push_back(std::move(**entry));
      if (last.size() > arguments.lines) last.pop_front();
      continue;
    }
    warned = warn(reader->damage(), warned);
    for (const NamedEntry& named : last) print_event(named);
    last.clear();
    if (!arguments.follow) break;
    following = true;
    (void)std::fflush(stdout);
    std::this_thread::sleep_for(kPollInterval);
  }
  return found ? 0 : 1;
}

}  // namespace lksctp::journal_command
