#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "terminal.h"
#include "times.h"

namespace lksctp::journal_command {
namespace {

struct Count {
  std::uint64_t events = 0;
  WallTime last{};
};

// The most first.
template <typename Key>
std::vector<std::pair<Key, Count>> sorted(const std::map<Key, Count>& counts) {
  std::vector<std::pair<Key, Count>> list(counts.begin(), counts.end());
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    return a.second.events > b.second.events;
  });
  return list;
}

std::string ended(const JournalPart& part) {
  return part.closed ? to_text(*part.closed) : "open";
}

void show_parts(const std::vector<JournalPart>& parts) {
  TextTable table({"PART", "JOURNAL", "EVENTS", "BYTES", "BEGUN", "CLOSED",
                   "HOST", "WRITER"});
  for (const JournalPart& part : parts) {
    if (part.error) {
      table.note(part.file + ": " + part.error->message, Colour::kRed);
      continue;
    }
    table.add({std::to_string(part.number), part.journal,
               part.last == EventSeq()
                   ? "none"
                   : std::to_string(part.first.value()) + " to " +
                         std::to_string(part.last.value()),
               std::to_string(part.bytes), to_text(part.created), ended(part),
               part.host, part.writer});
  }
  table.print();
}

}  // namespace

Result<int> stats(const Arguments& arguments) {
  const auto parts = journal_parts(arguments.path);
  if (!parts) return tl::unexpected(parts.error());
  show_parts(*parts);
  auto reader = NamedReader::open(arguments.path, arguments.filter);
  if (!reader) return tl::unexpected(reader.error());
  std::uint64_t expected = 0;
  for (const JournalPart& part : *parts) {
    expected += part.last.value() - part.first.value();
  }
  std::map<std::string, Count> kinds;
  std::map<std::pair<std::string, std::string>, Count> peers;
  std::uint64_t read = 0;
  {
    Progress progress("reading");
    const auto show = progress.function();
    for (;;) {
      const auto entry = reader->next();
      if (!entry) return tl::unexpected(entry.error());
      if (!*entry) break;
      const NamedEntry& named = **entry;
      const auto add = [&](Count& count) {
        ++count.events;
        count.last = named.entry.event.wall;
      };
      add(kinds[named.kind]);
      if (!named.peer.empty()) add(peers[{named.peer, named.endpoint}]);
      if (show && ++read % 4096 == 0 && expected > 0) {
        show(std::min(
            1.0, static_cast<double>(read) / static_cast<double>(expected)));
      }
    }
  }
  std::puts("");
  TextTable by_kind({"KIND", "EVENTS", "LAST"});
  for (const auto& [kind, count] : sorted(kinds)) {
    by_kind.add({kind, std::to_string(count.events), to_text(count.last)});
  }
  by_kind.print();
  if (!peers.empty()) {
    std::puts("");
    TextTable by_peer({"PEER", "ENDPOINT", "EVENTS", "LAST"});
    for (const auto& [key, count] : sorted(peers)) {
      by_peer.add({key.first, key.second, std::to_string(count.events),
                   to_text(count.last)});
    }
    by_peer.print();
  }
  if (kinds.empty()) return 1;
  return warn(reader->damage()) == 0 ? 0 : 1;
}

}  // namespace lksctp::journal_command
