// A hostile file as a part of a journal: reading it, replaying it and checking it end, in
// values or errors.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "lksctp/reactor/journal_reader.h"

namespace {

using namespace lksctp;

#define FUZZ_CHECK(condition) \
  if (!(condition)) std::abort()

// In memory; an ordinary file all the same.
const std::string& path() {
  static const std::string path =
      "/dev/shm/lksctp-fuzz-journal-" + std::to_string(::getpid());
  static const int removed_at_exit =
      std::atexit([] { ::unlink(::path().c_str()); });
  (void)removed_at_exit;
  return path;
}

void read_all() {
  const auto reader = JournalReader::open(path());
  if (!reader) return;
  std::uint64_t last = 0;
  for (;;) {
    const auto entry = (*reader)->next();
    if (!entry || !*entry) break;
    // Of one part: rising.
    FUZZ_CHECK((*entry)->event.seq.value() > last);
    last = (*entry)->event.seq.value();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::ofstream(path(), std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data),
             static_cast<std::streamsize>(size));
  read_all();
  (void)replay(path());
  (void)replay(path(), {.at = WallTime(std::chrono::seconds(1'700'000'000))});
  (void)verify_journal(path());
  (void)journal_parts(path());
  return 0;
}
