// How other threads reach the HTTP thread.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "event_ring.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// Snapshots, events and the wish to stop, put in from any thread and taken out by
// the HTTP thread, which waits for `descriptor` to be readable. Shared by the
// server and the callbacks it has given away, so that one that comes after the
// server's end puts what it has where nobody looks. Thread-safe.
class Mailbox {
 public:
  struct Content {
    std::vector<SnapshotPtr> snapshots;
    std::deque<EventPointer> events;
    bool stop = false;
  };

  // Keeps the latest `max_events` that have not been taken. Errors: kSystem
  // (EMFILE …).
  static Result<std::shared_ptr<Mailbox>> create(std::size_t max_events);

  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void deliver(SnapshotPtr snapshot);
  void deliver(EventPointer event);
  void stop();

  // HTTP thread: everything since the last call; `descriptor` is quiet again.
  [[nodiscard]] Content take();
  // An eventfd, owned by the mailbox.
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  Mailbox(int descriptor, std::size_t max_events)
      : descriptor_(descriptor), max_events_(max_events) {}
  void wake() const;

  const int descriptor_;
  const std::size_t max_events_;
  std::mutex mutex_;
  Content content_;  // guarded by mutex_
};

}  // namespace lksctp
