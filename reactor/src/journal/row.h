// The rows of a part, with their checksums. See docs/journal-format.md.
//
// Threads: pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sqlite.h"

namespace lksctp {

// Of the table `event`. Texts and bytes are borrowed.
struct EventRow {
  std::uint64_t seq = 0;
  std::int64_t monotonic_ns = 0;
  std::int64_t wall_ns = 0;
  std::string_view kind;
  std::int64_t version = 0;
  std::uint64_t endpoint = 0;
  std::uint64_t association = 0;
  std::string_view body;
  std::optional<std::span<const std::byte>> raw;
};

// Of the table `snapshot`.
struct SnapshotRow {
  std::uint64_t seq = 0;
  bool required = false;
  std::int64_t version = 0;
  std::string_view state;
};

[[nodiscard]] std::uint32_t crc_of(const EventRow& row);
[[nodiscard]] std::uint32_t crc_of(const SnapshotRow& row);
// Of the table `meta` without its row `crc`.
[[nodiscard]] std::uint32_t crc_of(
    const std::map<std::string, std::string, std::less<>>& meta);

// Parameters of `kInsertEvent` and `kInsertSnapshot`, the checksum included; what the
// row borrows must last until the statement has run.
void bind(SqliteStatement& statement, const EventRow& row);
void bind(SqliteStatement& statement, const SnapshotRow& row);

// Columns in the order of the tables; nullopt when the checksum is not that of the row.
[[nodiscard]] std::optional<EventRow> event_row(
    const SqliteStatement& statement);
[[nodiscard]] std::optional<SnapshotRow> snapshot_row(
    const SqliteStatement& statement);

}  // namespace lksctp
