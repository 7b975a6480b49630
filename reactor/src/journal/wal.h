// SQLite's write-ahead log as a file: what SQLite itself does not tell when it recovers
// one. Its format: https://sqlite.org/fileformat2.html#walformat.
//
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace lksctp {

// Bytes of the file that were written since its last restart and that recovery will leave
// out: those behind the last commit that is whole. 0 for what is no ordinary file, or not
// there; all of one whose header is damaged. Older contents behind them are not counted. To
// be called before SQLite opens the database.
[[nodiscard]] std::uint64_t torn_wal_bytes(const std::string& wal);

}  // namespace lksctp
