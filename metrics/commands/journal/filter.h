// Events of a journal with the names of their peers, and which of them are wanted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "lksctp/reactor/journal_reader.h"

namespace lksctp::journal_command {

struct Filter {
  using Names = std::set<std::string, std::less<>>;

  Names kinds;  // empty: all, and so below
  Names endpoints;
  Names peers;
  std::set<std::uint64_t> associations;
  std::optional<WallTime> since;
  std::optional<WallTime> until;

  [[nodiscard]] bool empty() const {
    return kinds.empty() && endpoints.empty() && peers.empty() &&
           associations.empty() && !since && !until;
  }
};

struct NamedEntry {
  JournalEntry entry;
  std::string kind;
  std::string endpoint;  // names, as far as they are known
  std::string peer;
  std::optional<AssociationState> state;  // of its association, afterwards
};

// Keeps an association table beside what it reads: names and states are in it.
class NamedReader {
 public:
  static Result<NamedReader> open(const std::string& path, Filter filter,
                                  JournalReadOptions options = {});

  // The next one that is wanted; nullopt when there is none now.
  Result<std::optional<NamedEntry>> next();
  [[nodiscard]] const std::vector<JournalDamage>& damage() const {
    return reader_->damage();
  }

 private:
  [[nodiscard]] NamedEntry name(JournalEntry entry);
  void find_names(NamedEntry& named) const;
  [[nodiscard]] bool is_wanted(const NamedEntry& named) const;

  std::string path_;
  Filter filter_;
  std::unique_ptr<JournalReader> reader_;
  std::string journal_;  // that of the table
  AssociationTable table_;
};

}  // namespace lksctp::journal_command
