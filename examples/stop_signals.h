// SIGINT and SIGTERM as an ordinary call on another thread.
#pragma once

#include <pthread.h>

#include <csignal>
#include <functional>
#include <thread>

namespace examples {

// Blocks SIGINT and SIGTERM in the calling thread and those it starts later,
// and calls `on_stop` from a thread of its own whenever one of them arrives.
// What it calls must be there already and live longer. The destructor ends the
// thread.
class StopSignals {
 public:
  explicit StopSignals(std::function<void()> on_stop)
      : on_stop_(std::move(on_stop)) {
    sigemptyset(&signals_);
    for (int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread([this] {
      int signal = 0;
      while (sigwait(&signals_, &signal) == 0 && signal != SIGUSR1) on_stop_();
    });
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals() {
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }

 private:
  std::function<void()> on_stop_;
  sigset_t signals_{};
  std::thread thread_;
};

}  // namespace examples
