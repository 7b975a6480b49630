#include "sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "lksctp/decoder/decode.h"

namespace lksctp {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Sample> load_samples() {
  std::vector<Sample> samples;
  for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
    const fs::path folder = fs::path(LKSCTP_SAMPLES_DIR) /
                            (abi == Abi::kLinux ? "linux" : "usrsctp");
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".bin") continue;
      Sample sample;
      sample.name = entry.path().stem();
      sample.abi = abi;
      const std::string content = read_file(entry.path());
      const auto* data = reinterpret_cast<const std::byte*>(content.data());
      sample.bytes.assign(data, data + content.size());
      fs::path description = entry.path();
      sample.description = nlohmann::json::parse(
          read_file(description.replace_extension(".json")));
      samples.push_back(std::move(sample));
    }
  }
  std::sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) {
    return std::tie(a.abi, a.name) < std::tie(b.abi, b.name);
  });
  return samples;
}

}  // namespace

const std::vector<Sample>& all_samples() {
  static const std::vector<Sample> samples = load_samples();
  return samples;
}

const Sample& sample(Abi abi, const std::string& name) {
  for (const Sample& sample : all_samples()) {
    if (sample.abi == abi && sample.name == name) return sample;
  }
  throw std::out_of_range("no sample " + name);
}

Notification decode_sample(Abi abi, const std::string& name) {
  auto decoded = decode(sample(abi, name).bytes, abi);
  EXPECT_TRUE(decoded.has_value()) << name;
  return decoded ? *decoded : Notification(UnknownNotification{});
}

Bytes bytes_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  std::string digits;
  for (char character : hex) {
    if (character == ' ') continue;
    digits += character;
    if (digits.size() == 2) {
      bytes.push_back(static_cast<std::byte>(std::stoi(digits, nullptr, 16)));
      digits.clear();
    }
  }
  return bytes;
}

std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (std::byte byte : bytes) text += static_cast<char>(byte);
  return text;
}

}  // namespace lksctp
