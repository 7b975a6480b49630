// Reads the parts of a path one after the other.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lksctp/reactor/journal_reader.h"
#include "part_reader.h"
#include "schema.h"

namespace lksctp {

// The parts of a path; one that is an ordinary file is its only part. Errors: kSystem.
Result<std::vector<PartFile>> files_of(const std::string& path);

class JournalReading final : public JournalReader {
 public:
  explicit JournalReading(std::string path) : path_(std::move(path)) {}

  // To the beginning, or behind `after`. Errors: those of JournalReader::open.
  Result<void> start(const std::optional<JournalPosition>& after);

  Result<std::optional<JournalEntry>> next() override;
  [[nodiscard]] const std::vector<JournalDamage>& damage() const override {
    return damage_;
  }

  // The part that was opened last.
  [[nodiscard]] const std::string& file() const { return current_.file; }

 private:
  Result<void> start_at_first();
  Result<void> start_behind(const JournalPosition& after);
  // The next part that can be read; false when there is none.
  Result<bool> open_next();
  void enter(PartReader part, const PartFile& file);
  Result<bool> has_next() const;
  // Reads on in the current part; false at its end.
  Result<bool> refill();
  JournalEntry deliver(PartItem item);
  // What is known to be missing at the end of the current part.
  void tell_end();
  void tell(std::uint64_t from, std::uint64_t to, const std::string& reason);

  const std::string path_;
  PartFile current_;  // number 0: none yet
  // Only while there is more in it: nothing is open while the caller waits.
  std::optional<PartReader> part_;
  std::string journal_;     // id
  std::uint64_t last_ = 0;  // event that was delivered
  std::uint64_t told_ = 0;  // delivered or told to be missing, until here
  // The current part was read to its end since a later one was seen.
  bool last_look_ = false;
  PartBatch batch_;
  std::size_t next_item_ = 0;
  std::vector<JournalDamage> damage_;
};

}  // namespace lksctp
