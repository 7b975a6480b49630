// Journals made at once, by the functions that the writer uses; and hands on their files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journal/schema.h"
#include "journal/sqlite.h"
#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/event.h"
#include "lksctp/reactor/journal.h"
#include "lksctp/reactor/journal_reader.h"
#include "temporary_directory.h"

namespace lksctp::test {

// An id of a journal, told apart by a number.
[[nodiscard]] std::string journal_id(unsigned number);

// A part that is being written: in the mode WAL, and its connection is open.
class OpenPart {
 public:
  OpenPart(const std::string& file, const std::string& journal,
           std::uint64_t number);

  // In one transaction.
  void write(std::span<const Event> events,
             JournaledUserData user_data = JournaledUserData::kFull);
  void write_snapshot(const AssociationTable& table, bool required);
  // A row as it is, its checksum right.
  void write_row(std::uint64_t seq, const std::string& kind, int version,
                 const std::string& body);
  // As a writer ends a part.
  void close();
  // Statements of who means harm, or of the test.
  void run(const std::string& statements);

 private:
  Sqlite database_;
  std::uint64_t last_ = 0;
};

// Closed parts of one journal after the other, the table beside them.
class JournalMaker {
 public:
  explicit JournalMaker(std::string path) : path_(std::move(path)) {}

  // The next part is of another journal, whose log begins anew.
  void begin_journal();
  // A part of these events. A snapshot is behind every `snapshot_every` of them (0: none),
  // and a required one before the first when the journal has events already.
  void add_part(std::span<const Event> events, std::size_t snapshot_every = 0);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string journal() const { return journal_id(journals_); }
  // The file of the part that was added last.
  [[nodiscard]] std::string part() const { return part_path(path_, parts_); }

 private:
  const std::string path_;
  unsigned journals_ = 1;
  std::uint64_t parts_ = 0;
  AssociationTable table_;
};

// Runs statements on a file, as the user who may write it.
void run_sql(const std::string& file, const std::string& statements);

// Everything that can be read, and what cannot.
struct ReadJournal {
  std::vector<JournalEntry> entries;
  std::vector<JournalDamage> damage;
  [[nodiscard]] std::vector<Event> events() const;
  [[nodiscard]] std::vector<std::uint64_t> numbers() const;
};
[[nodiscard]] ReadJournal read_journal(const std::string& path,
                                       JournalReadOptions options = {});
// Until there is none now.
void read_on(JournalReader& reader, ReadJournal& into);

}  // namespace lksctp::test
