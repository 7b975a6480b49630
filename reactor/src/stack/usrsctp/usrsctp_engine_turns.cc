// Telling sockets that they are ready; the engine's turns.
#include <algorithm>
#include <utility>

#include "stack/usrsctp/usrsctp_engine.h"
#include "stack/usrsctp/usrsctp_socket.h"

namespace lksctp {
namespace {

constexpr std::chrono::milliseconds kTick{10};
// After a stall longer than this the stack's clock stands still for the rest: a
// process that did not run must not conclude that its peers are dead.
constexpr std::chrono::milliseconds kMaxElapsed{250};
// Ticks without a socket before ticking stops: usrsctp frees what our closes
// left behind by timers of up to 100 ms.
constexpr int kIdleTicks = 50;
constexpr std::size_t kSweepSlice = 64;

void forget(std::vector<UsrsctpSocket*>& list, UsrsctpSocket& socket) {
  std::replace(list.begin(), list.end(), &socket,
               static_cast<UsrsctpSocket*>(nullptr));
}

}  // namespace

void UsrsctpEngine::add(UsrsctpSocket& socket) {
  socket.link().index = sockets_.size();
  sockets_.push_back(&socket);
  start_ticking();
}

void UsrsctpEngine::remove(UsrsctpSocket& socket) {
  const std::size_t index = socket.link().index;
  sockets_[index] = sockets_.back();
  sockets_[index]->link().index = index;
  sockets_.pop_back();
  if (socket.link().ready) {
    forget(ready_, socket);
    forget(draining_, socket);
  }
  if (socket.link().active) forget(active_, socket);
  idle_ticks_ = 0;
}

void UsrsctpEngine::add_listener(UsrsctpSocket& socket, std::uint16_t port) {
  listeners_.emplace(port, &socket);
}

void UsrsctpEngine::remove_listener(std::uint16_t port) {
  listeners_.erase(port);
}

void UsrsctpEngine::mark_ready(UsrsctpSocket& socket) {
  if (std::exchange(socket.link().ready, true)) return;
  ready_.push_back(&socket);
  if (!in_callback_) schedule_drain();
}

void UsrsctpEngine::mark_active(UsrsctpSocket& socket) {
  if (std::exchange(socket.link().active, true)) return;
  active_.push_back(&socket);
}

void UsrsctpEngine::schedule_drain() {
  if (std::exchange(drain_scheduled_, true)) return;
  drain_soon_->start(std::chrono::nanoseconds(0));
}

void UsrsctpEngine::on_udp_batch_end() { drain(); }

void UsrsctpEngine::drain() {
  {
    const Scope scope(in_callback_);
    for (const std::uintptr_t handle : std::exchange(refused_, {})) {
      refuse(handle);
    }
    draining_.clear();
    draining_.swap(ready_);
    // By index: an observer may destroy sockets that are still to come.
    for (std::size_t i = 0; i < draining_.size(); ++i) {
      UsrsctpSocket* socket = std::exchange(draining_[i], nullptr);
      if (socket == nullptr) continue;
      socket->link().ready = false;
      socket->report_events();
    }
  }
  // What observers caused has its turn after what else is ready.
  if (!ready_.empty() || !refused_.empty()) schedule_drain();
  loop_.request_turn_end();
}

void UsrsctpEngine::start_ticking() {
  idle_ticks_ = 0;
  if (std::exchange(ticking_, true)) return;
  last_tick_ = Loop::now();
  tick_->start(kTick);
}

void UsrsctpEngine::on_tick() {
  const MonotonicTime now = Loop::now();
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - last_tick_);
  last_tick_ += elapsed;  // the rest of a millisecond counts next time
  {
    const Scope scope(in_callback_);
    api().handle_timers(
        static_cast<std::uint32_t>(std::min(elapsed, kMaxElapsed).count()));
    sweep();
  }
  expire_flows(now);
  drain();
  if (sockets_.empty() && ++idle_ticks_ > kIdleTicks) {
    ticking_ = false;
    return;
  }
  tick_->start(kTick);
}

void UsrsctpEngine::sweep() {
  for (UsrsctpSocket* socket : std::exchange(active_, {})) {
    if (socket == nullptr) continue;
    socket->link().active = false;
    socket->sweep();
  }
  const std::size_t slice = std::min(kSweepSlice, sockets_.size());
  for (std::size_t i = 0; i < slice; ++i) {
    if (sweep_next_ >= sockets_.size()) sweep_next_ = 0;
    sockets_[sweep_next_++]->sweep();
  }
}

}  // namespace lksctp
