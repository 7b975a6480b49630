// libevent, fenced in: the only pair of files of the reactor that knows it.
//
// One thread runs the loop (an owned base: the one that calls `run`; a borrowed
// one: the one that dispatches it). Before it first runs, the creating thread
// counts as the loop thread. Everything here is for that thread except `post`
// and `stop`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "lksctp/reactor/error.h"
#include "lksctp/reactor/types.h"

struct event_base;

namespace lksctp {

struct EventBaseFree {
  void operator()(event_base* base) const;
};

// Readiness of a file descriptor. Destruction stops it; it does not close the
// descriptor. Level-triggered until `want_news_only`. Safe to destroy inside its
// own callback.
class FileWatch {
 public:
  virtual ~FileWatch() = default;
  // Which readiness is reported from now on; both false pauses.
  virtual void want(bool read, bool write) = 0;
  // From now on readiness is told when it is news, not as long as it lasts: for
  // a descriptor that stays readable with nothing to read.
  virtual void want_news_only() = 0;
};

// A one-shot timer that can be started again. Destruction stops it; safe inside
// its own callback.
class LoopTimer {
 public:
  virtual ~LoopTimer() = default;
  virtual void start(std::chrono::nanoseconds delay) = 0;
  virtual void stop() = 0;
};

class Loop {
 public:
  // `borrowed` null: owns a new base. Errors: kSystem (descriptors, memory).
  static Result<std::unique_ptr<Loop>> create(event_base* borrowed);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Owned bases only.
  void run();
  void run_once(std::chrono::milliseconds wait);

  // Any thread.
  void stop();
  void post(std::function<void()> task);

  [[nodiscard]] bool in_loop_thread() const;

  // Calls back on readiness, from the loop.
  [[nodiscard]] Result<std::unique_ptr<FileWatch>> watch(
      int fd, std::function<void(bool readable, bool writable)> callback);
  [[nodiscard]] std::unique_ptr<LoopTimer> timer(
      std::function<void()> callback);
  // One that always runs: a descriptor of its own, so that the loop waits
  // without a time-out, which the kernel would have to set up and cancel in
  // every turn. An ordinary one when descriptors have run out.
  [[nodiscard]] std::unique_ptr<LoopTimer> background_timer(
      std::function<void()> callback);

  // Runs `callback` once everything that is ready in this turn has been
  // handled. One callback for the life of the loop: the reactor's end of turn.
  void set_turn_end(std::function<void()> callback);
  // Asks for the turn end in this turn, or in the next one if none is running.
  // Inside the turn end it does nothing: what is queued there belongs to it.
  void request_turn_end();
  // Asks for another turn end, after everything else has had its turn.
  void request_next_turn_end();

  [[nodiscard]] static MonotonicTime now();

 private:
  explicit Loop(event_base* borrowed);
  struct Implementation;

  // Constant after construction.
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace lksctp
