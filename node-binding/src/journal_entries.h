// What JS reads of a journal: entries and damage in order, in batches, as far as they
// are asked for.
//
// Threads: one at a time; it blocks for the disk, so neither JS's nor the loop's.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "lksctp/reactor/journal_reader.h"

namespace lksctp::node {

// Absent: all.
struct EntryFilter {
  std::optional<std::set<std::string>> kinds;
  std::optional<std::string> peer;  // by name
};

class JournalEntries {
 public:
  struct Batch {
    std::vector<std::variant<JournalEntry, JournalDamage>> items;
    bool at_end = false;  // there is nothing more now
  };

  // Errors: those of JournalReader::open.
  static Result<std::shared_ptr<JournalEntries>> open(
      std::string path, std::optional<JournalPosition> after,
      EntryFilter filter);

  // So much as one turn of JS should take. Errors: those of JournalReader::next.
  Result<Batch> next();

 private:
  JournalEntries(std::string path, EntryFilter filter)
      : path_(std::move(path)), filter_(std::move(filter)) {}

  void tell_damage(Batch& batch);
  bool is_wanted(const JournalEntry& entry);
  bool is_of_peer(const JournalEntry& entry);
  void find_peer(const std::string& journal, EventSeq at);

  const std::string path_;
  const EntryFilter filter_;
  std::unique_ptr<JournalReader> reader_;
  std::size_t damage_told_ = 0;
  JournalPosition position_;  // of the last event that was read
  // The peer's living associations, in the journal that `position_` names.
  std::set<AssociationId> of_peer_;
};

}  // namespace lksctp::node
