// Events on their way from the loop to the writer's thread.
//
// The loop hands over once per turn: one lock, and a wake-up only when the first event
// comes or enough wait for a commit. When more wait than there is room for, what follows is
// dropped until half of the room is free again; the loop is woken then, to tell the gap.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/event.h"

namespace lksctp {

// What one turn of the loop gave.
struct JournalBatch {
  std::vector<Event> events;
  // The table behind the last of them, when it was wanted.
  std::shared_ptr<const AssociationTable> table;
  bool required = false;  // as a snapshot is
};

class JournalQueue {
 public:
  using Clock = std::chrono::steady_clock;
  // A commit is due when so many wait, or the first has waited so long.
  static constexpr std::size_t kGroup = 64;
  static constexpr std::chrono::milliseconds kLongestWait{50};

  explicit JournalQueue(std::size_t capacity) : capacity_(capacity) {}

  // ---- the loop thread

  // `wake` is called on the writer's thread when the loop is to offer again, be it nothing;
  // it must neither block nor call back. False when the queue is closed, or a loop has
  // had it: two logs would have the same numbers.
  bool attach(std::function<void()> wake);
  void detach();

  struct Answer {
    bool closed = false;        // nothing is taken any more
    std::optional<LogGap> gap;  // to be told now, with the table behind it
    bool table = false;         // a copy of it is wanted
  };
  // Takes the events as far as there is room and leaves an empty vector, which may have
  // room of its own. `last`: there is no later offer, so a gap is told at once.
  Answer offer(std::vector<Event>& events, bool last);
  // Takes it in any case: what an answer asked for.
  void put(JournalBatch batch);

  // ---- the writer's thread

  // Waits until a commit is due, the queue is closed or, where it is given, `until` has
  // come. Returns all that waits.
  std::deque<JournalBatch> take(std::optional<Clock::time_point> until);
  // Waits, but not when somebody waits for what is queued.
  void pause(std::chrono::milliseconds how_long);
  // So many events are safe; they no longer count as waiting.
  void settle(std::size_t events);
  // An attempt to write failed: those who flush are told.
  void fail(Error error);
  void succeed();
  // A vector to be filled again.
  void recycle(std::vector<Event> events);
  void want_table();
  [[nodiscard]] bool closing() const;
  // The thread ends: nothing will be settled any more.
  void end();

  // ---- any thread

  // Waits until all that was put before is settled, or an attempt fails.
  Result<void> flush();
  void close();

  struct Status {
    std::size_t waiting = 0;
    std::uint64_t gaps = 0;
    std::uint64_t lost = 0;    // events, in all gaps
    std::uint64_t untold = 0;  // of them, in the gap that is not told yet
    std::uint64_t failures = 0;
    std::optional<Error> error;  // of the last attempt
  };
  [[nodiscard]] Status status() const;

 private:
  void push(JournalBatch batch);
  void drop(std::vector<Event>& events, std::size_t from);
  [[nodiscard]] bool due() const {
    return closing_ || flushing_ || untaken_ >= kGroup;
  }
  [[nodiscard]] bool has_room_again() const {
    return status_.waiting <= capacity_ / 2;
  }

  const std::size_t capacity_;

  // All that follows is guarded by it.
  mutable std::mutex mutex_;
  std::condition_variable work_;  // for the writer
  std::condition_variable done_;  // for those who flush
  std::deque<JournalBatch> batches_;
  std::size_t untaken_ = 0;    // events in `batches_`
  Clock::time_point first_{};  // when the first of `batches_` came
  std::uint64_t put_ = 0;      // events, ever
  std::uint64_t settled_ = 0;  // of them
  std::vector<std::vector<Event>> spare_;
  std::optional<LogGap> gap_;  // not told yet
  bool woken_ = false;         // to tell it
  bool table_wanted_ = false;
  bool attached_ = false;  // now or earlier
  std::function<void()> wake_;
  bool flushing_ = false;
  bool closing_ = false;
  bool ended_ = false;
  Status status_;
};

}  // namespace lksctp
