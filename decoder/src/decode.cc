#include "lksctp/decoder/decode.h"

#include <algorithm>
#include <array>
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
  const NotificationRow* row = nullptr;
  std::size_t required_size = 0;
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
          Entry{&table::kRows[kRow], Reader::kRequiredSize,
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

  static const Entry* find(std::uint16_t type) {
    const std::size_t index = std::size_t{type} - kRange.first;
    if (index >= kEntries.size() || kEntries[index].row == nullptr) {
      return nullptr;
    }
    return &kEntries[index];
  }
};

tl::unexpected<DecodeError> failure(DecodeErrorCode code, std::uint16_t type,
                                    const Entry* entry,
                                    const char* field = "") {
  return tl::unexpected(
      DecodeError{code, type, entry == nullptr ? "" : entry->row->name, field});
}

constexpr std::size_t kLengthOffset = 4;

}  // namespace

Result decode(std::span<const std::byte> bytes, Abi abi,
              const StreamCounts* known) {
  if (bytes.size() < kNotificationHeaderSize) {
    return failure(DecodeErrorCode::kHeaderTruncated, 0, nullptr);
  }
  const auto type = load_host<std::uint16_t>(bytes.data());
  const auto length = load_host<std::uint32_t>(bytes.data() + kLengthOffset);
  const Entry* entry = abi == Abi::kLinux ? Dispatch<Abi::kLinux>::find(type)
                                          : Dispatch<Abi::kUsrsctp>::find(type);
  if (length < kNotificationHeaderSize) {
    return failure(DecodeErrorCode::kLengthTooSmall, type, entry);
  }
  if (length > bytes.size()) {
    return failure(DecodeErrorCode::kLengthBeyondBytes, type, entry);
  }
  const auto record = bytes.first(length);
  if (entry == nullptr) {
    return UnknownNotification{type, Bytes(record.begin(), record.end())};
  }
  if (length < entry->required_size) {
    return failure(DecodeErrorCode::kFieldTruncated, type, entry,
                   entry->missing_field(length));
  }
  return entry->decode(record, known);
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
