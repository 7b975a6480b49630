// Journals as they were written: events in order, and the state they lead to.
// docs/journal-format.md says what the files hold.
//
// Reading has no effects: nothing is sent, no handler runs, no part is changed. Files may be
// hostile: whatever is in them, reading ends in values or errors.
//
// Threads: one thread at a time per reader; different readers are independent. All
// functions block for the disk: not on a loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/event.h"

namespace lksctp {

// An event's identity. As a cursor: the last event that was read.
struct JournalPosition {
  std::string journal;  // id
  EventSeq seq{};
  friend bool operator==(const JournalPosition&,
                         const JournalPosition&) = default;
};

// A row of a kind or version that this library does not know.
struct UnknownEvent {
  std::string kind;
  int version = 0;
  std::string body;  // JSON
};

struct JournalEntry {
  std::string journal;  // id
  // For an unknown one without a body: `unknown` has it.
  Event event;
  std::size_t user_data_size = 0;  // bytes that the journal does not have
  std::optional<UnknownEvent> unknown;
};

// Rows, or a whole part, that cannot be read.
struct JournalDamage {
  std::string part;  // file
  EventSeq from{};   // 0: not known
  EventSeq to{};
  std::string reason;  // for people
};

struct JournalReadOptions {
  // Goes on behind this event. Absent: from the first event there is.
  std::optional<JournalPosition> after;
};

// One path, from a position to its end, across parts and journals.
class JournalReader {
 public:
  // Errors: kSystem (ENOENT, EACCES …), kInvalidArgument (no part of it is a journal;
  // `after` names a journal that is not there).
  static Result<std::unique_ptr<JournalReader>> open(
      const std::string& path, JournalReadOptions options = {});
  virtual ~JournalReader() = default;
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;

  // The next event; nullopt when there is none yet: later there may be. No transaction is
  // open between calls that returned nullopt. Errors: kSystem; damage is none: it is left
  // out and told in `damage`.
  virtual Result<std::optional<JournalEntry>> next() = 0;
  // Found so far, in order.
  [[nodiscard]] virtual const std::vector<JournalDamage>& damage() const = 0;

 protected:
  JournalReader() = default;
};

// One file of a path.
struct JournalPart {
  std::string file;
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;  // with its write-ahead log
  std::string journal;      // id
  std::string host;
  std::string writer;
  WallTime created{};
  std::optional<WallTime> closed;
  EventSeq first{};  // events; 0 without any
  EventSeq last{};
  std::optional<Error> error;  // it cannot be read; then only the first three
};

// The parts of a path in order; one without anything in it yet is left out.
// Errors: kSystem (ENOENT, EACCES …).
[[nodiscard]] Result<std::vector<JournalPart>> journal_parts(
    const std::string& path);

struct ReplayOptions {
  // Id; absent: the newest that has the place.
  std::optional<std::string> journal;
  // The state after that event, or after the last event until that time (`wall`). Absent:
  // after the last event. Not both.
  std::optional<EventSeq> seq;
  std::optional<WallTime> at;
  // Called now and then with the share that is done, 0 to 1.
  std::function<void(double)> progress;
};

struct Replayed {
  JournalPosition position;   // of the last event in the state
  MonotonicTime monotonic{};  // its times
  WallTime wall{};
  AssociationTable table;
  // False after damage with no snapshot behind it.
  bool exact = true;
  std::uint64_t events = 0;  // replayed, behind the snapshot that it began with
  std::map<std::string, std::uint64_t> unknown;  // by kind
  std::vector<JournalDamage> damage;
};

// The association table as the process had it. Errors: those of JournalReader::open;
// kInvalidArgument when there is no such place: the message says what there is.
[[nodiscard]] Result<Replayed> replay(const std::string& path,
                                      const ReplayOptions& options = {});

struct JournalCheck {
  std::uint64_t events = 0;                      // those that are whole
  std::uint64_t snapshots = 0;                   // those that were compared
  std::map<std::string, std::uint64_t> unknown;  // by kind
  std::vector<JournalDamage> damage;
};

// Reads all of a path: every event, and whether each snapshot is what the events before it
// lead to. Errors: those of JournalReader::open.
[[nodiscard]] Result<JournalCheck> verify_journal(
    const std::string& path, const std::function<void(double)>& progress = {});

}  // namespace lksctp
