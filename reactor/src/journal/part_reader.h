// Reads one part, whatever its file holds.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lksctp/reactor/journal_reader.h"
#include "row.h"
#include "schema.h"
#include "sqlite.h"

namespace lksctp {

struct PartItem {
  JournalEntry entry;
  // Why events before it may be missing; empty: nothing was found.
  std::string damage;
};

struct PartBatch {
  std::vector<PartItem> items;
  bool end = false;  // nothing is behind them, for now
  // The same behind the last item, and the last number that it concerns.
  std::string damage;
  std::uint64_t damaged_to = 0;
};

class PartReader {
 public:
  // Nullopt: its writer has written nothing yet. Errors: kSystem (ENOENT, EACCES …);
  // those that `is_unreadable` are of the file and no error of reading.
  static Result<std::optional<PartReader>> open(const std::string& file);
  [[nodiscard]] static bool is_unreadable(const Error& error);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const PartMeta& meta() const { return meta_; }
  // Why its end may be missing; empty: it is not.
  [[nodiscard]] const std::string& damage() const { return damage_; }

  // Events behind `after`, at most `limit`. No transaction is open afterwards.
  // Errors: kSystem, but not for damage.
  Result<PartBatch> read(std::uint64_t after, std::size_t limit);

  // Where its events begin: the last event that is not in it, as a required snapshot before
  // all of them says, or 0.
  Result<std::uint64_t> base();
  // Number of an event; 0 without one.
  Result<std::uint64_t> first_event();
  Result<std::uint64_t> last_event();
  // The last event until that time.
  Result<std::uint64_t> last_event_until(WallTime time);

  struct Snapshot {
    std::uint64_t seq = 0;
    bool required = false;
    AssociationTable table;
  };
  // The newest one at or before `seq` that can be used; those that cannot are told.
  Result<std::optional<Snapshot>> newest_snapshot(
      std::uint64_t seq, std::vector<JournalDamage>& damage);
  // The first one behind `seq`, -1 for the first of all, in the same way.
  Result<std::optional<Snapshot>> next_snapshot(
      std::int64_t seq, std::vector<JournalDamage>& damage);

 private:
  // Adds to `batch` what is behind `at`, and moves `at` and `lost_to`. True at the end.
  Result<bool> walk(std::uint64_t& at, std::uint64_t& lost_to,
                    std::size_t limit, PartBatch& batch);
  // Whether there is a good row, or the end, behind `at`.
  Result<bool> readable_behind(std::uint64_t at);
  // From where on it is readable again; nullopt: nowhere.
  Result<std::optional<std::uint64_t>> skip(std::uint64_t at);
  Result<std::uint64_t> number(const char* statement, std::int64_t parameter);
  Result<std::optional<Snapshot>> snapshot(const char* statement,
                                           std::int64_t seq,
                                           std::vector<JournalDamage>& damage);

  std::string file_;
  PartMeta meta_;
  std::string damage_;
  Sqlite database_;  // before its statements
  SqliteStatement select_;
};

}  // namespace lksctp
