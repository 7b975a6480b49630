#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lksctp/reactor/journal_reader.h"
#include "part_reader.h"
#include "reading.h"

namespace lksctp {
namespace {

constexpr std::uint64_t kEnd =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
constexpr std::uint64_t kEventsBetweenProgress = 4096;

// The parts of one journal, in order, and its events.
struct PathJournal {
  std::string id;
  std::vector<std::string> files;
  std::uint64_t first = 0;  // state that can be had; 0: none
  std::uint64_t last = 0;   // event; kEnd when damage hides it
};

// Adds what a part says of the range of its journal.
Result<void> add_range(PartReader& part, PathJournal& journal) {
  const auto base = part.base();
  const auto first = part.first_event();
  const auto last = part.last_event();
  for (const auto* number : {&base, &first, &last}) {
    if (*number) continue;
    if (!is_damage(number->error())) return tl::unexpected(number->error());
    journal.last = kEnd;
    journal.first = std::max<std::uint64_t>(journal.first, 1);
    return {};
  }
  if (journal.first == 0) journal.first = *base != 0 ? *base : *first;
  journal.last = std::max({journal.last, *base, *last});
  return {};
}

// The journals of a path, oldest first. Parts that cannot be read are left out.
Result<std::vector<PathJournal>> find_journals(const std::string& path) {
  const auto files = files_of(path);
  if (!files) return tl::unexpected(files.error());
  std::vector<PathJournal> journals;
  std::optional<Error> unreadable;
  for (const PartFile& file : *files) {
    auto part = PartReader::open(file.file);
    if (!part && PartReader::is_unreadable(part.error())) {
      unreadable = part.error();
      continue;
    }
    if (!part) return tl::unexpected(part.error());
    if (!*part) continue;
    const std::string& id = (*part)->meta().journal;
    if (journals.empty() || journals.back().id != id) {
      journals.push_back({.id = id});
    }
    journals.back().files.push_back(file.file);
    if (auto added = add_range(**part, journals.back()); !added) {
      return tl::unexpected(added.error());
    }
  }
  if (journals.empty() && unreadable) {
    return tl::unexpected(Error::invalid_argument("no journal: " + path + ": " +
                                                  unreadable->message));
  }
  return journals;
}

// The slow way, through damage.
Result<std::uint64_t> last_readable_until(PartReader& part, WallTime time) {
  std::uint64_t at = 0;
  std::uint64_t found = 0;
  for (;;) {
    const auto batch = part.read(at, 512);
    if (!batch) return tl::unexpected(batch.error());
    for (const PartItem& item : batch->items) {
      at = item.entry.event.seq.value();
      if (item.entry.event.wall <= time) found = at;
    }
    if (batch->end) return found;
  }
}

// The last event until `time`; 0 when there is none.
Result<std::uint64_t> last_until(const PathJournal& journal, WallTime time) {
  for (auto file = journal.files.rbegin(); file != journal.files.rend();
       ++file) {
    auto part = PartReader::open(*file);
    if (!part) return tl::unexpected(part.error());
    if (!*part) continue;
    auto seq = (*part)->last_event_until(time);
    if (!seq && is_damage(seq.error())) {
      seq = last_readable_until(**part, time);
    }
    if (!seq) return tl::unexpected(seq.error());
    if (*seq != 0) return *seq;
  }
  return 0;
}

// Where to stop: an event of the journal or kEnd; 0 when it does not have the place.
Result<std::uint64_t> find_place(const PathJournal& journal,
                                 const ReplayOptions& options) {
  if (journal.first == 0) return 0;
  if (options.at) return last_until(journal, *options.at);
  if (!options.seq) return kEnd;
  const std::uint64_t seq = options.seq->value();
  return seq >= journal.first && seq <= journal.last ? seq : 0;
}

Error no_place(const std::vector<PathJournal>& journals,
               const ReplayOptions& options) {
  std::string message = "the journal has no such place";
  if (options.journal) message += " in " + *options.journal;
  if (journals.empty())
    return Error::invalid_argument(message + ": it is empty");
  message += "; there is: ";
  // The newest: a path may have hundreds.
  constexpr std::size_t kShown = 3;
  const std::size_t shown = std::min(journals.size(), kShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const PathJournal& journal = journals[journals.size() - 1 - i];
    if (i > 0) message += ", ";
    message += journal.id;
    message += journal.first == 0 ? " without events"
                                  : " with " + std::to_string(journal.first) +
                                        " to " + std::to_string(journal.last);
  }
  if (journals.size() > shown) {
    message += ", and " + std::to_string(journals.size() - shown) + " older";
  }
  return Error::invalid_argument(message);
}

class Replay {
 public:
  Replay(const std::string& path, const PathJournal& journal,
         std::uint64_t place, const ReplayOptions& options)
      : path_(path), journal_(journal), place_(place), options_(options) {
    replayed_.position.journal = journal.id;
  }

  Result<Replayed> run() {
    if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
    if (seq() < place_) {
      if (auto read = read_on(); !read) return tl::unexpected(read.error());
    }
    if (options_.progress) options_.progress(1);
    return std::move(replayed_);
  }

 private:
  [[nodiscard]] std::uint64_t seq() const {
    return replayed_.position.seq.value();
  }

  // With the newest snapshot, and the times of its event.
  Result<void> begin() {
    for (auto file = journal_.files.rbegin(); file != journal_.files.rend();
         ++file) {
      auto part = PartReader::open(*file);
      if (!part) return tl::unexpected(part.error());
      if (!*part) continue;
      auto snapshot = (*part)->newest_snapshot(place_, replayed_.damage);
      if (!snapshot) return tl::unexpected(snapshot.error());
      if (!*snapshot) continue;
      replayed_.table = std::move((*snapshot)->table);
      replayed_.position.seq = EventSeq((*snapshot)->seq);
      replayed_.wall = (*part)->meta().created;
      return find_times(file);
    }
    return {};
  }

  // Its event is in the same part, or in one before it.
  Result<void> find_times(
      std::vector<std::string>::const_reverse_iterator file) {
    for (; file != journal_.files.rend() && seq() > 0; ++file) {
      auto part = PartReader::open(*file);
      if (!part) return tl::unexpected(part.error());
      if (!*part) continue;
      const auto batch = (*part)->read(seq() - 1, 1);
      if (!batch) return tl::unexpected(batch.error());
      if (batch->items.empty()) continue;
      const Event& event = batch->items.front().entry.event;
      if (event.seq != replayed_.position.seq) continue;
      set_times(event);
      return {};
    }
    return {};
  }

  Result<void> read_on() {
    JournalReading reader(path_);
    const std::uint64_t begun = seq();
    const std::uint64_t end = std::min(place_, journal_.last);
    if (auto started = reader.start(replayed_.position); !started) {
      return started;
    }
    while (seq() < place_) {
      auto entry = reader.next();
      if (!entry) return tl::unexpected(entry.error());
      if (!*entry || (*entry)->journal != journal_.id ||
          (*entry)->event.seq.value() > place_) {
        break;
      }
      apply(**entry);
      if (options_.progress && replayed_.events % kEventsBetweenProgress == 0 &&
          end > begun) {
        options_.progress(static_cast<double>(seq() - begun) /
                          static_cast<double>(end - begun));
      }
    }
    for (const JournalDamage& found : reader.damage()) {
      if (found.from.value() > place_) continue;
      replayed_.exact = false;
      replayed_.damage.push_back(found);
    }
    return {};
  }

  void apply(const JournalEntry& entry) {
    // A snapshot behind the gap would have been the beginning.
    if (entry.event.seq.value() != seq() + 1) replayed_.exact = false;
    if (entry.unknown) {
      ++replayed_.unknown[entry.unknown->kind];
    } else {
      replayed_.table.apply(entry.event);
    }
    ++replayed_.events;
    replayed_.position.seq = entry.event.seq;
    set_times(entry.event);
  }

  void set_times(const Event& event) {
    replayed_.monotonic = event.monotonic;
    replayed_.wall = event.wall;
  }

  const std::string& path_;
  const PathJournal& journal_;
  const std::uint64_t place_;
  const ReplayOptions& options_;
  Replayed replayed_;
};

}  // namespace

Result<Replayed> replay(const std::string& path, const ReplayOptions& options) {
  if (options.seq && options.at) {
    return tl::unexpected(Error::invalid_argument(
        "replay takes a sequence number or a time, not both"));
  }
  const auto journals = find_journals(path);
  if (!journals) return tl::unexpected(journals.error());
  for (auto journal = journals->rbegin(); journal != journals->rend();
       ++journal) {
    if (options.journal && *options.journal != journal->id) continue;
    const auto place = find_place(*journal, options);
    if (!place) return tl::unexpected(place.error());
    if (*place != 0) return Replay(path, *journal, *place, options).run();
  }
  return tl::unexpected(no_place(*journals, options));
}

}  // namespace lksctp
