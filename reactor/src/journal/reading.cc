#include "reading.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

namespace lksctp {
namespace {

// Events of one transaction.
constexpr std::size_t kBatch = 512;

constexpr const char* kMissing = "events are missing";

}  // namespace

Result<std::vector<PartFile>> files_of(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
    return std::vector<PartFile>{{1, path}};
  }
  auto parts = list_parts(path);
  if (parts && parts->empty()) {
    return tl::unexpected(Error::system(
        ENOENT, "open " + path, {},
        "there is neither this file nor the first part of a journal, " +
            part_path(path, 1)));
  }
  return parts;
}

Result<void> JournalReading::start(
    const std::optional<JournalPosition>& after) {
  return after ? start_behind(*after) : start_at_first();
}

Result<void> JournalReading::start_at_first() {
  const auto files = files_of(path_);
  if (!files) return tl::unexpected(files.error());
  const auto opened = open_next();
  if (!opened) return tl::unexpected(opened.error());
  if (*opened || damage_.size() < files->size()) return {};
  return tl::unexpected(Error::invalid_argument(
      "no journal: " + damage_.front().part + ": " + damage_.front().reason));
}

Result<void> JournalReading::start_behind(const JournalPosition& after) {
  const auto files = files_of(path_);
  if (!files) return tl::unexpected(files.error());
  std::optional<PartReader> found;
  PartFile found_file;
  for (const PartFile& file : *files) {
    auto part = PartReader::open(file.file);
    if (!part) {
      if (PartReader::is_unreadable(part.error()) ||
          part.error().errno_value == ENOENT) {
        continue;
      }
      return tl::unexpected(part.error());
    }
    if (!*part || (*part)->meta().journal != after.journal) continue;
    const auto first = (*part)->first_event();
    if (found && (!first || *first == 0 || *first > after.seq.value() + 1)) {
      continue;
    }
    found = std::move(**part);
    found_file = file;
  }
  if (!found) {
    return tl::unexpected(Error::invalid_argument(
        "there is no journal " + after.journal + " in " + path_ +
        "; retention may have deleted it"));
  }
  enter(std::move(*found), found_file);
  last_ = told_ = after.seq.value();
  return {};
}

Result<bool> JournalReading::open_next() {
  const auto files = files_of(path_);
  if (!files) return tl::unexpected(files.error());
  for (const PartFile& file : *files) {
    if (file.number <= current_.number) continue;
    auto part = PartReader::open(file.file);
    if (part && *part) {
      enter(std::move(**part), file);
      return true;
    }
    if (part) {
      // It will be written, or its writer ended before it wrote anything.
      if (file.number == files->back().number) return false;
      continue;
    }
    if (PartReader::is_unreadable(part.error())) {
      current_ = file;
      tell(0, 0, part.error().message);
    } else if (part.error().errno_value != ENOENT) {
      return tl::unexpected(part.error());
    }
  }
  return false;
}

void JournalReading::enter(PartReader part, const PartFile& file) {
  if (part.meta().journal != journal_) {
    if (!journal_.empty() && file.number > current_.number + 1) {
      damage_.push_back({part_path(path_, current_.number + 1),
                         {},
                         {},
                         "the parts before " + file.file + " are missing"});
    }
    journal_ = part.meta().journal;
    last_ = told_ = part.base().value_or(0);
  }
  part_ = std::move(part);
  current_ = file;
  last_look_ = false;
  if (!part_->damage().empty()) tell(0, 0, part_->damage());
}

Result<bool> JournalReading::has_next() const {
  const auto files = files_of(path_);
  if (!files) return tl::unexpected(files.error());
  return files->back().number > current_.number;
}

Result<std::optional<JournalEntry>> JournalReading::next() {
  for (;;) {
    if (next_item_ < batch_.items.size()) {
      return deliver(std::move(batch_.items[next_item_++]));
    }
    const auto filled = refill();
    if (!filled) return tl::unexpected(filled.error());
    if (*filled) continue;
    // What was written before the next part was made must not be missed.
    const auto has_later = has_next();
    if (!has_later) return tl::unexpected(has_later.error());
    if (*has_later && !std::exchange(last_look_, true)) {
      // Through a new connection: what a process that was killed wrote last is found when the
      // first one opens the part again.
      part_.reset();
      continue;
    }
    tell_end();
    if (*has_later) {
      const auto opened = open_next();
      if (!opened) return tl::unexpected(opened.error());
      if (*opened) continue;
    }
    part_.reset();
    return std::nullopt;
  }
}

Result<bool> JournalReading::refill() {
  if (!part_ && current_.number != 0) {
    auto part = PartReader::open(current_.file);
    if (part) {
      part_ = std::move(*part);
    } else if (!PartReader::is_unreadable(part.error()) &&
               part.error().errno_value != ENOENT) {
      return tl::unexpected(part.error());
    }
    // One that is gone has been read, or is told by the numbers that follow.
  }
  batch_ = {};
  next_item_ = 0;
  if (!part_ || part_->meta().journal != journal_) return false;
  auto batch = part_->read(last_, kBatch);
  if (!batch) return tl::unexpected(batch.error());
  batch_ = std::move(*batch);
  return !batch_.items.empty();
}

JournalEntry JournalReading::deliver(PartItem item) {
  const std::uint64_t seq = item.entry.event.seq.value();
  const std::uint64_t expected = std::max(last_, told_) + 1;
  std::uint64_t missing_to = seq - 1;
  // A gap that the journal tells itself is no damage.
  if (const auto* gap = std::get_if<LogGap>(&item.entry.event.body);
      gap != nullptr && gap->to.value() == missing_to &&
      gap->from.value() <= missing_to && gap->from.value() > 0) {
    missing_to = gap->from.value() - 1;
  }
  if (missing_to >= expected) {
    tell(expected, missing_to, item.damage.empty() ? kMissing : item.damage);
  } else if (!item.damage.empty() && told_ < expected - 1) {
    tell(0, 0, item.damage);
  }
  last_ = seq;
  told_ = std::max(told_, seq);
  return std::move(item.entry);
}

void JournalReading::tell_end() {
  if (!part_) return;
  const std::uint64_t expected = std::max(last_, told_) + 1;
  std::uint64_t to = batch_.damage.empty() ? 0 : batch_.damaged_to;
  const auto& meta = part_->meta();
  if (meta.journal == journal_ && meta.last) to = std::max(to, *meta.last);
  if (to >= expected) {
    tell(expected, to, batch_.damage.empty() ? kMissing : batch_.damage);
    told_ = to;
  }
}

void JournalReading::tell(std::uint64_t from, std::uint64_t to,
                          const std::string& reason) {
  if (!damage_.empty()) {
    JournalDamage& before = damage_.back();
    if (from != 0 && before.part == current_.file && before.reason == reason &&
        before.to.value() + 1 == from) {
      before.to = EventSeq(to);
      return;
    }
  }
  damage_.push_back({current_.file, EventSeq(from), EventSeq(to), reason});
}

}  // namespace lksctp
