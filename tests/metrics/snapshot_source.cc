#include "snapshot_source.h"

#include <utility>

namespace lksctp::test {

MetricsSource SnapshotSource::functions() {
  return {.snapshot =
              [this] {
                const std::lock_guard lock(mutex_);
                return published_;
              },
          .request_snapshot =
              [this](std::function<void(SnapshotPtr)> ready) {
                SnapshotPtr answer;
                {
                  const std::lock_guard lock(mutex_);
                  ++requests_;
                  if (mode_ == Mode::kHold) {
                    held_.push_back(std::move(ready));
                  } else {
                    answer = published_;
                  }
                }
                changed_.notify_all();
                if (answer != nullptr) ready(answer);
              }};
}

void SnapshotSource::publish(std::uint64_t turns) {
  publish(snapshot_with_turns(turns));
}

void SnapshotSource::publish(SnapshotPtr snapshot) {
  const std::lock_guard lock(mutex_);
  published_ = std::move(snapshot);
}

void SnapshotSource::wait_for_requests(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return requests_ >= count; });
}

std::size_t SnapshotSource::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::function<void(SnapshotPtr)>> SnapshotSource::take_held() {
  const std::lock_guard lock(mutex_);
  return std::exchange(held_, {});
}

SnapshotPtr snapshot_with_turns(std::uint64_t turns) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->monotonic = std::chrono::steady_clock::now();
  snapshot->loop.turns = turns;
  return snapshot;
}

}  // namespace lksctp::test
