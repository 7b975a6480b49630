// Untrusted bytes through everything that the decoder does with them, as
// records of both ABIs: the files of tests/samples are seeds as they are.
// Findings are crashes, sanitizer reports, and broken promises (FUZZ_CHECK).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "lksctp/decoder/ancillary.h"
#include "lksctp/decoder/assembler.h"
#include "lksctp/decoder/decode.h"
#include "lksctp/decoder/field_tree.h"
#include "lksctp/decoder/interpret.h"
#include "lksctp/decoder/send_failure_joiner.h"
#include "lksctp/decoder/table.h"

namespace {

using namespace lksctp;

#define FUZZ_CHECK(condition) \
  if (!(condition)) std::abort()

void use(const Notification& notification) {
  FUZZ_CHECK(!interpret(notification).empty());
  FUZZ_CHECK(!to_json(field_tree(notification)).empty());
  const bool unknown =
      std::holds_alternative<UnknownNotification>(notification);
  FUZZ_CHECK((row_of(notification) == nullptr) == unknown);
}

void decode_record(std::span<const std::byte> record, Abi abi,
                   SendFailureJoiner& joiner,
                   std::vector<FailedMessage>& failed) {
  const StreamCounts known{.inbound = 10, .outbound = 65535};
  const auto one = decode(record, abi);
  std::vector<Notification> all;
  const bool decoded = decode_all(record, abi, all, &known).has_value();
  FUZZ_CHECK(decoded == one.has_value());
  FUZZ_CHECK(decoded == !all.empty());
  if (!one) {
    FUZZ_CHECK(!to_string(one.error()).empty());
    return;
  }
  use(*one);
  for (Notification& notification : all) {
    use(notification);
    if (auto* failure = std::get_if<SendFailed>(&notification)) {
      joiner.add(std::move(*failure), failed);
    }
  }
}

// Records behind each other as far as their declared lengths tell.
void decode_records(std::span<const std::byte> bytes, Abi abi) {
  SendFailureJoiner joiner(/*max_bytes=*/256, /*max_messages=*/4);
  std::vector<FailedMessage> failed;
  while (bytes.size() >= kNotificationHeaderSize) {
    decode_record(bytes, abi, joiner, failed);
    std::uint32_t length = 0;
    std::copy_n(bytes.data() + 4, sizeof length,
                reinterpret_cast<std::byte*>(&length));
    if (length < kNotificationHeaderSize || length > bytes.size()) break;
    bytes = bytes.subspan(length);
  }
  joiner.flush(failed);
  FUZZ_CHECK(joiner.pending() == 0);
  for (const FailedMessage& message : failed) {
    FUZZ_CHECK(!message.complete || message.data.size() == message.bytes);
  }
}

// The record in pieces of `step` bytes comes out of the assembler as it was.
void assemble(std::span<const std::byte> record, std::size_t step) {
  NotificationAssembler assembler(/*max_bytes=*/4096);
  for (std::size_t at = 0; at < record.size(); at += step) {
    const auto piece = record.subspan(at, std::min(step, record.size() - at));
    const bool last = at + piece.size() == record.size();
    const auto whole = assembler.add(piece, last);
    if (last && record.size() <= 4096) {
      FUZZ_CHECK(whole && *whole && std::ranges::equal(**whole, record));
    }
  }
}

void control(std::span<const std::byte> bytes, Abi abi) {
  const ControlData data = decode_control(bytes);
  FUZZ_CHECK(!data.receive || bytes.size() >= 28);
  FUZZ_CHECK(decode_receive_info(bytes, abi).has_value() ==
             (bytes.size() >= 28));
  FUZZ_CHECK(decode_next_info(bytes, abi).has_value() == (bytes.size() >= 16));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  // A copy of exact size, so that a read behind it is seen.
  const auto* first = reinterpret_cast<const std::byte*>(data);
  const std::vector<std::byte> bytes(first, first + size);
  for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
    decode_records(bytes, abi);
    control(bytes, abi);
  }
  assemble(bytes, /*step=*/1 + size / 3);
  for (const ErrorCause& cause : parse_error_causes(bytes)) {
    FUZZ_CHECK(!describe_cause(cause).empty());
  }
  return 0;
}
