#include "lksctp/decoder/assembler.h"

namespace lksctp {

tl::expected<std::optional<std::span<const std::byte>>, AssemblyError>
NotificationAssembler::add(std::span<const std::byte> piece,
                           bool end_of_record) {
  if (complete_) reset();
  if (skipping_) {
    skipping_ = !end_of_record;
    return std::nullopt;
  }
  if (piece.size() > max_bytes_ - buffer_.size()) {
    buffer_.clear();
    skipping_ = !end_of_record;
    return tl::unexpected(AssemblyError::kTooLarge);
  }
  if (end_of_record && buffer_.empty()) return piece;
  buffer_.insert(buffer_.end(), piece.begin(), piece.end());
  if (!end_of_record) return std::nullopt;
  complete_ = true;
  return std::span<const std::byte>(buffer_);
}

void NotificationAssembler::reset() {
  buffer_.clear();
  complete_ = false;
  skipping_ = false;
}

}  // namespace lksctp
