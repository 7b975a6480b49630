// The latest published snapshot, handed from the loop thread to all others.
#pragma once

#include <mutex>

#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// Thread-safe. A mutex and not `std::atomic<std::shared_ptr>`, whose GCC 12
// implementation ThreadSanitizer cannot follow. Neither call waits for more
// than the copy of a pointer.
class SnapshotStore {
 public:
  SnapshotStore();

  // Replaces the latest snapshot. `snapshot` must not be null. The old one is
  // released outside the lock, by whoever holds it last.
  void publish(SnapshotPtr snapshot);

  // Never null: an empty snapshot before the first `publish`.
  [[nodiscard]] SnapshotPtr latest() const;

 private:
  mutable std::mutex mutex_;
  SnapshotPtr latest_;  // guarded by mutex_
};

}  // namespace lksctp
