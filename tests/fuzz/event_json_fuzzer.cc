// Untrusted bytes as the text and the records of events: whatever a stack, a peer
// or a program gave, the event is one line of valid JSON in UTF-8.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lksctp/decoder/decode.h"
#include "lksctp/reactor/event_json.h"
#include "unique_members.h"

namespace {

using namespace lksctp;

#define FUZZ_CHECK(condition) \
  if (!(condition)) std::abort()

void check(EventBody body, const Bytes& raw) {
  const std::string text =
      to_json(Event{.seq = EventSeq(1), .body = std::move(body), .raw = raw});
  FUZZ_CHECK(text.find('\n') == text.npos);
  // Refuses what is not UTF-8.
  const auto read = nlohmann::json::parse(text, nullptr, false);
  FUZZ_CHECK(read.is_object() && read.contains("type"));
  FUZZ_CHECK(test::has_unique_members(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto* first = reinterpret_cast<const std::byte*>(data);
  const Bytes bytes(first, first + size);
  for (const Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
    std::vector<Notification> all;
    if (!decode_all(bytes, abi, all, nullptr)) continue;
    for (Notification& notification : all) {
      check(std::move(notification), bytes);
    }
  }
  const std::string text(reinterpret_cast<const char*>(data), size);
  check(PeerExpected{text, text}, {});
  check(AbortRequested{text}, {});
  check(ReceiveFailed{Error::invalid_argument(text), bytes}, {});
  return 0;
}
