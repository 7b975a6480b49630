#include "row.h"

#include <isa-l/crc.h>

#include <array>
#include <limits>

namespace lksctp {
namespace {

class Crc32c {
 public:
  // Each as 8 bytes, little-endian.
  template <typename... Integer>
  Crc32c& integers(Integer... values) {
    std::array<unsigned char, 8 * sizeof...(values)> bytes;
    std::size_t at = 0;
    const auto put = [&](std::uint64_t value) {
      for (int shift = 0; shift < 64; shift += 8) {
        bytes[at++] = static_cast<unsigned char>(value >> shift);
      }
    };
    (put(static_cast<std::uint64_t>(values)), ...);
    return add(bytes.data(), bytes.size());
  }

  // With its length before it.
  template <typename Bytes>
  Crc32c& counted(const Bytes& bytes) {
    integers(bytes.size());
    return add(bytes.data(), bytes.size());
  }

  [[nodiscard]] std::uint32_t value() const { return ~crc_; }

 private:
  Crc32c& add(const void* bytes, std::size_t size) {
    // It takes an int, and a pointer to what it does not change.
    constexpr std::size_t kMost = std::numeric_limits<int>::max();
    auto* at = static_cast<unsigned char*>(const_cast<void*>(bytes));
    while (size > 0) {
      const std::size_t part = size < kMost ? size : kMost;
      crc_ = crc32_iscsi(at, static_cast<int>(part), crc_);
      at += part;
      size -= part;
    }
    return *this;
  }

  std::uint32_t crc_ = ~std::uint32_t{0};
};

}  // namespace

std::uint32_t crc_of(const EventRow& row) {
  Crc32c crc;
  crc.integers(row.seq, row.monotonic_ns, row.wall_ns, row.version,
               row.endpoint, row.association)
      .counted(row.kind)
      .counted(row.body);
  if (row.raw) {
    crc.counted(*row.raw);
  } else {
    crc.integers(~std::uint64_t{0});
  }
  return crc.value();
}

std::uint32_t crc_of(const SnapshotRow& row) {
  return Crc32c()
      .integers(row.seq, row.required, row.version)
      .counted(row.state)
      .value();
}

std::uint32_t crc_of(
    const std::map<std::string, std::string, std::less<>>& meta) {
  Crc32c crc;
  for (const auto& [name, value] : meta) crc.counted(name).counted(value);
  return crc.value();
}

void bind(SqliteStatement& statement, const EventRow& row) {
  statement.bind(1, static_cast<std::int64_t>(row.seq));
  statement.bind(2, row.monotonic_ns);
  statement.bind(3, row.wall_ns);
  statement.bind(4, row.kind);
  statement.bind(5, row.version);
  statement.bind(6, static_cast<std::int64_t>(row.endpoint));
  statement.bind(7, static_cast<std::int64_t>(row.association));
  statement.bind(8, static_cast<std::int64_t>(crc_of(row)));
  statement.bind(9, row.body);
  if (row.raw) {
    statement.bind(10, *row.raw);
  } else {
    statement.bind_null(10);
  }
}

void bind(SqliteStatement& statement, const SnapshotRow& row) {
  statement.bind(1, static_cast<std::int64_t>(row.seq));
  statement.bind(2, std::int64_t{row.required});
  statement.bind(3, row.version);
  statement.bind(4, static_cast<std::int64_t>(crc_of(row)));
  statement.bind(5, row.state);
}

std::optional<EventRow> event_row(const SqliteStatement& statement) {
  EventRow row{.seq = static_cast<std::uint64_t>(statement.integer(0)),
               .monotonic_ns = statement.integer(1),
               .wall_ns = statement.integer(2),
               .kind = statement.text(3),
               .version = statement.integer(4),
               .endpoint = static_cast<std::uint64_t>(statement.integer(5)),
               .association = static_cast<std::uint64_t>(statement.integer(6)),
               .body = statement.text(8)};
  if (!statement.is_null(9)) row.raw = statement.blob(9);
  if (statement.integer(7) != std::int64_t{crc_of(row)}) return std::nullopt;
  return row;
}

std::optional<SnapshotRow> snapshot_row(const SqliteStatement& statement) {
  const SnapshotRow row{.seq = static_cast<std::uint64_t>(statement.integer(0)),
                        .required = statement.integer(1) != 0,
                        .version = statement.integer(2),
                        .state = statement.text(4)};
  if (statement.integer(3) != std::int64_t{crc_of(row)}) return std::nullopt;
  return row;
}

}  // namespace lksctp
