#include "lksctp/decoder/field_tree.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "field_reader.h"
#include "lksctp/decoder/table.h"
#include "printable.h"

namespace lksctp {
namespace {

using Tail = std::variant<Bytes, FieldTree::Numbers>;

// The tail of each alternative as Linux's record has it.
template <typename T>
Tail tail_of(const T&) {
  return Bytes{};
}
Tail tail_of(const AssociationChange& change) {
  return encode_error_causes(change.causes);
}
Tail tail_of(const RemoteError& error) { return error.cause.information; }
Tail tail_of(const SendFailed& failed) { return failed.data; }
Tail tail_of(const StreamReset& reset) {
  FieldTree::Numbers streams;
  for (StreamId stream : reset.streams) streams.push_back(stream.value());
  return streams;
}

std::size_t byte_size(const Tail& tail) {
  if (const auto* bytes = std::get_if<Bytes>(&tail)) return bytes->size();
  return std::get<FieldTree::Numbers>(tail).size() * sizeof(std::uint16_t);
}

FieldTree number_node(std::string name, std::uint64_t value) {
  return {std::move(name), value};
}

// The header as `sn_header` for records of which nothing else is known.
FieldTree header_tree(const UnknownNotification& unknown) {
  std::uint64_t flags = 0;
  if (unknown.raw.size() >= kNotificationHeaderSize) {
    flags = load_host<std::uint16_t>(unknown.raw.data() + 2);
  }
  FieldTree::Children header{number_node("sn_type", unknown.type),
                             number_node("sn_flags", flags),
                             number_node("sn_length", unknown.raw.size())};
  return {"", FieldTree::Children{number_node("sn_type", unknown.type),
                                  FieldTree{"sn_header", std::move(header)}}};
}

FieldTree field_node(const FieldDescriptor& field, const void* object,
                     std::uint64_t type, std::uint64_t length) {
  if (field.kind == FieldKind::kType) return number_node(field.name, type);
  if (field.kind == FieldKind::kLength) return number_node(field.name, length);
  if (field.kind == FieldKind::kAddress) {
    // `address` serves decoding, too, and takes the object mutable.
    return {field.name,
            field.access.address(const_cast<void*>(object))->to_string()};
  }
  const auto load = field.access.load;
  return number_node(field.name, load == nullptr ? 0 : load(object));
}

FieldTree row_tree(const NotificationRow& row, const void* object, Tail tail) {
  const Abi abi = row.linux_type != 0 ? Abi::kLinux : Abi::kUsrsctp;
  const std::uint64_t type = row.type(abi);
  const std::uint64_t length = row.fixed_size(abi) + byte_size(tail);
  FieldTree::Children fields;
  for (const FieldDescriptor& field : row.fields) {
    if (field.kind == FieldKind::kPad) continue;
    FieldTree::Children* into = &fields;
    if (field.group != nullptr) {
      if (fields.back().name != field.group) {
        fields.push_back({field.group, FieldTree::Children{}});
      }
      into = &std::get<FieldTree::Children>(fields.back().value);
    }
    into->push_back(field_node(field, object, type, length));
  }
  if (row.tail != TailKind::kNone) {
    std::visit(
        [&](auto& value) {
          fields.push_back({row.tail_name, std::move(value)});
        },
        tail);
  }
  return {"", FieldTree::Children{number_node("sn_type", type),
                                  FieldTree{row.member, std::move(fields)}}};
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (char character : text) {
    if (character == '"' || character == '\\') out += '\\';
    out += character;
  }
  out += '"';
}

void append_bytes(std::string& out, const Bytes& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (std::byte byte : bytes) {
    const auto value = std::to_integer<std::size_t>(byte);
    out += kDigits[value >> 4];
    out += kDigits[value & 0xf];
  }
  out += '"';
}

void append_json(std::string& out, const FieldTree& tree) {
  if (const auto* number = std::get_if<std::uint64_t>(&tree.value)) {
    out += std::to_string(*number);
  } else if (const auto* text = std::get_if<std::string>(&tree.value)) {
    append_text(out, *text);
  } else if (const auto* bytes = std::get_if<Bytes>(&tree.value)) {
    append_bytes(out, *bytes);
  } else if (const auto* list = std::get_if<FieldTree::Numbers>(&tree.value)) {
    out += '[';
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (i > 0) out += ',';
      out += std::to_string((*list)[i]);
    }
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const FieldTree& child : std::get<FieldTree::Children>(tree.value)) {
      if (!std::exchange(first, false)) out += ',';
      append_text(out, child.name);
      out += ':';
      append_json(out, child);
    }
    out += '}';
  }
}

}  // namespace

const FieldTree* FieldTree::find(std::string_view child_name) const {
  const auto* children = std::get_if<Children>(&value);
  if (children == nullptr) return nullptr;
  const auto found =
      std::find_if(children->begin(), children->end(),
                   [&](const FieldTree& c) { return c.name == child_name; });
  return found == children->end() ? nullptr : &*found;
}

FieldTree field_tree(const Notification& notification) {
  if (const auto* unknown = std::get_if<UnknownNotification>(&notification)) {
    return header_tree(*unknown);
  }
  const NotificationRow& row = *row_of(notification);
  return std::visit(
      [&](const auto& value) { return row_tree(row, &value, tail_of(value)); },
      notification);
}

std::string to_json(const FieldTree& tree) {
  std::string out;
  append_json(out, tree);
  return out;
}

}  // namespace lksctp
