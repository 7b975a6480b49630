#include "wal.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>
#include <vector>

namespace lksctp {
namespace {

constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kFrameHeaderSize = 24;
// Its lowest bit says whether checksums take words as big-endian.
constexpr std::uint32_t kMagic = 0x377f0682;

std::uint32_t load(std::span<const unsigned char> bytes, std::size_t at,
                   bool big_endian = true) {
  const auto byte = [&](std::size_t i) {
    return std::uint32_t{bytes[at + i]} << (8 * (big_endian ? 3 - i : i));
  };
  return byte(0) | byte(1) | byte(2) | byte(3);
}

// The checksum of the whole file so far, as the format defines it.
class Checksum {
 public:
  explicit Checksum(bool big_endian) : big_endian_(big_endian) {}
  void add(std::span<const unsigned char> bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first_ += load(bytes, at, big_endian_) + second_;
      second_ += load(bytes, at + 4, big_endian_) + first_;
    }
  }
  [[nodiscard]] bool is_at(std::span<const unsigned char> bytes,
                           std::size_t at) const {
    return load(bytes, at) == first_ && load(bytes, at + 4) == second_;
  }

 private:
  bool big_endian_;
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

// As many as there are.
std::size_t read(std::ifstream& file, std::span<unsigned char> bytes) {
  file.read(reinterpret_cast<char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  return static_cast<std::size_t>(file.gcount());
}

bool is_page_size(std::uint32_t size) {
  return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

}  // namespace

std::uint64_t torn_wal_bytes(const std::string& wal) {
  // Opening a FIFO would wait for who writes it.
  std::error_code failure;
  if (!std::filesystem::is_regular_file(
          std::filesystem::symlink_status(wal, failure))) {
    return 0;
  }
  std::ifstream file(wal, std::ios::binary);
  std::array<unsigned char, kHeaderSize> header{};
  const std::size_t begun = read(file, header);
  if (begun == 0) return 0;
  const auto all = [&]() -> std::uint64_t {
    file.clear();
    file.seekg(0, std::ios::end);
    return static_cast<std::uint64_t>(file.tellg());
  };
  if (begun < header.size()) return begun;
  const std::uint32_t page_size = load(header, 8);
  Checksum checksum((load(header, 0) & 1) != 0);
  checksum.add(std::span(header).first(24));
  if ((load(header, 0) & ~1U) != kMagic || !is_page_size(page_size) ||
      !checksum.is_at(header, 24)) {
    return all();
  }

  std::vector<unsigned char> frame(kFrameHeaderSize + page_size);
  std::uint64_t torn = 0;  // since the last commit
  bool intact = true;
  for (;;) {
    const std::size_t size = read(file, frame);
    // Frames of an earlier use of the file have other salts.
    if (size < 16 || load(frame, 8) != load(header, 16) ||
        load(frame, 12) != load(header, 20)) {
      return torn;
    }
    torn += size;
    if (size < frame.size()) return torn;
    checksum.add(std::span(frame).first(8));
    checksum.add(std::span(frame).subspan(kFrameHeaderSize));
    intact = intact && checksum.is_at(frame, 16);
    // The last frame of a commit has the size of the database.
    if (intact && load(frame, 4) != 0) torn = 0;
  }
}

}  // namespace lksctp
