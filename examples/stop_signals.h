// SIGINT and SIGTERM as an ordinary call on another thread.
#pragma once

#include <pthread.h>

#include <csignal>
#include <functional>
#include <thread>

namespace examples {

// The constructor blocks SIGINT and SIGTERM in the calling thread and those it
// starts later: make one first in `main`, before anything that has threads.
// From `start` on each of them calls `on_stop` from a thread of its own; one
// that came earlier does then. The destructor ends that thread.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    for (int signal : {SIGINT, SIGTERM, kEnd}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals() { end(); }

  void start(std::function<void()> on_stop) {
    thread_ = std::thread([this, on_stop = std::move(on_stop)] {
      int signal = 0;
      while (sigwait(&signals_, &signal) == 0 && signal != kEnd) on_stop();
    });
  }

  // `on_stop` is not called any more once this has returned.
  void end() {
    if (!thread_.joinable()) return;
    pthread_kill(thread_.native_handle(), kEnd);
    thread_.join();
  }

 private:
  static constexpr int kEnd = SIGUSR1;

  sigset_t signals_{};
  std::thread thread_;
};

}  // namespace examples
