// Writes the seed corpus and the dictionary of lksctp_fuzz_decode_notification:
//   decode_notification_seeds SAMPLES CORPUS DICTIONARY
// Seeds are the samples behind the byte that chooses their ABI; the dictionary
// is the table's type numbers and values.

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>

#include "lksctp/decoder/table.h"

namespace {

using namespace lksctp;
namespace fs = std::filesystem;

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

void write_dictionary(const fs::path& path) {
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
  std::ofstream out(path);
  for (const std::string& word : words) out << word << '\n';
}

void write_corpus(const fs::path& samples, const fs::path& corpus) {
  fs::create_directories(corpus);
  for (const char* abi : {"linux", "usrsctp"}) {
    const char selector = std::string(abi) == "linux" ? '\x0e' : '\x0f';
    for (const auto& entry : fs::directory_iterator(samples / abi)) {
      if (entry.path().extension() != ".bin") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::ofstream out(
          corpus / (std::string(abi) + "-" + entry.path().stem().string()),
          std::ios::binary);
      out << selector << std::string(std::istreambuf_iterator<char>(in), {});
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: decode_notification_seeds SAMPLES CORPUS DICTIONARY\n";
    return 2;
  }
  write_corpus(argv[1], argv[2]);
  write_dictionary(argv[3]);
}
