// An event log and its snapshots, without a loop: what a test tells is there at
// once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "lksctp/metrics_http/metrics_server.h"
#include "lksctp/reactor/event_log.h"

namespace lksctp::test {

// Thread-safe.
class LogSource {
 public:
  LogSource() {
    log_.add_sink([this](const Event& event) {
      if (watcher_) watcher_(event);
    });
  }

  // The functions keep `this`.
  MetricsSource functions() {
    return {.snapshot = [this] { return snapshot(); },
            .request_snapshot =
                [this](std::function<void(SnapshotPtr)> ready) {
                  ready(snapshot());
                },
            .watch_events =
                [this](std::function<void(const Event&)> on_event) {
                  const std::lock_guard lock(mutex_);
                  watcher_ = std::move(on_event);
                  return [this] {
                    const std::lock_guard inner(mutex_);
                    watcher_ = nullptr;
                  };
                }};
  }

  void tell(EndpointId endpoint, AssociationId association, EventBody body) {
    const std::lock_guard lock(mutex_);
    log_.append(endpoint, association, std::move(body));
  }
  // An event of the whole reactor, which is told apart by its peer.
  void tell(const std::string& peer) {
    tell({}, {}, PeerExpected{"connect", peer});
  }

  [[nodiscard]] bool is_watched() const {
    const std::lock_guard lock(mutex_);
    return watcher_ != nullptr;
  }

  [[nodiscard]] SnapshotPtr snapshot() const {
    const std::lock_guard lock(mutex_);
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->monotonic = std::chrono::steady_clock::now();
    snapshot->wall = std::chrono::system_clock::now();
    snapshot->table = log_.table();
    return snapshot;
  }

 private:
  mutable std::mutex mutex_;
  std::function<void(const Event&)> watcher_;
  EventLog log_;
};

}  // namespace lksctp::test
