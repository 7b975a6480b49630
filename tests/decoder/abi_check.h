// Compares the decoder's tables with what a stack's header says. Each ABI has
// its own file, since the two headers cannot be included together.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lksctp/decoder/ancillary.h"
#include "lksctp/decoder/table.h"

namespace lksctp {

struct HeaderField {
  std::string name;
  std::size_t offset = 0;
  std::size_t size = 0;
};

struct HeaderRecord {
  int type = 0;
  std::size_t size = 0;
  std::vector<HeaderField> fields;
};

struct HeaderStruct {
  std::string name;
  std::size_t size = 0;
  std::vector<HeaderField> fields;
};

inline std::string spelling(const FieldDescriptor& field, Abi abi) {
  if (abi == Abi::kUsrsctp && field.usrsctp_name != nullptr) {
    return field.usrsctp_name;
  }
  return field.name;
}

// Both ways: each field of the table is in the header and the other way round.
inline void check_fields(Abi abi, std::span<const FieldDescriptor> fields,
                         const std::vector<HeaderField>& expected,
                         const std::set<std::string>& not_in_header = {}) {
  std::size_t compared = 0;
  for (const HeaderField& header : expected) {
    SCOPED_TRACE(header.name);
    const auto found = std::find_if(
        fields.begin(), fields.end(),
        [&](const auto& field) { return spelling(field, abi) == header.name; });
    ASSERT_NE(found, fields.end());
    EXPECT_EQ(found->slot(abi).offset, header.offset);
    EXPECT_EQ(found->slot(abi).width, header.size);
    ++compared;
  }
  for (const FieldDescriptor& field : fields) {
    if (!field.slot(abi).present() || not_in_header.contains(field.name)) {
      continue;
    }
    const bool known = std::any_of(
        expected.begin(), expected.end(),
        [&](const auto& h) { return h.name == spelling(field, abi); });
    EXPECT_TRUE(known || field.kind == FieldKind::kPad) << field.name;
  }
  EXPECT_EQ(compared, expected.size());
}

// Rows in `other_rows` have no struct in the header.
inline void check_records(Abi abi, const std::vector<HeaderRecord>& records,
                          const std::set<std::string>& other_rows = {},
                          const std::set<std::string>& other_fields = {}) {
  std::set<std::string> checked = other_rows;
  for (const HeaderRecord& record : records) {
    const NotificationRow* row =
        row_of_type(static_cast<std::uint16_t>(record.type), abi);
    ASSERT_NE(row, nullptr) << record.type;
    SCOPED_TRACE(row->name);
    EXPECT_EQ(row->fixed_size(abi), record.size);
    check_fields(abi, row->fields, record.fields, other_fields);
    checked.insert(row->name);
  }
  for (const NotificationRow& row : notification_rows()) {
    if (row.type(abi) != 0) {
      EXPECT_TRUE(checked.contains(row.name)) << row.name;
    }
  }
}

// All value names of all rows, both ways.
inline void check_values(
    Abi abi, const std::vector<std::pair<std::string, unsigned>>& expected) {
  std::vector<std::pair<std::string, unsigned>> actual;
  for (const NotificationRow& row : notification_rows()) {
    if (row.deprecated) continue;  // names what its sibling names
    for (const FieldDescriptor& field : row.fields) {
      for (const ValueName& value : field.values) {
        if (value.value(abi) != ValueName::kAbsent) {
          actual.emplace_back(value.name, value.value(abi));
        }
      }
    }
  }
  EXPECT_EQ(actual, expected);
}

inline void check_ancillary(Abi abi, const std::vector<HeaderStruct>& structs) {
  std::size_t rows = 0;
  for (const AncillaryRow& row : ancillary_rows()) {
    const std::size_t size =
        abi == Abi::kLinux ? row.linux_size : row.usrsctp_size;
    if (size == 0) continue;
    ++rows;
    SCOPED_TRACE(row.struct_name);
    const auto found =
        std::find_if(structs.begin(), structs.end(),
                     [&](const auto& s) { return s.name == row.struct_name; });
    ASSERT_NE(found, structs.end());
    EXPECT_EQ(size, found->size);
    check_fields(abi, row.fields, found->fields);
  }
  EXPECT_EQ(rows, structs.size());
}

}  // namespace lksctp
