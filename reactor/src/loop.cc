#include "loop.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace lksctp {
namespace {

struct EventFree {
  void operator()(event* handle) const { event_free(handle); }
};
using EventHandle = std::unique_ptr<event, EventFree>;

timeval to_timeval(std::chrono::nanoseconds duration) {
  if (duration < std::chrono::nanoseconds::zero()) duration = {};
  // Rounded up: a timer that fires early would have to be started again.
  const auto microseconds =
      std::chrono::ceil<std::chrono::microseconds>(duration).count();
  return {.tv_sec = static_cast<time_t>(microseconds / 1'000'000),
          .tv_usec = static_cast<suseconds_t>(microseconds % 1'000'000)};
}

// Whose thread the loop is: whoever dispatches the base, which for a borrowed
// one is only known from inside a callback.
using LoopThread = std::atomic<std::thread::id>;

class EventFileWatch final : public FileWatch {
 public:
  using Callback = std::function<void(bool, bool)>;

  EventFileWatch(event_base* base, LoopThread& thread, int fd,
                 Callback callback)
      : thread_(thread),
        callback_(std::make_shared<Callback>(std::move(callback))) {
    read_.reset(event_new(base, fd, EV_READ | EV_PERSIST, &ready, this));
    write_.reset(event_new(base, fd, EV_WRITE | EV_PERSIST, &ready, this));
  }

  [[nodiscard]] bool valid() const { return read_ && write_; }

  void want(bool read, bool write) override {
    toggle(*read_, wants_read_, read);
    toggle(*write_, wants_write_, write);
  }

  void want_news_only() override {
    if ((event_get_events(read_.get()) & EV_ET) != 0) return;
    // Both: libevent does not mix the two ways on one descriptor.
    const bool read = wants_read_;
    const bool write = wants_write_;
    want(false, false);
    for (event* handle : {read_.get(), write_.get()}) {
      event_assign(handle, event_get_base(handle), event_get_fd(handle),
                   static_cast<short>(event_get_events(handle) | EV_ET), &ready,
                   this);
    }
    want(read, write);
  }

 private:
  static void toggle(event& handle, bool& current, bool wanted) {
    if (current == wanted) return;
    current = wanted;
    if (wanted) {
      event_add(&handle, nullptr);
    } else {
      event_del(&handle);
    }
  }

  static void ready(evutil_socket_t, short what, void* self) {
    auto& watch = *static_cast<EventFileWatch*>(self);
    watch.thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    // The copy keeps the function alive if it destroys its own watch.
    const auto callback = watch.callback_;
    (*callback)((what & EV_READ) != 0, (what & EV_WRITE) != 0);
  }

  LoopThread& thread_;
  std::shared_ptr<Callback> callback_;
  EventHandle read_;
  EventHandle write_;
  bool wants_read_ = false;
  bool wants_write_ = false;
};

class EventTimer final : public LoopTimer {
 public:
  EventTimer(event_base* base, LoopThread& thread,
             std::function<void()> callback)
      : thread_(thread),
        callback_(std::make_shared<std::function<void()>>(std::move(callback))),
        handle_(event_new(base, -1, 0, &expired, this)) {}

  void start(std::chrono::nanoseconds delay) override {
    const timeval timeout = to_timeval(delay);
    event_add(handle_.get(), &timeout);
  }
  void stop() override { event_del(handle_.get()); }

 private:
  static void expired(evutil_socket_t, short, void* self) {
    auto& timer = *static_cast<EventTimer*>(self);
    timer.thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    const auto callback = timer.callback_;
    (*callback)();
  }

  LoopThread& thread_;
  std::shared_ptr<std::function<void()>> callback_;
  EventHandle handle_;
};

class DescriptorTimer final : public LoopTimer {
 public:
  DescriptorTimer(event_base* base, LoopThread& thread, int fd,
                  std::function<void()> callback)
      : fd_(fd),
        watch_(base, thread, fd,
               [this, call = std::move(callback)](bool, bool) {
                 std::uint64_t expirations = 0;
                 // Not ready: started anew since.
                 if (::read(fd_, &expirations, sizeof expirations) > 0) call();
               }) {
    if (watch_.valid()) watch_.want(true, false);
  }
  ~DescriptorTimer() override {
    watch_.want(false, false);
    ::close(fd_);
  }

  void start(std::chrono::nanoseconds delay) override {
    // Zero would stop it.
    set(std::max(delay, std::chrono::nanoseconds(1)));
  }
  void stop() override { set({}); }

 private:
  void set(std::chrono::nanoseconds delay) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(delay);
    itimerspec setting{};
    setting.it_value = {.tv_sec = seconds.count(),
                        .tv_nsec = (delay - seconds).count()};
    ::timerfd_settime(fd_, 0, &setting, nullptr);
  }

  const int fd_;
  EventFileWatch watch_;
};

}  // namespace

void EventBaseFree::operator()(event_base* base) const {
  event_base_free(base);
}

struct Loop::Implementation {
  // Constant after construction. Member order is destruction order, reversed:
  // events go before the base they are on.
  std::unique_ptr<event_base, EventBaseFree> owned;
  event_base* base = nullptr;
  int wake_fd = -1;
  EventHandle wake;
  EventHandle turn_end;
  EventHandle next_turn_end;
  std::function<void()> turn_end_callback;

  // Any thread.
  LoopThread loop_thread;
  std::atomic<bool> stop_requested{false};

  // Guarded by `mutex`.
  std::mutex mutex;
  std::vector<std::function<void()>> tasks;

  // Loop thread.
  std::vector<std::function<void()>> running;
  bool in_turn_end = false;

  ~Implementation() {
    wake.reset();  // before its descriptor: on a borrowed base others go on
    if (wake_fd >= 0) ::close(wake_fd);
  }

  void wake_up() const {
    const std::uint64_t one = 1;
    // A full counter means a wake-up is pending anyway.
    [[maybe_unused]] const auto written = ::write(wake_fd, &one, sizeof one);
  }

  void enter() {
    loop_thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  }

  static void on_wake(evutil_socket_t fd, short, void* pointer) {
    auto& self = *static_cast<Implementation*>(pointer);
    self.enter();
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd, &count, sizeof count);
    {
      // Swap under the lock, run outside it: a task may post.
      const std::lock_guard lock(self.mutex);
      self.running.swap(self.tasks);
    }
    for (auto& task : self.running) task();
    self.running.clear();
  }

  static void on_turn_end(evutil_socket_t, short, void* pointer) {
    auto& self = *static_cast<Implementation*>(pointer);
    self.enter();
    self.in_turn_end = true;
    if (self.turn_end_callback) self.turn_end_callback();
    self.in_turn_end = false;
  }
};

Loop::Loop(event_base* borrowed)
    : implementation_(std::make_unique<Implementation>()) {
  implementation_->base = borrowed;
}

Loop::~Loop() = default;

Result<std::unique_ptr<Loop>> Loop::create(event_base* borrowed) {
  std::unique_ptr<Loop> loop(new Loop(borrowed));
  Implementation& self = *loop->implementation_;
  if (borrowed == nullptr) {
    self.owned.reset(event_base_new());
    if (!self.owned) {
      return tl::unexpected(
          Error::system(errno == 0 ? ENOMEM : errno, "event_base_new"));
    }
    self.base = self.owned.get();
  }
  self.wake_fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (self.wake_fd < 0) return tl::unexpected(Error::system(errno, "eventfd"));
  self.wake.reset(event_new(self.base, self.wake_fd, EV_READ | EV_PERSIST,
                            &Implementation::on_wake, &self));
  self.turn_end.reset(
      event_new(self.base, -1, 0, &Implementation::on_turn_end, &self));
  self.next_turn_end.reset(
      event_new(self.base, -1, 0, &Implementation::on_turn_end, &self));
  if (!self.wake || !self.turn_end || !self.next_turn_end ||
      event_add(self.wake.get(), nullptr) != 0) {
    return tl::unexpected(Error::system(ENOMEM, "event_new"));
  }
  self.enter();
  return loop;
}

void Loop::run() {
  Implementation& self = *implementation_;
  assert(self.owned && "only the owner of the base dispatches it");
  self.enter();
  // Sticky: a stop that came before `run` counts.
  while (!self.stop_requested.exchange(false)) {
    if (event_base_loop(self.base, EVLOOP_ONCE) < 0) break;
  }
}

void Loop::run_once(std::chrono::milliseconds wait) {
  Implementation& self = *implementation_;
  assert(self.owned && "only the owner of the base dispatches it");
  self.enter();
  if (wait <= std::chrono::milliseconds::zero()) {
    event_base_loop(self.base, EVLOOP_NONBLOCK);
    return;
  }
  const timeval timeout = to_timeval(wait);
  // An event of its own bounds the wait: loopexit would stay set for the next
  // call when something else ended this one.
  const EventHandle bound(event_new(
      self.base, -1, 0, [](evutil_socket_t, short, void*) {}, nullptr));
  event_add(bound.get(), &timeout);
  event_base_loop(self.base, EVLOOP_ONCE);
}

void Loop::stop() {
  implementation_->stop_requested.store(true);
  implementation_->wake_up();
}

void Loop::post(std::function<void()> task) {
  Implementation& self = *implementation_;
  bool first = false;
  {
    const std::lock_guard lock(self.mutex);
    first = self.tasks.empty();
    self.tasks.push_back(std::move(task));
  }
  if (first) self.wake_up();
}

bool Loop::in_loop_thread() const {
  return implementation_->loop_thread.load() == std::this_thread::get_id();
}

Result<std::unique_ptr<FileWatch>> Loop::watch(
    int fd, std::function<void(bool readable, bool writable)> callback) {
  auto watch = std::make_unique<EventFileWatch>(implementation_->base,
                                                implementation_->loop_thread,
                                                fd, std::move(callback));
  if (!watch->valid()) {
    return tl::unexpected(Error::system(ENOMEM, "event_new"));
  }
  return watch;
}

std::unique_ptr<LoopTimer> Loop::timer(std::function<void()> callback) {
  return std::make_unique<EventTimer>(
      implementation_->base, implementation_->loop_thread, std::move(callback));
}

std::unique_ptr<LoopTimer> Loop::background_timer(
    std::function<void()> callback) {
  const int fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) return timer(std::move(callback));
  return std::make_unique<DescriptorTimer>(implementation_->base,
                                           implementation_->loop_thread, fd,
                                           std::move(callback));
}

void Loop::set_turn_end(std::function<void()> callback) {
  implementation_->turn_end_callback = std::move(callback);
}

void Loop::request_turn_end() {
  if (implementation_->in_turn_end) return;
  // At the tail of the active queue, hence after everything ready in this turn.
  event_active(implementation_->turn_end.get(), 0, 0);
}

void Loop::request_next_turn_end() {
  // A timer, not event_active: libevent would run it before it polls again.
  const timeval at_once{};
  event_add(implementation_->next_turn_end.get(), &at_once);
}

MonotonicTime Loop::now() { return std::chrono::steady_clock::now(); }

}  // namespace lksctp
