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

Result<void> insert_meta(Sqlite& database, std::string_view name,
                         const std::string& value) {
  auto insert = database.prepare("INSERT INTO meta VALUES (?1, ?2)");
  if (!insert) return tl::unexpected(insert.error());
  insert->bind(1, name);
  insert->bind(2, value);
  if (const auto done = insert->step(); !done) {
    return tl::unexpected(done.error());
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

Result<void> fill_part(Sqlite& database, const PartMeta& meta) {
  if (auto made = create_tables(database); !made) return made;
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string>("journal", meta.journal),
        {"part", std::to_string(meta.part)},
        {"created_ns", text(meta.created)},
        {"host", meta.host},
        {"writer", meta.writer}}) {
    if (auto done = insert_meta(database, name, value); !done) return done;
  }
  return {};
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

}  // namespace

Result<void> create_part(Sqlite& database, const PartMeta& meta) {
  if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return begun;
  auto filled = fill_part(database, meta);
  if (filled) filled = database.run("COMMIT");
  if (!filled) (void)database.run("ROLLBACK");
  return filled;
}

Result<void> mark_closed(Sqlite& database, WallTime closed) {
  return insert_meta(database, "closed_ns", text(closed));
}

Result<PartMeta> check_part(Sqlite& database) {
  const auto id = database.integer("PRAGMA application_id");
  if (!id) return tl::unexpected(id.error());
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
  auto select = database.prepare("SELECT name, value FROM meta LIMIT 100");
  if (!select) return tl::unexpected(select.error());
  std::map<std::string, std::string, std::less<>> values;
  for (;;) {
    const auto row = select->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    values.emplace(select->text(0), select->text(1));
  }
  PartMeta meta{.journal = values["journal"],
                .host = values["host"],
                .writer = values["writer"]};
  const auto part = number<std::uint64_t>(values["part"]);
  const auto created = wall_time(values["created_ns"]);
  if (!is_uuid(meta.journal) || !part || !created) {
    return tl::unexpected(
        no_part("'journal', 'part' or 'created_ns' is missing in its table "
                "'meta', or no id or number"));
  }
  meta.part = *part;
  meta.created = *created;
  if (const auto closed = values.find("closed_ns"); closed != values.end()) {
    meta.closed = wall_time(closed->second);
  }
  return meta;
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
