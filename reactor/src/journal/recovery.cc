#include "recovery.h"

#include <string>

#include "sqlite.h"
#include "wal.h"

namespace lksctp {

std::optional<LogRecovered> recovered_from(const std::vector<PartFile>& parts) {
  if (parts.empty()) return std::nullopt;
  const std::string& file = parts.back().file;
  LogRecovered recovered{.lost_bytes = torn_wal_bytes(file + "-wal")};
  auto database = Sqlite::open(file, SqliteAccess::kRead);
  if (!database) return recovered;
  const auto meta = check_part(*database);
  if (!meta || !*meta) return recovered;
  if ((*meta)->closed) return std::nullopt;
  recovered.journal = (*meta)->journal;
  // A part without events begins with a snapshot of what is before it.
  const auto last = database->integer(
      "SELECT max(coalesce((SELECT max(seq) FROM event), 0), "
      "coalesce((SELECT max(seq) FROM snapshot), 0))");
  if (last) recovered.last = EventSeq(static_cast<std::uint64_t>(*last));
  return recovered;
}

}  // namespace lksctp
