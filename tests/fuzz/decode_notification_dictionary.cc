// Writes the dictionary of lksctp_fuzz_decode_notification to standard output:
// the table's type numbers, sizes and values, as they stand in records.

#include <array>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <set>
#include <string>

#include "lksctp/decoder/table.h"

namespace {

using namespace lksctp;

std::string little_endian(std::uint32_t value, std::size_t width) {
  std::string out = "\"";
  for (std::size_t i = 0; i < width; ++i) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "\\x%02x",
                  (value >> (8 * i)) & 0xffU);
    out += text.data();
  }
  return out + "\"";
}

std::set<std::string> dictionary() {
  std::set<std::string> words;
  for (const NotificationRow& row : notification_rows()) {
    for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
      if (row.type(abi) == 0) continue;
      words.insert(little_endian(row.type(abi), 2));
      words.insert(little_endian(row.fixed_size(abi), 4));
      for (const FieldDescriptor& field : row.fields) {
        for (const ValueName& value : field.values) {
          if (value.value(abi) == ValueName::kAbsent) continue;
          words.insert(little_endian(value.value(abi), field.slot(abi).width));
        }
      }
    }
  }
  return words;
}

}  // namespace

int main() {
  for (const std::string& word : dictionary()) std::cout << word << '\n';
}
