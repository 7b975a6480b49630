// What an event log hands to a journal: its events, turn by turn, and copies of its table.
//
// Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "journal_writer.h"
#include "lksctp/reactor/event_log.h"

namespace lksctp {

class JournalFeed {
 public:
  // `wake` asks for a hand-over; it is called on the journal's thread and must neither block
  // nor call back. `log` outlives the feed, and gives it each event from now on (`add`).
  // Errors: kInvalidArgument (the journal has a log already), kClosed.
  static Result<std::unique_ptr<JournalFeed>> attach(
      const std::shared_ptr<Journal>& journal, EventLog& log,
      std::function<void()> wake);
  ~JournalFeed();
  JournalFeed(const JournalFeed&) = delete;
  JournalFeed& operator=(const JournalFeed&) = delete;

  // Tells, as the first event, what the journal was recovered from. Once, behind `attach`.
  void begin();
  void add(const Event& event) { events_.push_back(event); }
  // At the end of a turn. May append to the log. False when the journal has been closed.
  bool hand_over() { return hand_over(/*last=*/false); }
  // Of the journal; nullopt when it has been closed.
  [[nodiscard]] std::optional<JournalStatus> status() const;
  // The same when no other turn follows: what was lost is told in any case.
  void finish() { static_cast<void>(hand_over(/*last=*/true)); }

 private:
  JournalFeed(std::shared_ptr<JournalWriter> journal, EventLog& log)
      : journal_(std::move(journal)), log_(log) {}
  bool hand_over(bool last);
  void put_table(bool required);

  const std::shared_ptr<JournalWriter> journal_;
  EventLog& log_;
  std::vector<Event> events_;
};

}  // namespace lksctp
