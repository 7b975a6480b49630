// How other threads reach the HTTP thread.
#pragma once

#include <mutex>
#include <vector>

#include "lksctp/reactor/error.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// Snapshots and the wish to stop, put in from any thread and taken out by the
// HTTP thread, which waits for `descriptor` to be readable. Shared by the
// server and the callbacks it has given away, so that one that comes after the
// server's end puts its snapshot where nobody looks. Thread-safe.
class Mailbox {
 public:
  struct Content {
    std::vector<SnapshotPtr> snapshots;
    bool stop = false;
  };

  // Errors: kSystem (EMFILE …).
  static Result<std::shared_ptr<Mailbox>> create();

  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void deliver(SnapshotPtr snapshot);
  void stop();

  // HTTP thread: everything since the last call; `descriptor` is quiet again.
  [[nodiscard]] Content take();
  // An eventfd, owned by the mailbox.
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  explicit Mailbox(int descriptor) : descriptor_(descriptor) {}
  void wake() const;

  const int descriptor_;
  std::mutex mutex_;
  Content content_;  // guarded by mutex_
};

}  // namespace lksctp
