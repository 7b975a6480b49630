#include "part_reader.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "codec.h"
#include "lksctp/reactor/event_json.h"

namespace lksctp {
namespace {

constexpr auto kMostSeq =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// The event of a row; an error when its body is no such body.
Result<JournalEntry> entry_of(const EventRow& row, const std::string& journal) {
  JournalEntry entry;
  entry.journal = journal;
  Event& event = entry.event;
  event.seq = EventSeq(row.seq);
  event.monotonic = MonotonicTime(std::chrono::nanoseconds(row.monotonic_ns));
  event.wall = WallTime(std::chrono::nanoseconds(row.wall_ns));
  event.endpoint = EndpointId(row.endpoint);
  event.association = AssociationId(row.association);
  if (row.raw) event.raw.assign(row.raw->begin(), row.raw->end());
  if (row.version > kEventJsonVersion || !event_kind_from_name(row.kind)) {
    const auto version = static_cast<int>(
        std::min<std::int64_t>(row.version, std::numeric_limits<int>::max()));
    entry.unknown.emplace(
        UnknownEvent{std::string(row.kind), version, std::string(row.body)});
    return entry;
  }
  auto body = read_body(row.kind, static_cast<int>(row.version), row.body);
  if (!body) return tl::unexpected(body.error());
  event.body = std::move(body->body);
  entry.user_data_size = body->user_data_size;
  return entry;
}

bool exists(const std::string& file) {
  return ::access(file.c_str(), F_OK) == 0;
}

bool is_writable_directory_of(const std::string& file) {
  const std::filesystem::path directory =
      std::filesystem::path(file).parent_path();
  return ::access(directory.empty() ? "." : directory.c_str(), W_OK) == 0;
}

Error cannot_open(const std::string& file, Error error) {
  // What is not there is the file of SQLite's beside it, which it may not make.
  if (error.errno_value == ENOENT && exists(file)) error.errno_value = EACCES;
  if (error.errno_value == EACCES || error.errno_value == EROFS) {
    error.message +=
        "; SQLite reads the journal's write-ahead log only where it may write "
        "beside it: copy the part with its -wal to a directory of yours, or "
        "run as who writes the journal";
  }
  error.operation = "open " + file;
  return error;
}

struct Opened {
  Sqlite database;
  std::optional<PartMeta> meta;
};

Result<Opened> open_as(const std::string& file, SqliteAccess access) {
  auto database = Sqlite::open(file, access);
  if (!database) return tl::unexpected(database.error());
  auto meta = check_part(*database);
  if (!meta) return tl::unexpected(meta.error());
  return Opened{std::move(*database), std::move(*meta)};
}

}  // namespace

bool PartReader::is_unreadable(const Error& error) {
  return is_damage(error) || error.code == ErrorCode::kInvalidArgument ||
         error.errno_value == EINVAL || error.errno_value == ELOOP ||
         error.errno_value == EFBIG;
}

Result<std::optional<PartReader>> PartReader::open(const std::string& file) {
  auto opened = open_as(file, SqliteAccess::kRead);
  // In the mode WAL SQLite wants a file beside it even to read. Where none can be made, and
  // no log is there, nobody writes.
  if (!opened && !is_unreadable(opened.error()) && exists(file) &&
      !exists(file + "-wal") && !is_writable_directory_of(file)) {
    opened = open_as(file, SqliteAccess::kReadImmutable);
  }
  std::string damage;
  if (!opened && is_damage(opened.error())) {
    damage = opened.error().message;
    if (auto rest = open_as(file, SqliteAccess::kReadDamaged); rest) {
      opened = std::move(rest);
    }
  }
  if (!opened) {
    return tl::unexpected(is_unreadable(opened.error())
                              ? opened.error()
                              : cannot_open(file, opened.error()));
  }
  if (!opened->meta) return std::nullopt;
  PartReader reader;
  reader.damage_ = std::move(damage);
  reader.file_ = file;
  reader.meta_ = std::move(*opened->meta);
  reader.database_ = std::move(opened->database);
  auto select = reader.database_.prepare(kSelectEvents);
  if (!select) return tl::unexpected(select.error());
  reader.select_ = std::move(*select);
  return reader;
}

Result<PartBatch> PartReader::read(std::uint64_t after, std::size_t limit) {
  PartBatch batch;
  std::uint64_t at = after;
  std::uint64_t lost_to = after;
  for (;;) {
    const auto walked = walk(at, lost_to, limit, batch);
    select_.reset();
    if (walked) {
      batch.end = *walked;
      batch.damaged_to = lost_to;
      return batch;
    }
    if (!is_damage(walked.error())) return tl::unexpected(walked.error());
    batch.damage = walked.error().message;
    lost_to = std::max(lost_to, at + 1);
    const auto next = skip(at);
    if (!next) return tl::unexpected(next.error());
    if (!*next) {
      batch.end = true;
      batch.damaged_to = lost_to;
      return batch;
    }
    at = **next;
  }
}

Result<bool> PartReader::walk(std::uint64_t& at, std::uint64_t& lost_to,
                              std::size_t limit, PartBatch& batch) {
  select_.reset();
  select_.bind(1, static_cast<std::int64_t>(at));
  while (batch.items.size() < limit) {
    const auto stepped = select_.step();
    if (!stepped) return tl::unexpected(stepped.error());
    if (!*stepped) return true;
    const auto row = event_row(select_);
    if (!row) {
      // Its number is not to be trusted either.
      batch.damage = "the checksum of a row is wrong";
      ++lost_to;
      continue;
    }
    if (row->seq <= at || row->seq > kMostSeq) {
      return tl::unexpected(
          Error::make(ErrorCode::kSystem, "rows are out of order", EUCLEAN));
    }
    at = row->seq;
    lost_to = row->seq;
    auto entry = entry_of(*row, meta_.journal);
    if (!entry) {
      batch.damage = entry.error().message;
      continue;
    }
    batch.items.push_back({std::move(*entry), std::exchange(batch.damage, {})});
  }
  return false;
}

Result<bool> PartReader::readable_behind(std::uint64_t at) {
  select_.reset();
  select_.bind(1, static_cast<std::int64_t>(at));
  Result<bool> readable = true;
  for (;;) {
    const auto stepped = select_.step();
    if (!stepped) {
      readable = false;
      if (!is_damage(stepped.error())) {
        readable = tl::unexpected(stepped.error());
      }
      break;
    }
    if (!*stepped) break;
    const auto row = event_row(select_);
    if (!row) continue;
    readable = row->seq > at && row->seq <= kMostSeq;
    break;
  }
  select_.reset();
  return readable;
}

Result<std::optional<std::uint64_t>> PartReader::skip(std::uint64_t at) {
  // Pages hold neighbours: by growing steps out of the damage, and back to its end.
  std::uint64_t bad = at;
  std::uint64_t good = at;
  for (std::uint64_t step = 1;; step *= 2) {
    if (step > kMostSeq - at) return std::nullopt;
    good = at + step;
    const auto readable = readable_behind(good);
    if (!readable) return tl::unexpected(readable.error());
    if (*readable) break;
    bad = good;
  }
  while (good - bad > 1) {
    const std::uint64_t middle = bad + (good - bad) / 2;
    const auto readable = readable_behind(middle);
    if (!readable) return tl::unexpected(readable.error());
    (*readable ? good : bad) = middle;
  }
  return good;
}

Result<std::uint64_t> PartReader::number(const char* statement,
                                         std::int64_t parameter) {
  auto select = database_.prepare(statement);
  if (!select) return tl::unexpected(select.error());
  select->bind(1, parameter);
  const auto row = select->step();
  if (!row) return tl::unexpected(row.error());
  const std::int64_t value = *row ? select->integer(0) : 0;
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

Result<std::uint64_t> PartReader::base() {
  return number(
      "SELECT min(seq) FROM snapshot WHERE required <> 0 AND seq < "
      "coalesce((SELECT min(seq) FROM event WHERE seq > 0), ?1)",
      std::numeric_limits<std::int64_t>::max());
}

Result<std::uint64_t> PartReader::first_event() {
  return number("SELECT min(seq) FROM event WHERE seq > ?1", 0);
}

Result<std::uint64_t> PartReader::last_event() {
  return number("SELECT max(seq) FROM event WHERE seq > ?1", 0);
}

Result<std::uint64_t> PartReader::last_event_until(WallTime time) {
  return number(
      "SELECT seq FROM event WHERE wall_ns <= ?1 ORDER BY seq DESC LIMIT 1",
      time.time_since_epoch().count());
}

Result<std::optional<PartReader::Snapshot>> PartReader::newest_snapshot(
    std::uint64_t seq, std::vector<JournalDamage>& damage) {
  return snapshot(
      "SELECT seq, required, version, crc, state FROM snapshot WHERE seq <= ?1 "
      "AND seq >= 0 ORDER BY seq DESC",
      static_cast<std::int64_t>(std::min(seq, kMostSeq)), damage);
}

Result<std::optional<PartReader::Snapshot>> PartReader::next_snapshot(
    std::int64_t seq, std::vector<JournalDamage>& damage) {
  return snapshot(
      "SELECT seq, required, version, crc, state FROM snapshot WHERE seq > ?1 "
      "ORDER BY seq",
      seq, damage);
}

Result<std::optional<PartReader::Snapshot>> PartReader::snapshot(
    const char* statement, std::int64_t seq,
    std::vector<JournalDamage>& damage) {
  auto select = database_.prepare(statement);
  if (!select) return tl::unexpected(select.error());
  select->bind(1, seq);
  for (;;) {
    const auto stepped = select->step();
    if (!stepped && is_damage(stepped.error())) {
      damage.push_back(
          {file_, {}, {}, "snapshots: " + stepped.error().message});
      return std::nullopt;
    }
    if (!stepped) return tl::unexpected(stepped.error());
    if (!*stepped) return std::nullopt;
    const auto row = snapshot_row(*select);
    const EventSeq place(static_cast<std::uint64_t>(select->integer(0)));
    if (!row) {
      damage.push_back(
          {file_, place, place, "the checksum of a snapshot is wrong"});
      continue;
    }
    // One of a later version of this library is none of ours, and no damage.
    if (row->version > kEventJsonVersion) continue;
    auto table = read_state(static_cast<int>(row->version), row->state);
    if (table && table->seq() == place) {
      return Snapshot{row->seq, row->required, std::move(*table)};
    }
    damage.push_back({file_, place, place,
                      "a snapshot cannot be read: " +
                          (table ? std::string("it is of another event")
                                 : table.error().message)});
  }
}

}  // namespace lksctp
