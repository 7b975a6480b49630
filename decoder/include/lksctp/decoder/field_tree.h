// A notification in the kernel's own field names, nested as in
// `union sctp_notification`:
//   {sn_type, sn_assoc_change: {sac_type, sac_flags, sac_length, sac_state,
//   ...}}
//
// Threads: values; thread-compatible. Functions are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lksctp/decoder/notification.h"

namespace lksctp {

// One node: a name and a number, a text, bytes, a list of numbers, or children.
struct FieldTree {
  using Children = std::vector<FieldTree>;
  using Numbers = std::vector<std::uint64_t>;

  std::string name;  // empty for the root
  std::variant<std::uint64_t, std::string, Bytes, Numbers, Children> value;

  // The child called `child_name`; null when there is none. Valid as long as
  // the tree is neither changed nor destroyed.
  [[nodiscard]] const FieldTree* find(std::string_view child_name) const;
};

// The tree of a notification, with Linux's names, numbers, lengths and tails on
// both stacks, all in host byte order: causes are their codes, TSNs as in RFC
// 6525, stream changes the streams added. An address is its text with the port,
// "10.0.0.1:2905". SCTP_NOTIFICATIONS_STOPPED_EVENT, which Linux does not have,
// and unknown types keep the number of their stack and show the header alone.
[[nodiscard]] FieldTree field_tree(const Notification& notification);

// Compact JSON: children as an object, bytes as a string of hexadecimal digits.
[[nodiscard]] std::string to_json(const FieldTree& tree);

}  // namespace lksctp
