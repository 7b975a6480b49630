// The writer of a journal: its thread, and what the reactor gives it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "journal_parts.h"
#include "journal_queue.h"
#include "lksctp/reactor/journal.h"

namespace lksctp {

class JournalWriter final : public Journal {
 public:
  static Result<std::shared_ptr<JournalWriter>> open(JournalOptions options);
  ~JournalWriter() override;

  const std::string& id() const override { return id_; }
  JournalStatus status() const override;
  Result<void> flush() override { return queue_.flush(); }
  Result<void> close() override;

  // For the reactor, on its loop.
  JournalQueue& queue() { return queue_; }
  // To be told as the first event, where there is something to tell.
  [[nodiscard]] const std::optional<LogRecovered>& recovered() const {
    return recovered_;
  }

 private:
  using Clock = JournalQueue::Clock;

  JournalWriter(const JournalOptions& options, std::string id,
                std::optional<LogRecovered> recovered, JournalParts parts);

  void run();
  void write_pending();
  // One transaction. Errors: kSystem; nothing of it counts as written then.
  Result<void> write_some();
  struct Group;
  Result<void> insert(Group& group);
  Result<void> insert(const Event& event);
  Result<void> insert_snapshot(const JournalBatch& batch);
  void written(const Group& group, Clock::duration took);
  // Where things stand after an error: what is there already is not written again.
  Result<void> find_place();
  void skip_until(EventSeq last);
  void pop_batch();
  Result<void> rotate();
  void look_after(Clock::time_point now);
  void publish();
  [[nodiscard]] std::optional<Clock::time_point> next_checkpoint() const;

  // Constant after construction.
  const JournalOptions options_;
  const std::string id_;
  const std::optional<LogRecovered> recovered_;

  JournalQueue queue_;

  // The thread's own.
  JournalParts parts_;
  std::deque<JournalBatch> pending_;  // taken, not written
  std::size_t offset_ = 0;            // events of the first that are written
  std::string body_;
  std::optional<EventSeq> last_;  // written
  bool place_known_ = true;
  bool part_usable_ = true;
  bool table_wanted_ = false;
  // The next table stands for events that are not in the files.
  bool table_required_ = false;
  std::uint64_t bytes_since_snapshot_ = 0;
  std::uint64_t snapshot_bytes_ = 0;
  Clock::time_point rotate_not_before_{};
  Clock::time_point checkpointed_ = Clock::now();
  Clock::time_point retained_ = Clock::now();
  bool unchecked_ = false;  // commits since the last checkpoint

  // Guarded by it: what `status` tells.
  mutable std::mutex status_mutex_;
  JournalStatus status_;
  std::optional<Error> trouble_;  // of a part, beside those of commits

  std::mutex close_mutex_;
  Result<void> closed_;  // what became of it; the thread's until it has ended
  std::thread thread_;
};

}  // namespace lksctp
