#include "commands.h"

#include <cstdio>
#include <utility>
#include <variant>

#include "terminal.h"
#include "times.h"

namespace lksctp::journal_command {
namespace {

// Without number and time of day, which stand before it in another form.
std::string description(const NamedEntry& named) {
  if (const auto& unknown = named.entry.unknown) {
    return unknown->kind + " (not known here, version " +
           std::to_string(unknown->version) + "): " + unknown->body;
  }
  std::string line = to_string(named.entry.event);
  for (int words = 0; words < 2; ++words) line.erase(0, line.find(' ') + 1);
  return line;
}

Colour colour_of(const NamedEntry& named) {
  const EventBody& body = named.entry.event.body;
  if (named.entry.unknown) return Colour::kYellow;
  if (named.kind.ends_with("_sampled")) return Colour::kDim;
  if (std::holds_alternative<ConnectFailed>(body) ||
      std::holds_alternative<MessageFailed>(body) ||
      std::holds_alternative<ReceiveFailed>(body) ||
      std::holds_alternative<LogGap>(body) ||
      std::holds_alternative<LogRecovered>(body)) {
    return Colour::kRed;
  }
  const auto* notification = std::get_if<Notification>(&body);
  if (notification == nullptr) return Colour::kPlain;
  if (const auto* change = std::get_if<AssociationChange>(notification)) {
    switch (change->state) {
      case AssociationChangeState::kCommUp:
        return Colour::kGreen;
      case AssociationChangeState::kCommLost:
      case AssociationChangeState::kCantStart:
        return Colour::kRed;
      default:
        return Colour::kYellow;
    }
  }
  return Colour::kPlain;
}

std::string range(const JournalDamage& damage) {
  if (damage.from == EventSeq()) return "";
  std::string text = " event " + std::to_string(damage.from.value());
  if (damage.to > damage.from) {
    text = " events " + std::to_string(damage.from.value()) + " to " +
           std::to_string(damage.to.value());
  }
  return text + ':';
}

}  // namespace

Result<Replayed> replay_with_progress(const Arguments& arguments) {
  Progress progress("replaying");
  auto replayed = replay(arguments.path, {.journal = arguments.journal,
                                          .seq = arguments.seq,
                                          .at = arguments.at,
                                          .progress = progress.function()});
  if (!replayed) return replayed;
  warn(replayed->damage);
  if (!replayed->exact) {
    (void)std::fputs(
        "lksctp-journal: the state is not exact: events before it are missing, "
        "and no snapshot is behind them\n",
        stderr);
  }
  for (const auto& [kind, count] : replayed->unknown) {
    (void)std::fprintf(
        stderr, "lksctp-journal: %llu events of a kind not known here: %s\n",
        static_cast<unsigned long long>(count), printable(kind).c_str());
  }
  return replayed;
}

Snapshot snapshot_of(const Replayed& replayed, const Arguments& arguments) {
  Snapshot snapshot;
  snapshot.table = replayed.table;
  snapshot.wall = replayed.wall;
  snapshot.monotonic = replayed.monotonic;
  if (arguments.at && *arguments.at > replayed.wall) {
    snapshot.monotonic += *arguments.at - replayed.wall;
    snapshot.wall = *arguments.at;
  }
  return snapshot;
}

std::size_t warn(const std::vector<JournalDamage>& damage, std::size_t from) {
  for (; from < damage.size(); ++from) {
    (void)std::fprintf(stderr, "lksctp-journal: %s:%s %s\n",
                       damage[from].part.c_str(), range(damage[from]).c_str(),
                       printable(damage[from].reason).c_str());
  }
  return damage.size();
}

void print_event(const NamedEntry& named) {
  const Event& event = named.entry.event;
  std::string line =
      to_text(event.wall) + " #" + std::to_string(event.seq.value()) + ' ';
  if (!named.peer.empty()) {
    line += named.peer + ' ';
  } else if (!named.endpoint.empty()) {
    line += named.endpoint + ' ';
  }
  print_line(printable(line + description(named)), colour_of(named));
}

}  // namespace lksctp::journal_command
