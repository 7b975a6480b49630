// The process's loop thread: one event_base and one reactor on it, shared by every environment (main thread and workers). It lives as
// long as somebody holds it.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "lksctp/reactor/journal.h"
#include "lksctp/reactor/reactor.h"

struct event;
struct event_base;

namespace lksctp::node {

class Session;

class LoopThread {
 public:
  // The one of this process, started if there is none. Any thread.
  static Result<std::shared_ptr<LoopThread>> acquire();
  // Stops and joins. Not on the loop thread.
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  // Has `session->drain()` called by the loop. Any thread.
  void wake(std::shared_ptr<Session> session);

  // The process writes one journal: false when there is one, or one is being opened. Any
  // thread.
  bool claim_journal() { return !journal_claimed_.exchange(true); }
  void release_journal() { journal_claimed_ = false; }

  // ---- loop thread -----------------------------------------------------------

  // Attaches it to the reactor, to the one that is made later if there is none yet.
  Result<void> attach_journal(std::shared_ptr<Journal> journal);
  // When it is closed.
  void detach_journal() { journal_.reset(); }

  // The reactor, made when it is first asked for: with `choice` then, which others
  // need not have. Errors: those of Reactor::create.
  Result<Reactor*> reactor(StackChoice choice);
  // Null when nobody has asked for it.
  [[nodiscard]] Reactor* existing() const { return reactor_.get(); }
  // Why `choice` came to be the stack `got`; null when nothing fell back.
  const std::string* fallback_reason(StackChoice choice, StackKind got);

  // Has `session->hand_over()` called once all that is ready in this turn of the
  // loop has been handled.
  void hand_over_later(std::shared_ptr<Session> session);
  // Has `session->report()` called in a little while.
  void report_later(std::shared_ptr<Session> session);

 private:
  struct EventBaseFree {
    void operator()(event_base* base) const;
  };
  struct EventFree {
    void operator()(event* handle) const;
  };
  struct CloseDescriptor {
    int fd = -1;
    ~CloseDescriptor();
  };

  LoopThread() = default;
  Result<void> start();
  void run();

  // Constant after `start`. Destruction is in reverse: events before the base they
  // are on.
  CloseDescriptor wake_fd_;
  std::unique_ptr<event_base, EventBaseFree> base_;
  std::unique_ptr<event, EventFree> wake_;
  std::unique_ptr<event, EventFree> hand_over_;
  std::unique_ptr<event, EventFree> report_;

  std::atomic<bool> journal_claimed_ = false;

  // Guarded by `mutex_`.
  std::mutex mutex_;
  std::vector<std::shared_ptr<Session>> woken_;
  bool stopping_ = false;

  // Loop thread.
  std::vector<std::shared_ptr<Session>> draining_;
  std::vector<std::shared_ptr<Session>> to_hand_over_;
  std::vector<std::shared_ptr<Session>> to_report_;
  std::unique_ptr<Reactor> reactor_;
  std::shared_ptr<Journal> journal_;  // for a reactor that is not there yet
  std::optional<std::string> fallback_reason_;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace lksctp::node
