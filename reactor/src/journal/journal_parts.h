// The parts of one journal, one after another: rotation and retention.
//
// Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "journal_files.h"
#include "lksctp/reactor/journal.h"
#include "part_writer.h"

namespace lksctp {

class JournalParts {
 public:
  using Clock = std::chrono::steady_clock;

  // Begins the first part. Errors: kSystem.
  static Result<JournalParts> begin(JournalFiles files,
                                    const JournalOptions& options,
                                    std::string journal);

  [[nodiscard]] PartWriter& current() { return *current_; }
  // It has its size or its age.
  [[nodiscard]] bool rotation_due() const;
  // Begins the next part with the table behind the last event, closes the current one, and
  // deletes what is not to be retained. On an error the current one is still the current.
  Result<void> rotate(const SnapshotRow& snapshot);
  // Leaves the current part, which cannot be written, as it is, and begins the next one.
  Result<void> replace();
  // The last calls: marks the current part closed, or lets it go as it is, and another
  // writer may have the path. Errors: kSystem; `abandon` then.
  Result<void> close();
  void abandon();

  // Deletes what is not to be retained. Errors: kSystem.
  Result<void> retain();
  // Of all parts of the path.
  [[nodiscard]] std::uint64_t bytes() const {
    return other_bytes_ + current_->bytes();
  }

 private:
  Result<PartWriter> next_part(const std::optional<SnapshotRow>& snapshot);
  void take(PartWriter part);

  JournalFiles files_;
  JournalOptions options_;
  std::string journal_;
  std::uint64_t number_ = 0;  // the highest there was
  std::optional<PartWriter> current_;
  Clock::time_point begun_{};  // the current one
  std::uint64_t other_bytes_ = 0;
};

}  // namespace lksctp
