#include "sqlite.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

namespace lksctp {
namespace {

// Of one value, and so of a row: what a state of a hundred thousand associations needs.
constexpr int kMaxLength = 256 * 1024 * 1024;
constexpr int kMaxStatementLength = 1024 * 1024;
constexpr int kBusyMilliseconds = 2000;

int errno_of(sqlite3* database, int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return EUCLEAN;
    case SQLITE_FULL:
      return ENOSPC;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return EBUSY;
    case SQLITE_READONLY:
      return EROFS;
    case SQLITE_NOMEM:
      return ENOMEM;
    case SQLITE_TOOBIG:
      return EFBIG;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return EACCES;
    default:
      break;
  }
  const int below = database != nullptr ? sqlite3_system_errno(database) : 0;
  return below != 0 ? below : EIO;
}

Error error_of(sqlite3* database, int code, const char* operation) {
  Error error = Error::make(
      ErrorCode::kSystem,
      database != nullptr && sqlite3_extended_errcode(database) == code
          ? sqlite3_errmsg(database)
          : sqlite3_errstr(code),
      errno_of(database, code));
  error.operation = operation;
  return error;
}

// The path with the links of its directories followed, its last name as it is: SQLite
// refuses a link anywhere in it.
Result<std::string> without_links(const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path given(path);
  std::error_code failure;
  const fs::path directory = fs::canonical(
      given.has_parent_path() ? given.parent_path() : fs::path("."), failure);
  if (failure) {
    return tl::unexpected(Error::system(failure.value(), "open " + path));
  }
  return (directory / given.filename()).string();
}

Result<void> make_file(const std::string& path) {
  const int file = ::open(
      path.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_RDWR, 0600);
  if (file < 0) return tl::unexpected(Error::system(errno, "open " + path));
  ::close(file);
  return {};
}

// Opening a FIFO to read would wait for who writes it.
Result<void> check_file(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return tl::unexpected(Error::system(errno, "open " + path));
  }
  if (S_ISREG(status.st_mode)) return {};
  return tl::unexpected(Error::system(S_ISLNK(status.st_mode) ? ELOOP : EINVAL,
                                      "open " + path, {},
                                      "it must be an ordinary file"));
}

std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    switch (c) {
      case '%':
        uri += "%25";
        break;
      case '?':
        uri += "%3f";
        break;
      case '#':
        uri += "%23";
        break;
      default:
        uri += c;
    }
  }
  return uri + "?immutable=1";
}

void set_limits(sqlite3* database) {
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kMaxLength);
  sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, kMaxStatementLength);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_busy_timeout(database, kBusyMilliseconds);
}

// The file may be hostile.
Result<void> distrust(Sqlite& database, bool damaged) {
  // With it what does not parse of the schema is left out, and not the whole of it; and,
  // where it is not DEFENSIVE too, pages that the file should have and has not. It lets
  // nothing be written: the connection only reads.
  if (auto set = database.run("PRAGMA writable_schema = ON"); !set) return set;
  sqlite3* const handle = database.handle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, damaged ? 0 : 1,
                    nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  return database.run("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
}

}  // namespace

bool is_damage(const Error& error) {
  return error.code == ErrorCode::kSystem && error.errno_value == EUCLEAN;
}

void SqliteStatement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void SqliteStatement::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL.
  sqlite3_bind_text64(statement_.get(), parameter,
                      text.data() != nullptr ? text.data() : "", text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteStatement::bind(int parameter, std::span<const std::byte> blob) {
  sqlite3_bind_blob64(
      statement_.get(), parameter,
      blob.data() != nullptr ? static_cast<const void*>(blob.data()) : "",
      blob.size(), SQLITE_STATIC);
}

void SqliteStatement::bind_null(int parameter) {
  sqlite3_bind_null(statement_.get(), parameter);
}

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* const database = sqlite3_db_handle(statement_.get());
  return tl::unexpected(
      error_of(database, sqlite3_extended_errcode(database), "sqlite3_step"));
}

void SqliteStatement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(
      sqlite3_column_text(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(
                     sqlite3_column_bytes(statement_.get(), column))};
}

std::span<const std::byte> SqliteStatement::blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(
      sqlite3_column_blob(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(
                     sqlite3_column_bytes(statement_.get(), column))};
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Result<Sqlite> Sqlite::open(const std::string& path, SqliteAccess access) {
  const auto file = without_links(path);
  if (!file) return tl::unexpected(file.error());
  if (access == SqliteAccess::kCreate) {
    if (auto made = make_file(*file); !made) {
      return tl::unexpected(made.error());
    }
  }
  if (auto checked = check_file(*file); !checked) {
    return tl::unexpected(checked.error());
  }
  const bool reads =
      access == SqliteAccess::kRead || access == SqliteAccess::kReadImmutable;
  const bool immutable = access == SqliteAccess::kReadImmutable;
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(
      (immutable ? immutable_uri(*file) : *file).c_str(), &opened,
      (reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
          (immutable ? SQLITE_OPEN_URI : 0) | SQLITE_OPEN_NOFOLLOW |
          SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  Sqlite database;
  database.database_.reset(opened);
  if (code != SQLITE_OK) {
    Error error = error_of(opened, code, "open");
    error.operation += ' ' + path;
    return tl::unexpected(std::move(error));
  }
  set_limits(opened);
  if (reads) {
    if (auto set = distrust(database, access == SqliteAccess::kReadDamaged);
        !set) {
      return tl::unexpected(set.error());
    }
  }
  return database;
}

Result<void> Sqlite::run(const std::string& statements) {
  const int code = sqlite3_exec(database_.get(), statements.c_str(), nullptr,
                                nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return tl::unexpected(error_of(database_.get(), code, "sqlite3_exec"));
}

Result<SqliteStatement> Sqlite::prepare(std::string_view statement) {
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v3(
      database_.get(), statement.data(), static_cast<int>(statement.size()),
      SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (code != SQLITE_OK) {
    return tl::unexpected(error_of(database_.get(), code, "sqlite3_prepare"));
  }
  SqliteStatement result;
  result.statement_.reset(prepared);
  return result;
}

Result<std::int64_t> Sqlite::integer(std::string_view statement) {
  auto prepared = prepare(statement);
  if (!prepared) return tl::unexpected(prepared.error());
  const auto row = prepared->step();
  if (!row) return tl::unexpected(row.error());
  return *row ? prepared->integer(0) : 0;
}

Error Sqlite::error(const char* operation) const {
  return error_of(database_.get(), sqlite3_extended_errcode(database_.get()),
                  operation);
}

}  // namespace lksctp
