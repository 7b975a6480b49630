#include "journal_parts.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

namespace lksctp {
namespace {

WallTime wall_now() { return std::chrono::system_clock::now(); }

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

}  // namespace

Result<JournalParts> JournalParts::begin(JournalFiles files,
                                         const JournalOptions& options,
                                         std::string journal) {
  JournalParts parts;
  parts.files_ = std::move(files);
  parts.options_ = options;
  parts.journal_ = std::move(journal);
  auto first = parts.next_part(std::nullopt);
  if (!first) return tl::unexpected(first.error());
  parts.take(std::move(*first));
  if (auto retained = parts.retain(); !retained) {
    return tl::unexpected(retained.error());
  }
  return parts;
}

Result<PartWriter> JournalParts::next_part(
    const std::optional<SnapshotRow>& snapshot) {
  const auto there = files_.parts();
  if (!there) return tl::unexpected(there.error());
  if (!there->empty()) number_ = std::max(number_, there->back().number);
  if (number_ == std::numeric_limits<std::uint64_t>::max()) {
    return tl::unexpected(Error::system(
        EOVERFLOW, "open " + files_.part(number_), {},
        "no higher number is left for the next part: move that file away"));
  }
  return PartWriter::create(files_,
                            {.journal = journal_,
                             .part = number_ + 1,
                             .created = wall_now(),
                             .host = host_name(),
                             .writer = "lksctp " LKSCTP_VERSION},
                            options_.mode, snapshot);
}

void JournalParts::take(PartWriter part) {
  number_ = part.meta().part;
  current_.emplace(std::move(part));
  begun_ = Clock::now();
}

bool JournalParts::rotation_due() const {
  return current_->bytes() >= options_.rotate_bytes ||
         Clock::now() - begun_ >= options_.rotate_after;
}

Result<void> JournalParts::rotate(const SnapshotRow& snapshot) {
  auto next = next_part(snapshot);
  if (!next) return tl::unexpected(next.error());
  // The next one is there already: whatever becomes of this one, nothing is lost.
  if (!current_->close(wall_now())) current_->abandon();
  take(std::move(*next));
  return retain();
}

Result<void> JournalParts::replace() {
  auto next = next_part(std::nullopt);
  if (!next) return tl::unexpected(next.error());
  current_->abandon();
  take(std::move(*next));
  return retain();
}

Result<void> JournalParts::close() {
  auto closed = current_->close(wall_now());
  if (closed) files_ = {};
  return closed;
}

void JournalParts::abandon() {
  current_->abandon();
  files_ = {};
}

Result<void> JournalParts::retain() {
  auto retained =
      files_.retain(number_, options_.retain_bytes, options_.retain_for);
  other_bytes_ = 0;
  if (const auto there = files_.parts()) {
    for (const PartFile& part : *there) {
      if (part.number != number_) other_bytes_ += part_bytes(part.file);
    }
  }
  return retained;
}

}  // namespace lksctp
