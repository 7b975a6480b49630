#include "part_writer.h"

#include <cerrno>
#include <utility>

namespace lksctp {
namespace {

// Of the WAL. A checkpoint is dearer than a commit, and the larger the WAL the more pages
// are written once instead of many times.
constexpr int kCheckpointPages = 1024;
// What a reader has made it grow to is given back down to here.
constexpr const char* kWalLimit = "PRAGMA journal_size_limit = 16777216;";

Result<void> fill(const JournalFiles& files, const PartMeta& meta,
                  const std::optional<SnapshotRow>& snapshot) {
  auto database = Sqlite::open(files.unfinished(), SqliteAccess::kCreate);
  if (!database) return tl::unexpected(database.error());
  if (auto set =
          database->run("PRAGMA page_size = 4096; PRAGMA synchronous = FULL;");
      !set) {
    return set;
  }
  if (auto made = create_part(*database, meta); !made) return made;
  if (snapshot) {
    auto insert = database->prepare(kInsertSnapshot);
    if (!insert) return tl::unexpected(insert.error());
    bind(*insert, *snapshot);
    if (auto done = insert->step(); !done) return tl::unexpected(done.error());
  }
  return database->run("PRAGMA journal_mode = WAL");
}

Result<std::string> journal_mode(Sqlite& database) {
  auto select = database.prepare("PRAGMA journal_mode");
  if (!select) return tl::unexpected(select.error());
  if (auto row = select->step(); !row) return tl::unexpected(row.error());
  return std::string(select->text(0));
}

template <typename Row>
Result<void> run(SqliteStatement& statement, const Row& row) {
  bind(statement, row);
  const auto done = statement.step();
  statement.reset();
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace

Result<PartWriter> PartWriter::create(
    const JournalFiles& files, const PartMeta& meta, JournalMode mode,
    const std::optional<SnapshotRow>& snapshot) {
  files.discard_unfinished();
  auto made = fill(files, meta, snapshot);
  if (made) made = files.publish(meta.part);
  if (!made) {
    files.discard_unfinished();
    return tl::unexpected(made.error());
  }
  PartWriter part;
  part.file_ = files.part(meta.part);
  part.meta_ = meta;
  if (auto opened = part.open(mode); !opened) {
    return tl::unexpected(opened.error());
  }
  return part;
}

Result<void> PartWriter::open(JournalMode mode) {
  auto database = Sqlite::open(file_, SqliteAccess::kReadWrite);
  if (!database) return tl::unexpected(database.error());
  database_ = std::move(*database);
  identity_ = identity_of(file_);
  sqlite3* const handle = database_.handle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Checkpoints are ours: behind the commit that has been told, and with their errors.
  if (auto set = database_.run(
          std::string("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
                      "PRAGMA wal_autocheckpoint = 0;") +
          kWalLimit +
          (mode == JournalMode::kDurable ? "PRAGMA synchronous = FULL"
                                         : "PRAGMA synchronous = NORMAL"));
      !set) {
    return set;
  }
  wal_pages_ = std::make_unique<int>(0);
  sqlite3_wal_hook(
      handle,
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      wal_pages_.get());
  const auto written_in = journal_mode(database_);
  if (!written_in) return tl::unexpected(written_in.error());
  if (*written_in != "wal") {
    return tl::unexpected(Error::system(
        ENOTSUP, "open " + file_, {},
        "the file system has no shared memory for SQLite's WAL: give the "
        "journal a path on a local disk"));
  }
  auto event = database_.prepare(kInsertEvent);
  if (!event) return tl::unexpected(event.error());
  insert_event_ = std::move(*event);
  auto snapshot = database_.prepare(kInsertSnapshot);
  if (!snapshot) return tl::unexpected(snapshot.error());
  insert_snapshot_ = std::move(*snapshot);
  return {};
}

Result<void> PartWriter::add(const EventRow& row) {
  return run(insert_event_, row);
}

Result<void> PartWriter::add(const SnapshotRow& row) {
  return run(insert_snapshot_, row);
}

void PartWriter::roll_back() {
  // SQLite has done it itself after some errors.
  if (sqlite3_get_autocommit(database_.handle()) == 0) {
    static_cast<void>(database_.run("ROLLBACK"));
  }
}

Result<EventSeq> PartWriter::last() {
  return database_.integer("SELECT max(seq) FROM event")
      .map([](std::int64_t seq) {
        return EventSeq(static_cast<std::uint64_t>(seq));
      });
}

bool PartWriter::wants_checkpoint() const {
  return *wal_pages_ >= kCheckpointPages;
}

Result<void> PartWriter::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(
      database_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return tl::unexpected(database_.error("checkpoint"));
}

Result<void> PartWriter::close(WallTime now) {
  const auto last = this->last();
  if (!last) return tl::unexpected(last.error());
  if (auto marked = mark_closed(database_, now, *last); !marked) return marked;
  insert_event_ = {};
  insert_snapshot_ = {};
  // Does not wait for readers.
  sqlite3_busy_timeout(database_.handle(), 0);
  // Not `DELETE`, which is the same to the file: the one page that changes, within its first
  // sector, needs no journal, and one that a crash left would keep readers out.
  static_cast<void>(database_.run("PRAGMA journal_mode = MEMORY"));
  database_ = {};
  return {};
}

void PartWriter::abandon() {
  sqlite3_db_config(database_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                    nullptr);
  insert_event_ = {};
  insert_snapshot_ = {};
  database_ = {};
}

}  // namespace lksctp
