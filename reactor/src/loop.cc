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

// What every callback from libevent goes through.
class Turn {
 public:
  // Whose thread the loop is: whoever dispatches the base, which for a borrowed
  // one is only known from inside a callback.
  std::atomic<std::thread::id> thread;
  std::function<void()> end;

  [[nodiscard]] bool create(event_base* base) {
    base_ = base;
    end_.reset(event_new(base, -1, 0, &on_end, this));
    next_end_.reset(event_new(base, -1, 0, &on_end, this));
    return end_ && next_end_;
  }

  void enter() {
    thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  }

  template <typename Callback>
  void call(const Callback& callback) {
    enter();
    in_callback_ = true;
    callback();
    in_callback_ = false;
    if (!end_requested_) return;
    // Behind everything that is ready: mostly that is nothing more, and the way
    // through libevent's queue is saved.
    if (event_base_get_num_events(base_, EVENT_BASE_COUNT_ACTIVE) == 0) {
      run_end();
    } else {
      event_active(end_.get(), 0, 0);
    }
  }

  void request_end() {
    if (in_end_) return;
    end_requested_ = true;
    if (!in_callback_) event_active(end_.get(), 0, 0);
  }

  void request_next_end() {
    // A timer, not event_active: libevent would run it before it polls again.
    const timeval at_once{};
    event_add(next_end_.get(), &at_once);
  }

 private:
  static void on_end(evutil_socket_t, short, void* self) {
    auto& turn = *static_cast<Turn*>(self);
    turn.enter();
    turn.run_end();
  }

  void run_end() {
    end_requested_ = false;
    in_end_ = true;
    if (end) end();
    in_end_ = false;
  }

  event_base* base_ = nullptr;
  EventHandle end_;
  EventHandle next_end_;
  bool in_callback_ = false;
  bool in_end_ = false;
  bool end_requested_ = false;
};

class EventFileWatch final : public FileWatch {
 public:
  using Callback = std::function<void(bool, bool)>;

  EventFileWatch(event_base* base, Turn& turn, int fd, Callback callback)
      : turn_(turn),
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
    // The copy keeps the function alive if it destroys its own watch.
    watch.turn_.call([callback = watch.callback_, what] {
      (*callback)((what & EV_READ) != 0, (what & EV_WRITE) != 0);
    });
  }

  Turn& turn_;
  std::shared_ptr<Callback> callback_;
  EventHandle read_;
  EventHandle write_;
  bool wants_read_ = false;
  bool wants_write_ = false;
};

class EventTimer final : public LoopTimer {
 public:
  EventTimer(event_base* base, Turn& turn, std::function<void()> callback)
      : turn_(turn),
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
    timer.turn_.call([callback = timer.callback_] { (*callback)(); });
  }

  Turn& turn_;
  std::shared_ptr<std::function<void()>> callback_;
  EventHandle handle_;
};

// For one thread, as every base is that only its owner knows; and without a clock
// that libevent reads in every turn though no timer asks.
event_base* new_base() {
  event_config* config = event_config_new();
  if (config == nullptr) return nullptr;
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
  event_base* base = event_base_new_with_config(config);
  event_config_free(config);
  return base;
}

class DescriptorTimer final : public LoopTimer {
 public:
  DescriptorTimer(event_base* base, Turn& turn, int fd,
                  std::function<void()> callback)
      : fd_(fd),
        watch_(base, turn, fd, [this, call = std::move(callback)](bool, bool) {
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

  // Any thread.
  std::atomic<bool> stop_requested{false};

  // Guarded by `mutex`.
  std::mutex mutex;
  std::vector<std::function<void()>> tasks;

  // Loop thread, but for `turn.thread`.
  Turn turn;
  std::vector<std::function<void()>> running;
  bool in_run = false;

  ~Implementation() {
    wake.reset();  // before its descriptor: on a borrowed base others go on
    if (wake_fd >= 0) ::close(wake_fd);
  }

  void wake_up() const {
    const std::uint64_t one = 1;
    // A full counter means a wake-up is pending anyway.
    [[maybe_unused]] const auto written = ::write(wake_fd, &one, sizeof one);
  }

  static void on_wake(evutil_socket_t, short, void* pointer) {
    auto& self = *static_cast<Implementation*>(pointer);
    self.turn.call([&self] { self.run_tasks(); });
  }

  void run_tasks() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_fd, &count, sizeof count);
    // At the end of this turn.
    if (in_run && stop_requested) event_base_loopexit(base, nullptr);
    {
      // Swap under the lock, run outside it: a task may post.
      const std::lock_guard lock(mutex);
      running.swap(tasks);
    }
    for (auto& task : running) task();
    running.clear();
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
    self.owned.reset(new_base());
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
  if (!self.wake || !self.turn.create(self.base) ||
      event_add(self.wake.get(), nullptr) != 0) {
    return tl::unexpected(Error::system(ENOMEM, "event_new"));
  }
  self.turn.enter();
  return loop;
}

void Loop::run() {
  Implementation& self = *implementation_;
  assert(self.owned && "only the owner of the base dispatches it");
  self.turn.enter();
  self.in_run = true;
  // Sticky: a stop that came before `run` counts.
  while (!self.stop_requested.exchange(false)) {
    if (event_base_loop(self.base, EVLOOP_NO_EXIT_ON_EMPTY) < 0) break;
  }
  self.in_run = false;
}

void Loop::run_once(std::chrono::milliseconds wait) {
  Implementation& self = *implementation_;
  assert(self.owned && "only the owner of the base dispatches it");
  self.turn.enter();
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
  return implementation_->turn.thread.load() == std::this_thread::get_id();
}

Result<std::unique_ptr<FileWatch>> Loop::watch(
    int fd, std::function<void(bool readable, bool writable)> callback) {
  auto watch = std::make_unique<EventFileWatch>(
      implementation_->base, implementation_->turn, fd, std::move(callback));
  if (!watch->valid()) {
    return tl::unexpected(Error::system(ENOMEM, "event_new"));
  }
  return watch;
}

std::unique_ptr<LoopTimer> Loop::timer(std::function<void()> callback) {
  return std::make_unique<EventTimer>(
      implementation_->base, implementation_->turn, std::move(callback));
}

std::unique_ptr<LoopTimer> Loop::background_timer(
    std::function<void()> callback) {
  const int fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) return timer(std::move(callback));
  return std::make_unique<DescriptorTimer>(
      implementation_->base, implementation_->turn, fd, std::move(callback));
}

void Loop::set_turn_end(std::function<void()> callback) {
  implementation_->turn.end = std::move(callback);
}

void Loop::request_turn_end() { implementation_->turn.request_end(); }

void Loop::request_next_turn_end() { implementation_->turn.request_next_end(); }

MonotonicTime Loop::now() { return std::chrono::steady_clock::now(); }

}  // namespace lksctp
