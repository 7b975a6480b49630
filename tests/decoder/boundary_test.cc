// Boundaries generated from the rows: each type at each length around its
// header and fixed part, with declared lengths that lie, and every sample cut
// anywhere.

#include <gtest/gtest.h>

#include <cstring>

#include "lksctp/decoder/decode.h"
#include "lksctp/decoder/field_tree.h"
#include "lksctp/decoder/interpret.h"
#include "lksctp/decoder/table.h"
#include "sample.h"

namespace lksctp {
namespace {

struct RowAbi {
  const NotificationRow* row;
  Abi abi;
};

std::vector<RowAbi> all_rows() {
  std::vector<RowAbi> rows;
  for (const NotificationRow& row : notification_rows()) {
    for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
      if (row.type(abi) != 0) rows.push_back({&row, abi});
    }
  }
  return rows;
}

// A record of `size` bytes of 0xff with a true type and `declared` as its
// length.
Bytes record(const RowAbi& row, std::size_t size, std::uint32_t declared) {
  Bytes bytes(size, std::byte{0xff});
  const std::uint16_t type = row.row->type(row.abi);
  if (size >= 2) std::memcpy(bytes.data(), &type, sizeof type);
  if (size >= 8) std::memcpy(bytes.data() + 4, &declared, sizeof declared);
  return bytes;
}

Bytes record(const RowAbi& row, std::size_t size) {
  return record(row, size, static_cast<std::uint32_t>(size));
}

// Where the last field that must be there ends.
std::size_t required_size(const RowAbi& row) {
  std::size_t size = kNotificationHeaderSize;
  for (const FieldDescriptor& field : row.row->fields) {
    if (field.required()) size = std::max(size, field.slot(row.abi).end());
  }
  return size;
}

// Everything that reads a value must bear what decoding gave.
void use(const Notification& notification) {
  EXPECT_FALSE(interpret(notification).empty());
  EXPECT_FALSE(to_json(field_tree(notification)).empty());
}

class Boundary : public testing::TestWithParam<RowAbi> {};

TEST_P(Boundary, NoRecordIsShorterThanItsHeader) {
  for (std::size_t size = 0; size < kNotificationHeaderSize; ++size) {
    const auto result = decode(record(GetParam(), size), GetParam().abi);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, DecodeErrorCode::kHeaderTruncated);
  }
}

TEST_P(Boundary, ShortRecordNamesTheRowAndAFieldBehindItsEnd) {
  const RowAbi& row = GetParam();
  for (std::size_t size = kNotificationHeaderSize; size < required_size(row);
       ++size) {
    const auto result = decode(record(row, size), row.abi);
    ASSERT_FALSE(result.has_value()) << size;
    EXPECT_EQ(result.error().code, DecodeErrorCode::kFieldTruncated);
    EXPECT_STREQ(result.error().row, row.row->name);
    bool found = false;
    for (const FieldDescriptor& field : row.row->fields) {
      if (std::string_view(field.name) != result.error().field) continue;
      EXPECT_GT(field.slot(row.abi).end(), size);
      found = true;
    }
    EXPECT_TRUE(found) << result.error().field;
  }
}

TEST_P(Boundary, RecordsFromTheRequiredSizeOnDecode) {
  const RowAbi& row = GetParam();
  const std::size_t fixed = row.row->fixed_size(row.abi);
  for (std::size_t size = required_size(row); size < fixed + 70; ++size) {
    const auto result = decode(record(row, size), row.abi);
    ASSERT_TRUE(result.has_value()) << size;
    EXPECT_EQ(row_of(*result), row.row);
    use(*result);
  }
}

TEST_P(Boundary, DeclaredLengthBelowTheHeaderIsAnError) {
  const RowAbi& row = GetParam();
  const std::size_t fixed = row.row->fixed_size(row.abi);
  for (std::uint32_t declared = 0; declared < kNotificationHeaderSize;
       ++declared) {
    const auto result = decode(record(row, fixed, declared), row.abi);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, DecodeErrorCode::kLengthTooSmall);
    EXPECT_STREQ(result.error().row, row.row->name);
  }
}

TEST_P(Boundary, DeclaredLengthBeyondTheBytesIsAnError) {
  const RowAbi& row = GetParam();
  const std::size_t fixed = row.row->fixed_size(row.abi);
  for (std::uint32_t declared :
       {static_cast<std::uint32_t>(fixed) + 1, 0x7fffffffu, 0xffffffffu}) {
    const auto result = decode(record(row, fixed, declared), row.abi);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, DecodeErrorCode::kLengthBeyondBytes);
  }
}

TEST_P(Boundary, BytesBehindTheDeclaredLengthAreIgnored) {
  const RowAbi& row = GetParam();
  const auto fixed = row.row->fixed_size(row.abi);
  EXPECT_EQ(*decode(record(row, fixed + 5, fixed), row.abi),
            *decode(record(row, fixed), row.abi));
}

TEST_P(Boundary, TailsOfAnyBytesDecode) {
  const RowAbi& row = GetParam();
  const std::size_t fixed = row.row->fixed_size(row.abi);
  for (int fill : {0x00, 0x01, 0x06, 0x09, 0x80}) {
    for (std::size_t size = fixed; size < fixed + 20; ++size) {
      Bytes bytes = record(row, size);
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(fixed), bytes.end(),
                static_cast<std::byte>(fill));
      std::vector<Notification> all;
      ASSERT_TRUE(decode_all(bytes, row.abi, all).has_value());
      for (const Notification& notification : all) use(notification);
    }
  }
}

std::string test_name(const testing::TestParamInfo<RowAbi>& info) {
  return std::string(info.param.row->label) +
         (info.param.abi == Abi::kLinux ? "_linux" : "_usrsctp");
}

INSTANTIATE_TEST_SUITE_P(Rows, Boundary, testing::ValuesIn(all_rows()),
                         test_name);

TEST(Truncation, NoPrefixOfASampleIsReadBeyondItsEnd) {
  for (const Sample& sample : all_samples()) {
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      // A copy of exact size, so that a sanitizer sees a read behind it.
      Bytes cut(sample.bytes.begin(),
                sample.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(decode(cut, sample.abi).has_value());
      if (size < kNotificationHeaderSize) continue;
      const auto declared = static_cast<std::uint32_t>(size);
      std::memcpy(cut.data() + 4, &declared, sizeof declared);
      if (const auto result = decode(cut, sample.abi)) use(*result);
    }
  }
}

TEST(Truncation, SamplesOfOneAbiDoNotUpsetTheOther) {
  for (const Sample& sample : all_samples()) {
    const Abi other = sample.abi == Abi::kLinux ? Abi::kUsrsctp : Abi::kLinux;
    const auto result = decode(sample.bytes, other);
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(std::holds_alternative<UnknownNotification>(*result));
  }
}

}  // namespace
}  // namespace lksctp
