#include "schema.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "codec.h"
#include "row.h"

namespace lksctp {
namespace {

struct Table {
  const char* name;
  const char* statement;
};

// Part of the format, to the byte.
constexpr std::array kTables{
    Table{"meta",
          "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) "
          "STRICT, WITHOUT ROWID"},
    Table{"event",
          "CREATE TABLE event (\n"
          "  seq INTEGER PRIMARY KEY,\n"
          "  monotonic_ns INTEGER NOT NULL,\n"
          "  wall_ns INTEGER NOT NULL,\n"
          "  kind TEXT NOT NULL,\n"
          "  version INTEGER NOT NULL,\n"
          "  endpoint INTEGER NOT NULL,\n"
          "  association INTEGER NOT NULL,\n"
          "  crc INTEGER NOT NULL,\n"
          "  body TEXT NOT NULL,\n"
          "  raw BLOB) STRICT"},
    Table{"snapshot",
          "CREATE TABLE snapshot (\n"
          "  seq INTEGER PRIMARY KEY,\n"
          "  required INTEGER NOT NULL,\n"
          "  version INTEGER NOT NULL,\n"
          "  crc INTEGER NOT NULL,\n"
          "  state TEXT NOT NULL) STRICT"},
};

template <typename Integer>
std::optional<Integer> number(std::string_view text) {
  Integer value{};
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<WallTime> wall_time(std::string_view nanoseconds) {
  const auto count = number<std::int64_t>(nanoseconds);
  if (!count) return std::nullopt;
  return WallTime(std::chrono::nanoseconds(*count));
}

std::string text(WallTime time) {
  return std::to_string(time.time_since_epoch().count());
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool fits =
        dash ? text[i] == '-'
             : std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
    if (!fits) return false;
  }
  return true;
}

Error no_part(const std::string& why) {
  return Error::invalid_argument("not a part of a journal: " + why);
}

using MetaValues = std::map<std::string, std::string, std::less<>>;

Result<MetaValues> read_meta(Sqlite& database) {
  // A part has eight of them at most.
  auto select = database.prepare("SELECT name, value FROM meta LIMIT 100");
  if (!select) return tl::unexpected(select.error());
  MetaValues values;
  for (;;) {
    const auto row = select->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return values;
    values.emplace(select->text(0), select->text(1));
  }
}

// With their checksum.
Result<void> write_meta(Sqlite& database, MetaValues values) {
  values.erase("crc");
  values.emplace("crc", std::to_string(crc_of(values)));
  auto insert = database.prepare("INSERT OR REPLACE INTO meta VALUES (?1, ?2)");
  if (!insert) return tl::unexpected(insert.error());
  for (const auto& [name, value] : values) {
    insert->bind(1, std::string_view(name));
    insert->bind(2, std::string_view(value));
    const auto done = insert->step();
    if (!done) return tl::unexpected(done.error());
    insert->reset();
  }
  return {};
}

Result<void> create_tables(Sqlite& database) {
  std::string statements =
      "PRAGMA application_id = " + std::to_string(kJournalApplicationId) +
      "; PRAGMA user_version = " + std::to_string(kJournalFormatVersion) + ";";
  for (const Table& table : kTables) {
    statements += table.statement;
    statements += ';';
  }
  return database.run(statements + view_statements());
}

// Runs `work` in one transaction.
template <typename Work>
Result<void> in_transaction(Sqlite& database, Work work) {
  if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return begun;
  Result<void> done = work();
  if (done) done = database.run("COMMIT");
  if (!done) (void)database.run("ROLLBACK");
  return done;
}

Result<void> check_tables(Sqlite& database) {
  auto select = database.prepare(
      "SELECT count(*), max(type), max(sql) FROM sqlite_schema WHERE name = ?1 "
      "COLLATE NOCASE");
  if (!select) return tl::unexpected(select.error());
  for (const Table& table : kTables) {
    select->reset();
    select->bind(1, std::string_view(table.name));
    const auto row = select->step();
    if (!row) return tl::unexpected(row.error());
    if (select->integer(0) != 1 || select->text(1) != "table" ||
        select->text(2) != table.statement) {
      return tl::unexpected(
          no_part("its table '" + std::string(table.name) +
                  "' is not the one of docs/journal-format.md"));
    }
  }
  return {};
}

Result<PartMeta> part_meta(MetaValues values) {
  const auto crc = number<std::uint32_t>(values["crc"]);
  values.erase("crc");
  if (!crc || *crc != crc_of(values)) {
    return tl::unexpected(no_part("its table 'meta' is damaged"));
  }
  const auto part = number<std::uint64_t>(values["part"]);
  const auto created = wall_time(values["created_ns"]);
  PartMeta meta{.journal = values["journal"],
                .part = part.value_or(0),
                .created = created.value_or(WallTime()),
                .host = values["host"],
                .writer = values["writer"],
                .closed = wall_time(values["closed_ns"]),
                .last = number<std::uint64_t>(values["last"])};
  if (is_uuid(meta.journal) && part && created) return meta;
  return tl::unexpected(
      no_part("its table 'meta' has no 'journal', 'part' or 'created_ns'"));
}

}  // namespace

Result<void> create_part(Sqlite& database, const PartMeta& meta) {
  return in_transaction(database, [&]() -> Result<void> {
    if (auto made = create_tables(database); !made) return made;
    return write_meta(database, {{"journal", meta.journal},
                                 {"part", std::to_string(meta.part)},
                                 {"created_ns", text(meta.created)},
                                 {"host", meta.host},
                                 {"writer", meta.writer}});
  });
}

Result<void> mark_closed(Sqlite& database, WallTime closed, EventSeq last) {
  return in_transaction(database, [&]() -> Result<void> {
    auto values = read_meta(database);
    if (!values) return tl::unexpected(values.error());
    (*values)["closed_ns"] = text(closed);
    (*values)["last"] = std::to_string(last.value());
    return write_meta(database, std::move(*values));
  });
}

Result<std::optional<PartMeta>> check_part(Sqlite& database) {
  const auto id = database.integer("PRAGMA application_id");
  if (!id) return tl::unexpected(id.error());
  const auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tl::unexpected(tables.error());
  if (*id == 0 && *tables == 0) return std::nullopt;
  if (*id != kJournalApplicationId) {
    return tl::unexpected(no_part("it is another program's database"));
  }
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return tl::unexpected(version.error());
  if (*version != kJournalFormatVersion) {
    return tl::unexpected(Error::invalid_argument(
        "a part of a journal in format " + std::to_string(*version) +
        "; this version of lksctp reads format " +
        std::to_string(kJournalFormatVersion)));
  }
  if (auto checked = check_tables(database); !checked) {
    return tl::unexpected(checked.error());
  }
  auto values = read_meta(database);
  if (!values) return tl::unexpected(values.error());
  return part_meta(std::move(*values));
}

std::string part_path(const std::string& path, std::uint64_t number) {
  return path + '.' + std::to_string(number);
}

Result<std::vector<PartFile>> list_parts(const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path base(path);
  const std::string prefix = base.filename().string() + '.';
  std::error_code failure;
  fs::directory_iterator entry(
      base.has_parent_path() ? base.parent_path() : fs::path("."), failure);
  std::vector<PartFile> parts;
  for (; !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const auto part =
        number<std::uint64_t>(std::string_view(name).substr(prefix.size()));
    // "01" is not the name of any part.
    if (!part || *part == 0 || name != prefix + std::to_string(*part)) continue;
    parts.push_back({*part, part_path(path, *part)});
  }
  if (failure) {
    return tl::unexpected(Error::system(failure.value(), "open " + path));
  }
  std::sort(
      parts.begin(), parts.end(),
      [](const PartFile& a, const PartFile& b) { return a.number < b.number; });
  return parts;
}

}  // namespace lksctp
