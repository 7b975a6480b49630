// Makes whole records of notifications that were read in pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tl/expected.hpp>
#include <vector>

namespace lksctp {

enum class AssemblyError : std::uint8_t {
  kTooLarge,  // the record is larger than the bound; the rest of it is skipped
};

// Joins the pieces of one notification. A read with a buffer smaller than the
// record gives a piece; MSG_NOTIFICATION is set on each, MSG_EOR on the last
// (RFC 6458 §3.1.4). One assembler serves one socket.
//
// Threads: thread-compatible.
// Ownership: owns one buffer of at most `max_bytes`, kept between records so
// that it allocates nothing once it has grown.
class NotificationAssembler {
 public:
  // As large as a message that fails unsent may be.
  static constexpr std::size_t kDefaultMaxBytes = 4 * 1024 * 1024;

  explicit NotificationAssembler(std::size_t max_bytes = kDefaultMaxBytes)
      : max_bytes_(max_bytes) {}

  // Adds a piece; `end_of_record` is its MSG_EOR. Returns the whole record with
  // the last piece, nullopt before. The record is `piece` itself when there was
  // only one, else a view of the buffer: valid until the next call. An error is
  // returned once per record; the following record is assembled as usual.
  [[nodiscard]] tl::expected<std::optional<std::span<const std::byte>>,
                             AssemblyError>
  add(std::span<const std::byte> piece, bool end_of_record);

  // Forgets the pieces held, as after the end of the association.
  void reset();

  // Bytes of the unfinished record.
  [[nodiscard]] std::size_t pending() const {
    return complete_ ? 0 : buffer_.size();
  }

 private:
  std::size_t max_bytes_;
  std::vector<std::byte> buffer_;
  bool complete_ = false;  // the buffer holds a record that was handed out
  bool skipping_ = false;  // until the end of a record that was too large
};

}  // namespace lksctp
