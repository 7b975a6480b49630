#include "snapshot_store.h"

#include <utility>

namespace lksctp {

SnapshotStore::SnapshotStore() : latest_(std::make_shared<const Snapshot>()) {}

void SnapshotStore::publish(SnapshotPtr snapshot) {
  const std::lock_guard lock(mutex_);
  // Swapped, so that the old one dies with the parameter, after the lock.
  latest_.swap(snapshot);
}

SnapshotPtr SnapshotStore::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

}  // namespace lksctp
