#include "lksctp/decoder/decode.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "field_reader.h"
#include "lksctp/decoder/table.h"
#include "normalise.h"
#include "rows.h"

namespace lksctp {
namespace {

using Result = tl::expected<Notification, DecodeError>;
using Decoder = Result (*)(std::span<const std::byte>, const StreamCounts*);

template <std::size_t kRow>
struct RowFields {
  static constexpr std::span<const FieldDescriptor> kFields =
      table::kRows[kRow].fields;
};

// REQUIRES: `record` is exactly as long as it declares.
template <std::size_t kRow, Abi kAbi>
Result decode_row(std::span<const std::byte> record,
                  const StreamCounts* known) {
  using Value =
      std::variant_alternative_t<table::kRows[kRow].alternative, Notification>;
  constexpr const NotificationRow& row = table::kRows[kRow];
  Result result{tl::in_place, std::in_place_type<Value>};
  Value& value = *std::get_if<Value>(&*result);
  FieldReader<RowFields<kRow>, kAbi>::read(record, &value);
  normalise<kAbi>(value,
                  RecordContext{row,
                                record.subspan(std::min<std::size_t>(
                                    row.fixed_size(kAbi), record.size())),
                                known});
  return result;
}

// How to decode one type number of one ABI.
struct Entry {
  const NotificationRow* row = nullptr;  // null: the table has no such type
  // What a record needs to be decoded; no record suffices without a row.
  std::size_t required_size = std::numeric_limits<std::size_t>::max();
  Decoder decode = nullptr;
  const char* (*missing_field)(std::size_t) = nullptr;
};

// Entries by type number less the ABI's smallest.
template <Abi kAbi>
struct Dispatch {
  static constexpr std::pair<std::uint16_t, std::uint16_t> kRange = [] {
    std::uint16_t low = 0xffff;
    std::uint16_t high = 0;
    for (const NotificationRow& row : table::kRows) {
      if (row.type(kAbi) == 0) continue;
      low = std::min(low, row.type(kAbi));
      high = std::max(high, row.type(kAbi));
    }
    return std::pair(low, high);
  }();

  using Entries = std::array<Entry, kRange.second - kRange.first + 1>;

  template <std::size_t kRow>
  static constexpr void add(Entries& entries) {
    if constexpr (table::kRows[kRow].type(kAbi) != 0) {
      using Reader = FieldReader<RowFields<kRow>, kAbi>;
      entries[table::kRows[kRow].type(kAbi) - kRange.first] =
          Entry{&table::kRows[kRow],
                std::max(Reader::kRequiredSize, kNotificationHeaderSize),
                &decode_row<kRow, kAbi>, &Reader::missing_field};
    }
  }

  static constexpr Entries kEntries =
      []<std::size_t... kRow>(std::index_sequence<kRow...>) {
    Entries entries{};
    (add<kRow>(entries), ...);
    return entries;
  }
  (std::make_index_sequence<table::kRows.size()>{});

  static const Entry& find(std::uint16_t type) {
    static constexpr Entry kNone;
    const std::size_t index = std::size_t{type} - kRange.first;
    return index < kEntries.size() ? kEntries[index] : kNone;
  }
};

const Entry& entry_of(std::uint16_t type, Abi abi) {
  return abi == Abi::kLinux ? Dispatch<Abi::kLinux>::find(type)
                            : Dispatch<Abi::kUsrsctp>::find(type);
}

constexpr std::size_t kLengthOffset = 4;

// What `decode` gives for bytes that no row decodes: an unknown type, or the
// reason why not. Apart from it, to keep the path of good records short.
[[gnu::noinline]] Result decode_rest(std::span<const std::byte> bytes,
                                     Abi abi) {
  DecodeError error;
  if (bytes.size() < kNotificationHeaderSize) {
    error.code = DecodeErrorCode::kHeaderTruncated;
    return tl::unexpected(error);
  }
  error.type = load_host<std::uint16_t>(bytes.data());
  const auto length = load_host<std::uint32_t>(bytes.data() + kLengthOffset);
  const Entry& entry = entry_of(error.type, abi);
  if (entry.row != nullptr) error.row = entry.row->name;
  if (length < kNotificationHeaderSize) {
    error.code = DecodeErrorCode::kLengthTooSmall;
  } else if (length > bytes.size()) {
    error.code = DecodeErrorCode::kLengthBeyondBytes;
  } else if (entry.row != nullptr) {
    error.code = DecodeErrorCode::kFieldTruncated;
    error.field = entry.missing_field(length);
  } else {
    const auto record = bytes.first(length);
    return UnknownNotification{error.type, Bytes(record.begin(), record.end())};
  }
  return tl::unexpected(error);
}

}  // namespace

Result decode(std::span<const std::byte> bytes, Abi abi,
              const StreamCounts* known) {
  if (bytes.size() >= kNotificationHeaderSize) {
    const auto type = load_host<std::uint16_t>(bytes.data());
    const auto length = load_host<std::uint32_t>(bytes.data() + kLengthOffset);
    const Entry& entry = entry_of(type, abi);
    if (length >= entry.required_size && length <= bytes.size()) {
      return entry.decode(bytes.first(length), known);
    }
  }
  return decode_rest(bytes, abi);
}

tl::expected<void, DecodeError> decode_all(std::span<const std::byte> bytes,
                                           Abi abi,
                                           std::vector<Notification>& out,
                                           const StreamCounts* known) {
  auto first = decode(bytes, abi, known);
  if (!first) return tl::unexpected(first.error());
  out.push_back(*std::move(first));
  const auto* error = std::get_if<RemoteError>(&out.back());
  if (error == nullptr || abi == Abi::kLinux) return {};
  // usrsctp hands over the ERROR chunk whole; Linux reports cause by cause.
  const auto association = error->association;
  const auto length = load_host<std::uint32_t>(bytes.data() + kLengthOffset);
  const auto tail =
      bytes.first(length).subspan(row_of(out.back())->fixed_size(abi));
  auto causes = parse_error_causes(chunk_value(tail, kErrorChunk));
  for (std::size_t i = 1; i < causes.size(); ++i) {
    const CauseCode code = causes[i].code;
    out.emplace_back(RemoteError{code, association, std::move(causes[i])});
  }
  return {};
}

std::string to_string(const DecodeError& error) {
  std::string out = error.row;
  if (out.empty()) out = "notification of type " + std::to_string(error.type);
  out += ": ";
  if (error.code == DecodeErrorCode::kHeaderTruncated) {
    return "notification: shorter than its header";
  }
  if (error.code == DecodeErrorCode::kLengthTooSmall) {
    return out + "declared length does not cover the header";
  }
  if (error.code == DecodeErrorCode::kLengthBeyondBytes) {
    return out + "declared length is larger than what was received";
  }
  return out + "record ends before " + error.field;
}

}  // namespace lksctp
