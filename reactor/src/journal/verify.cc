#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "lksctp/reactor/journal_reader.h"
#include "part_reader.h"
#include "reading.h"

namespace lksctp {
namespace {

constexpr std::uint64_t kEventsBetweenProgress = 4096;

class Verification {
 public:
  Result<JournalCheck> run(const std::string& path,
                           const std::function<void(double)>& progress) {
    const auto parts = journal_parts(path);
    if (!parts) return tl::unexpected(parts.error());
    std::uint64_t expected = 0;
    for (const JournalPart& part : *parts) {
      expected += part.last.value() - part.first.value();
    }
    JournalReading reader(path);
    if (auto started = reader.start({}); !started) {
      return tl::unexpected(started.error());
    }
    for (;;) {
      auto entry = reader.next();
      if (!entry) return tl::unexpected(entry.error());
      if (!*entry) break;
      if (auto taken = take(**entry, reader); !taken) {
        return tl::unexpected(taken.error());
      }
      if (progress && expected > 0 &&
          check_.events % kEventsBetweenProgress == 0) {
        progress(std::min(1.0, static_cast<double>(check_.events) /
                                   static_cast<double>(expected)));
      }
    }
    check_.damage.insert(check_.damage.begin(), reader.damage().begin(),
                         reader.damage().end());
    return std::move(check_);
  }

 private:
  Result<void> take(const JournalEntry& entry, const JournalReading& reader) {
    if (reader.file() != file_) {
      file_ = reader.file();
      snapshots_.reset();
      auto part = PartReader::open(file_);
      if (!part) return tl::unexpected(part.error());
      snapshots_ = std::move(*part);
      if (entry.journal != journal_) {
        journal_ = entry.journal;
        table_ = {};
        exact_ = true;
        last_ = 0;
      }
      if (auto found = find_snapshot(-1); !found) return found;
    }
    const std::uint64_t seq = entry.event.seq.value();
    // Of an event that is not in the part, or not there.
    while (next_ && next_->seq < seq) {
      if (auto compared = compare(); !compared) return compared;
    }
    if (seq != last_ + 1) exact_ = false;
    last_ = seq;
    ++check_.events;
    if (entry.unknown) {
      ++check_.unknown[entry.unknown->kind];
      exact_ = false;
    } else {
      table_.apply(entry.event);
    }
    if (next_ && next_->seq == seq) return compare();
    return {};
  }

  // The next one of the part behind `seq`.
  Result<void> find_snapshot(std::int64_t seq) {
    next_.reset();
    if (!snapshots_) return {};
    auto next = snapshots_->next_snapshot(seq, check_.damage);
    if (!next) return tl::unexpected(next.error());
    next_ = std::move(*next);
    return {};
  }

  Result<void> compare() {
    ++check_.snapshots;
    const EventSeq place(next_->seq);
    if (exact_ && last_ == next_->seq && !(table_ == next_->table)) {
      check_.damage.push_back(
          {file_, place, place,
           "a snapshot is not what the events before it lead to"});
    }
    table_ = std::move(next_->table);
    exact_ = true;
    last_ = place.value();
    return find_snapshot(static_cast<std::int64_t>(place.value()));
  }

  JournalCheck check_;
  std::string journal_;
  std::string file_;
  std::optional<PartReader> snapshots_;  // of the part that is read
  std::optional<PartReader::Snapshot> next_;
  AssociationTable table_;
  // Whether the table is what the process had.
  bool exact_ = true;
  std::uint64_t last_ = 0;  // event in the table
};

}  // namespace

Result<JournalCheck> verify_journal(
    const std::string& path, const std::function<void(double)>& progress) {
  return Verification().run(path, progress);
}

}  // namespace lksctp
