#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "commands.h"
#include "terminal.h"
#include "times.h"

namespace lksctp::journal_command {
namespace {

// Of the peer of that name, or, when there is none, of the association with that id.
bool is_association_id(const std::string& text, std::uint64_t& id) {
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), id);
  return failure == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<int> timeline(const Arguments& arguments) {
  Filter filter = arguments.filter;
  std::uint64_t id = 0;
  if (is_association_id(arguments.subject, id)) {
    filter.associations.insert(id);
  } else {
    filter.peers.insert(arguments.subject);
  }
  auto reader = NamedReader::open(arguments.path, std::move(filter));
  if (!reader) return tl::unexpected(reader.error());
  std::string journal;
  std::optional<Event> before;
  std::string state;
  bool found = false;
  for (;;) {
    const auto entry = reader->next();
    if (!entry) return tl::unexpected(entry.error());
    if (!*entry) break;
    const NamedEntry& named = **entry;
    if (!arguments.samples && named.kind.ends_with("_sampled")) continue;
    if (named.entry.journal != journal) {
      journal = named.entry.journal;
      before.reset();
      state.clear();
      print_line("journal " + journal, Colour::kBold);
    }
    const Event& event = named.entry.event;
    if (before) {
      const auto span = event.monotonic - before->monotonic;
      if (span >= std::chrono::milliseconds(1)) {
        print_line("  + " + to_text(span), Colour::kDim);
      }
    }
    print_event(named);
    if (named.state && association_state_name(*named.state) != state) {
      state = association_state_name(*named.state);
      print_line("  = " + state,
                 is_up(*named.state) ? Colour::kGreen : Colour::kYellow);
    }
    before = event;
    found = true;
  }
  warn(reader->damage());
  if (found) return 0;
  (void)std::fprintf(
      stderr,
      "lksctp-journal: no events of '%s'; 'lksctp-journal stats' "
      "lists the peers\n",
      arguments.subject.c_str());
  return 1;
}

}  // namespace lksctp::journal_command
