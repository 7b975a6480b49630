// The fields of notifications, by the decoder's table, under their names in JSON.
//
// Threads: immutable.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lksctp/decoder/table.h"

namespace lksctp {

// A field that the typed value keeps.
struct FieldMember {
  const FieldDescriptor* field = nullptr;
  std::string name;          // "outboundStreams"
  std::string name_of_name;  // "stateName"
};

[[nodiscard]] std::span<const FieldMember> field_members(
    const NotificationRow& row);

}  // namespace lksctp
