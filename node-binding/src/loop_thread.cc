#include "loop_thread.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "session.h"

namespace lksctp::node {
namespace {

// How long JS may not know that messages were taken whose taking nobody waits for: no
// batch has to wake it for that.
constexpr timeval kReportDelay{.tv_sec = 0, .tv_usec = 10'000};

// Never destroyed: environments may end while static objects are going.
struct Shared {
  std::mutex mutex;
  std::weak_ptr<LoopThread> thread;  // guarded by `mutex`
};

Shared& shared() {
  static auto* const the_shared = new Shared;
  return *the_shared;
}

// For one thread, with epoll, and without reading a clock in every turn.
event_base* new_base() {
  event_config* config = event_config_new();
  if (config == nullptr) return nullptr;
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
  event_config_require_features(config, EV_FEATURE_ET);
  event_base* base = event_base_new_with_config(config);
  event_config_free(config);
  return base;
}

}  // namespace

void LoopThread::EventBaseFree::operator()(event_base* base) const {
  event_base_free(base);
}
void LoopThread::EventFree::operator()(event* handle) const {
  event_free(handle);
}
LoopThread::CloseDescriptor::~CloseDescriptor() {
  if (fd >= 0) ::close(fd);
}

Result<std::shared_ptr<LoopThread>> LoopThread::acquire() {
  Shared& process = shared();
  // Held while the thread starts: two environments must not make two.
  const std::lock_guard lock(process.mutex);
  if (auto running = process.thread.lock()) return running;
  std::shared_ptr<LoopThread> thread(new LoopThread);
  if (auto started = thread->start(); !started) {
    return tl::unexpected(started.error());
  }
  process.thread = thread;
  return thread;
}

Result<void> LoopThread::start() {
  wake_fd_.fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_.fd < 0) return tl::unexpected(Error::system(errno, "eventfd"));
  base_.reset(new_base());
  if (!base_) return tl::unexpected(Error::system(ENOMEM, "event_base_new"));
  // Edge-triggered, every write being an edge: the counter need not be read.
  wake_.reset(event_new(
      base_.get(), wake_fd_.fd, EV_READ | EV_PERSIST | EV_ET,
      [](evutil_socket_t, short, void* pointer) {
        auto& self = *static_cast<LoopThread*>(pointer);
        {
          const std::lock_guard lock(self.mutex_);
          self.draining_.swap(self.woken_);
          if (self.stopping_) event_base_loopbreak(self.base_.get());
        }
        for (const auto& session : self.draining_) session->drain();
        self.draining_.clear();
      },
      this));
  hand_over_.reset(event_new(
      base_.get(), -1, 0,
      [](evutil_socket_t, short, void* pointer) {
        auto& self = *static_cast<LoopThread*>(pointer);
        const auto sessions = std::exchange(self.to_hand_over_, {});
        for (const auto& session : sessions) session->hand_over();
      },
      this));
  report_.reset(event_new(
      base_.get(), -1, 0,
      [](evutil_socket_t, short, void* pointer) {
        auto& self = *static_cast<LoopThread*>(pointer);
        const auto sessions = std::exchange(self.to_report_, {});
        for (const auto& session : sessions) session->report();
      },
      this));
  if (!wake_ || !hand_over_ || !report_ ||
      event_add(wake_.get(), nullptr) != 0) {
    return tl::unexpected(Error::system(ENOMEM, "event_new"));
  }
  // Signals are Node's threads' to take.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_setname_np(thread_.native_handle(), "lksctp");
  return {};
}

void LoopThread::run() {
  event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY);
  // On their own thread, while the base is there.
  reactor_.reset();
}

LoopThread::~LoopThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_.fd, &one, sizeof one);
  thread_.join();
}

void LoopThread::wake(std::shared_ptr<Session> session) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = woken_.empty();
    woken_.push_back(std::move(session));
  }
  if (!first) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_.fd, &one, sizeof one);
}

void LoopThread::hand_over_later(std::shared_ptr<Session> session) {
  to_hand_over_.push_back(std::move(session));
  // At the tail of what is ready now, hence one crossing for all of it.
  if (to_hand_over_.size() == 1) event_active(hand_over_.get(), 0, 0);
}

void LoopThread::report_later(std::shared_ptr<Session> session) {
  to_report_.push_back(std::move(session));
  if (to_report_.size() == 1) event_add(report_.get(), &kReportDelay);
}

Result<Reactor*> LoopThread::reactor(StackChoice choice) {
  if (!reactor_) {
    auto made = Reactor::create({.base = base_.get(), .stack = choice});
    if (!made) return tl::unexpected(made.error());
    if (auto journal = std::exchange(journal_, nullptr)) {
      if (auto attached = (*made)->attach_journal(journal); !attached) {
        return tl::unexpected(attached.error());
      }
    }
    reactor_ = std::move(*made);
  }
  return reactor_.get();
}

Result<void> LoopThread::attach_journal(std::shared_ptr<Journal> journal) {
  if (reactor_) return reactor_->attach_journal(std::move(journal));
  journal_ = std::move(journal);
  return {};
}

const std::string* LoopThread::fallback_reason(StackChoice choice,
                                               StackKind got) {
  if (choice != StackChoice::kAuto || got != StackKind::kUsrsctp) {
    return nullptr;
  }
  if (!fallback_reason_) {
    const auto kernel = reactor_->capabilities(StackChoice::kKernel);
    fallback_reason_ = kernel ? std::string() : kernel.error().message;
  }
  return &*fallback_reason_;
}

}  // namespace lksctp::node
