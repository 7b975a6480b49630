// A stand-in for the reactor's side of a scrape, answering as a test wants.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "lksctp/metrics_http/metrics_server.h"

namespace lksctp::test {

// Thread-safe. Snapshots are told apart by their number of loop turns.
class SnapshotSource {
 public:
  enum class Mode { kAnswerAtOnce, kHold };

  explicit SnapshotSource(Mode mode) : mode_(mode) {}

  // The functions keep `this`, except for what has been handed out already.
  [[nodiscard]] MetricsSource functions();

  // What `snapshot()` gives; null at the start.
  void publish(std::uint64_t turns);
  void publish(SnapshotPtr snapshot);

  // Blocks until so many requests have been made in all.
  void wait_for_requests(std::size_t count);
  [[nodiscard]] std::size_t requests() const;

  // Takes the callbacks that are held.
  [[nodiscard]] std::vector<std::function<void(SnapshotPtr)>> take_held();

 private:
  const Mode mode_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  SnapshotPtr published_;
  std::size_t requests_ = 0;
  std::vector<std::function<void(SnapshotPtr)>> held_;
};

[[nodiscard]] SnapshotPtr snapshot_with_turns(std::uint64_t turns);

}  // namespace lksctp::test
