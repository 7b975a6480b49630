// The event log on disk. docs/journal-format.md says what the files hold.
//
//   auto journal = lksctp::Journal::open({.path = "/var/lib/app/signalling.journal"});
//   reactor->attach_journal(*journal);
//
// Order of things: an event is decoded, numbered, applied to the association table, and
// then queued for the journal, whose own thread writes it. The loop never waits for the disk.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lksctp/reactor/duration_counts.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/types.h"

namespace lksctp {

enum class JournalMode : std::uint8_t {
  kDurable,  // what is published as durable survives a loss of power
  kFast,     // it survives a crash of the process
};

// What is kept of the bytes of the user in events of messages that failed.
enum class JournaledUserData : std::uint8_t { kNone, kHash, kFull };

struct JournalOptions {
  // Its parts are `<path>.1`, `<path>.2` …; the directory is made if it is not there.
  std::string path;
  JournalMode mode = JournalMode::kDurable;
  JournaledUserData user_data = JournaledUserData::kNone;
  // Events that wait for the disk at most; those beyond are a gap. At least 64.
  std::size_t queue_capacity = 65536;
  // A part is closed when it is that large, or that old, with the next event. At least
  // 64 KiB; more than 0.
  std::uint64_t rotate_bytes = 256 * 1024 * 1024;
  std::chrono::seconds rotate_after = std::chrono::hours(24);
  // Closed parts are deleted, the oldest first, while all parts together are larger, and
  // when they were closed longer ago. Absent: nothing is deleted.
  std::optional<std::uint64_t> retain_bytes;
  std::optional<std::chrono::seconds> retain_for;
};

namespace duration_bounds {

inline constexpr std::array kCommit{milliseconds(1),    milliseconds(5),
                                    milliseconds(10),   milliseconds(50),
                                    milliseconds(100),  milliseconds(500),
                                    milliseconds(1000), milliseconds(5000)};

}  // namespace duration_bounds

using CommitDurations = DurationCounts<duration_bounds::kCommit>;

struct JournalStatus {
  std::string id;
  std::string part;        // the file that is written now
  EventSeq durable{};      // the last event that is safe, as the mode means it
  std::size_t queued = 0;  // events that wait
  std::uint64_t written = 0;  // events, committed by this writer
  std::uint64_t bytes = 0;    // of all parts of the path
  std::uint64_t gaps = 0;
  std::uint64_t lost_events = 0;  // in all gaps
  std::uint64_t failed_commits = 0;
  // Present while commits fail, or the next part cannot be made.
  std::optional<Error> error;
  CommitDurations commits;
};

// The writer of one journal, with its thread. Any thread, but for what the reactor calls.
class Journal {
 public:
  // Opens the files and starts the thread. Blocks for the disk: not on a loop.
  // Errors: kInvalidArgument (path, sizes), kSystem (EACCES, EEXIST: the path is a file,
  // EROFS, ENOSPC …; EBUSY: another process writes there, the message has its id; EPERM:
  // others may write to the directory).
  static Result<std::shared_ptr<Journal>> open(JournalOptions options);
  // As `close`, without saying what went wrong.
  virtual ~Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  [[nodiscard]] virtual const std::string& id() const = 0;
  [[nodiscard]] virtual JournalStatus status() const = 0;

  // Waits until everything that was queued before is durable. Blocks: not on a loop.
  // Errors: kSystem, when it failed; what is queued is tried again nevertheless.
  virtual Result<void> flush() = 0;

  // Takes no more events, writes those that wait, closes the part and ends the thread.
  // Safe to call twice. Blocks: not on a loop. Errors: kSystem, and the events that
  // could not be written are lost.
  virtual Result<void> close() = 0;

 protected:
  Journal() = default;
};

}  // namespace lksctp
