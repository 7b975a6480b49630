// Writes a journal until it is killed, and tells which events were acknowledged in a file
// that outlives it; or looks at what is left. For crashes of the process
// (journal_crash_test.cc) and losses of power (tests/guest/power-loss).
//
//   lksctp_journal_load write PATH ACKNOWLEDGED
//   lksctp_journal_load check PATH ACKNOWLEDGED   # exit status 1: something is lost
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal_feed.h"
#include "journal/row.h"
#include "journal/schema.h"
#include "journal/sqlite.h"

namespace lksctp {
namespace {

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "lksctp_journal_load: %s\n", why.c_str());
  std::exit(1);
}

template <typename T>
T value(Result<T> result) {
  if (!result) fail(result.error().to_string());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Rotation included: it has the most steps to be interrupted in.
JournalOptions options(const std::string& path) {
  return {.path = path, .rotate_bytes = 1024 * 1024};
}

int write(const std::string& path, const std::string& acknowledged) {
  const int file =
      ::open(acknowledged.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) fail(acknowledged + ": " + std::strerror(errno));
  const auto journal = value(Journal::open(options(path)));
  EventLog log;
  JournalFeed* feed_of_log = nullptr;
  log.add_sink([&](const Event& event) {
    if (feed_of_log != nullptr) feed_of_log->add(event);
  });
  const auto feed = value(JournalFeed::attach(journal, log, [] {}));
  feed_of_log = feed.get();
  feed->begin();
  for (std::uint64_t turn = 0;; ++turn) {
    for (std::uint64_t i = 0; i < 1 + turn % 100; ++i) {
      log.append({}, {}, PeerExpected{"endpoint", std::string(100, 'p')});
    }
    feed->hand_over();
    if (turn % 8 == 0) value(journal->flush());
    const std::uint64_t durable = journal->status().durable.value();
    if (::pwrite(file, &durable, sizeof durable, 0) !=
        static_cast<ssize_t>(sizeof durable)) {
      fail(acknowledged + ": " + std::strerror(errno));
    }
  }
}

// Numbers of the last journal's events; ends the program when one is damaged.
std::vector<std::uint64_t> numbers_of_last(const std::string& path,
                                           std::string& journal) {
  std::vector<std::uint64_t> numbers;
  journal.clear();
  for (const PartFile& file : value(list_parts(path))) {
    auto database = value(Sqlite::open(file.file, SqliteAccess::kRead));
    if (value(database.integer("SELECT count(*) FROM pragma_integrity_check "
                               "WHERE integrity_check <> 'ok'")) != 0) {
      fail(file.file + ": SQLite finds it damaged");
    }
    const auto meta = value(check_part(database));
    if (!meta) fail(file.file + ": it is empty");
    if (meta->journal != journal) numbers.clear();
    journal = meta->journal;
    auto events = value(database.prepare(kSelectEvents));
    events.bind(1, std::int64_t{0});
    while (value(events.step())) {
      const auto row = event_row(events);
      if (!row) fail(file.file + ": a row with a bad checksum");
      numbers.push_back(row->seq);
    }
  }
  return numbers;
}

int check(const std::string& path, const std::string& acknowledged) {
  std::uint64_t durable = 0;
  const int file = ::open(acknowledged.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::pread(file, &durable, sizeof durable, 0) < 0) {
    fail(acknowledged + ": " + std::strerror(errno));
  }
  ::close(file);
  std::string journal;
  const auto numbers = numbers_of_last(path, journal);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != i + 1) {
      fail("event " + std::to_string(i + 1) + " is not there, but " +
           std::to_string(numbers[i]));
    }
  }
  if (numbers.size() < durable) {
    fail("of " + std::to_string(durable) + " acknowledged events there are " +
         std::to_string(numbers.size()));
  }
  // The next journal says so.
  const auto next = value(Journal::open(options(path)));
  const auto& recovered = static_cast<JournalWriter&>(*next).recovered();
  if (!recovered || recovered->journal != journal ||
      recovered->last != EventSeq(numbers.size())) {
    fail("the next journal does not tell where this one ended");
  }
  value(next->close());
  std::printf("%llu acknowledged, %zu there, %llu bytes torn\n",
              static_cast<unsigned long long>(durable), numbers.size(),
              static_cast<unsigned long long>(recovered->lost_bytes));
  return 0;
}

}  // namespace
}  // namespace lksctp

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "write") {
    return lksctp::write(argv[2], argv[3]);
  }
  if (argc == 4 && std::string_view(argv[1]) == "check") {
    return lksctp::check(argv[2], argv[3]);
  }
  std::fprintf(stderr,
               "usage: lksctp_journal_load write|check PATH ACKNOWLEDGED\n");
  return 2;
}
