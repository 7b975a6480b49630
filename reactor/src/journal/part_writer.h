// One part, as it is written. See docs/journal-format.md, "A part".
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "journal_files.h"
#include "lksctp/reactor/journal.h"
#include "row.h"
#include "schema.h"
#include "sqlite.h"

namespace lksctp {

class PartWriter {
 public:
  // Makes the file; it is there for good with its tables, `meta` and the snapshot when
  // this returns, and on an error it is not there. Errors: kSystem.
  static Result<PartWriter> create(const JournalFiles& files,
                                   const PartMeta& meta, JournalMode mode,
                                   const std::optional<SnapshotRow>& snapshot);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const PartMeta& meta() const { return meta_; }
  // Of the file and its WAL now.
  [[nodiscard]] std::uint64_t bytes() const { return part_bytes(file_); }
  // The file has been deleted, or another is in its place.
  [[nodiscard]] bool lost() const { return identity_of(file_) != identity_; }

  // A transaction. After an error of any of these: `roll_back`. Errors: kSystem.
  Result<void> begin() { return database_.run("BEGIN IMMEDIATE"); }
  Result<void> add(const EventRow& row);
  // In place of an earlier one with its number.
  Result<void> add(const SnapshotRow& row);
  Result<void> commit() { return database_.run("COMMIT"); }
  void roll_back();

  // The last number that is there. After an error of `commit` it may be that of the
  // transaction that seemed to have failed. Errors: kSystem.
  Result<EventSeq> last();

  // Moves the WAL into the database as far as readers let it. Errors: kSystem.
  Result<void> checkpoint();
  // The WAL has grown enough for that.
  [[nodiscard]] bool wants_checkpoint() const;

  // Marks it closed and makes it one file; that second step is left out while somebody
  // reads. Nothing else may be called behind it. Errors: kSystem; it is not marked then.
  Result<void> close(WallTime now);
  // Lets it go as it is: it cannot be written.
  void abandon();

 private:
  Result<void> open(JournalMode mode);

  std::string file_;
  PartMeta meta_;
  std::optional<FileIdentity> identity_;
  // In the WAL after the last commit, those that a checkpoint has moved included until it
  // is written again from its beginning.
  std::unique_ptr<int> wal_pages_;
  Sqlite database_;
  SqliteStatement insert_event_;
  SqliteStatement insert_snapshot_;
};

}  // namespace lksctp
