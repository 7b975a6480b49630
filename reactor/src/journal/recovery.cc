#include "recovery.h"

#include <string>

#include "sqlite.h"
#include "wal.h"

namespace lksctp {

namespace {

// What a part tells of the journal that it is of.
struct End {
  LogRecovered recovered;
  bool closed = false;
};

End end_of(const std::string& file) {
  End end{.recovered = {.lost_bytes = torn_wal_bytes(file + "-wal")}};
  auto database = Sqlite::open(file, SqliteAccess::kRead);
  if (!database) return end;
  const auto meta = check_part(*database);
  if (!meta || !*meta) return end;
  end.closed = (*meta)->closed.has_value();
  end.recovered.journal = (*meta)->journal;
  // A part without events may begin with a snapshot of what is before it.
  const auto last = database->integer(
      "SELECT max(coalesce((SELECT max(seq) FROM event), 0), "
      "coalesce((SELECT max(seq) FROM snapshot), 0))");
  if (last) end.recovered.last = EventSeq(static_cast<std::uint64_t>(*last));
  return end;
}

}  // namespace

std::optional<LogRecovered> recovered_from(const std::vector<PartFile>& parts) {
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    const End end = end_of(part->file);
    if (!end.closed) return end.recovered;
    // One that was closed without an event has told nobody about those before it.
    if (end.recovered.last != EventSeq{}) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace lksctp
