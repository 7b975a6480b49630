// A part of a journal as a database: made, checked, found. See docs/journal-format.md.
//
// Threads: those of `Sqlite`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lksctp/reactor/types.h"
#include "sqlite.h"

namespace lksctp {

inline constexpr std::int64_t kJournalApplicationId = 0x4c4b5343;  // "LKSC"
inline constexpr std::int64_t kJournalFormatVersion = 1;

// See row.h for their parameters and columns.
inline constexpr const char* kInsertEvent =
    "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
// In place of one with the same number.
inline constexpr const char* kInsertSnapshot =
    "INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5)";
// Behind the number ?1.
inline constexpr const char* kSelectEvents =
    "SELECT seq, monotonic_ns, wall_ns, kind, version, endpoint, association, "
    "crc, body, raw FROM event WHERE seq > ?1 ORDER BY seq";

// The table `meta`.
struct PartMeta {
  std::string journal;  // id
  std::uint64_t part = 0;
  WallTime created{};
  std::string host;
  std::string writer;  // "lksctp" and version
  // Of a part that was closed: when, and its last event, 0 when it has none.
  std::optional<WallTime> closed;
  std::optional<std::uint64_t> last;
};

// Makes the tables, the views and `meta` of an empty database, in one transaction, in the
// journal mode that it has. Errors: kSystem.
Result<void> create_part(Sqlite& database, const PartMeta& meta);
// Sets `closed_ns` and `last`; the last transaction of a part. Errors: kSystem.
Result<void> mark_closed(Sqlite& database, WallTime closed, EventSeq last);
// Nullopt: nothing has been written yet. Errors: kSystem; kInvalidArgument, when the file
// is no part that can be read here: the message says why.
Result<std::optional<PartMeta>> check_part(Sqlite& database);

// `<path>.<number>`.
[[nodiscard]] std::string part_path(const std::string& path,
                                    std::uint64_t number);

struct PartFile {
  std::uint64_t number = 0;
  std::string file;
};
// The parts of a path by number, empty where there is none. Errors: kSystem (ENOENT:
// no such directory …).
Result<std::vector<PartFile>> list_parts(const std::string& path);

}  // namespace lksctp
