// SQLite behind values and errors of ours.
//
// Threads: one thread at a time per database, with its statements.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lksctp/reactor/error.h"

namespace lksctp {

// True for the errors of a file that is damaged, or no database: EUCLEAN.
[[nodiscard]] bool is_damage(const Error& error);

// A prepared statement; its database must outlive it. Parameters and columns are numbered
// as SQLite does: those from 1, these from 0.
class SqliteStatement {
 public:
  // Texts and blobs are borrowed until the next `reset` or the next value bound there.
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::string_view text);
  void bind(int parameter, std::span<const std::byte> blob);
  void bind_null(int parameter);

  // True when there is a row, false at the end.
  Result<bool> step();
  // For the next run; ends the transaction that reading opened. Bound values stay.
  void reset();

  // Of the row; texts and blobs are valid until the next `step` or `reset`.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Sqlite;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const {
      sqlite3_finalize(statement);
    }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

enum class SqliteAccess : std::uint8_t {
  kCreate,     // a new file, mode 0600
  kReadWrite,  // one that is there
  kRead,
  kReadImmutable,  // one that nobody changes, where no file can be made beside it
  kReadDamaged,    // one of which the end is missing: what is there of it
};

// A connection.
class Sqlite {
 public:
  // A symbolic link is not followed, and what is no ordinary file is refused. Connections
  // that only read take no part of the schema for code: no view, no trigger, and damage of
  // those is none. Errors: kSystem (ENOENT, EEXIST, ELOOP, EACCES, EUCLEAN …).
  static Result<Sqlite> open(const std::string& path, SqliteAccess access);

  // Statements without parameters, separated by `;`; rows are thrown away.
  Result<void> run(const std::string& statements);
  Result<SqliteStatement> prepare(std::string_view statement);
  // The first column of the first row; 0 without one.
  Result<std::int64_t> integer(std::string_view statement);

  // Errors of one call into SQLite as ours: EUCLEAN for damage, ENOSPC, EBUSY, the errno of
  // what failed below, or EIO.
  [[nodiscard]] Error error(const char* operation) const;

  [[nodiscard]] sqlite3* handle() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace lksctp
