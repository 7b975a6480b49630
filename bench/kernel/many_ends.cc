// Ends with many associations: those that accept, and those that connect.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>

#include "kernel/end.h"
#include "kernel/raw_socket.h"
#include "lksctp/reactor/reactor.h"

namespace lksctp {
namespace {

using Clock = std::chrono::steady_clock;

// Being connected at a time: fewer than any backlog holds.
constexpr std::uint64_t kAtOnce = 32;
constexpr int kBacklog = 511;  // the reactor's default
constexpr auto kStep = std::chrono::milliseconds(100);

// Bytes that malloc has given out and not got back.
double heap() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

// Counts associations, and what they cost from the first to the last.
class Census {
 public:
  explicit Census(const EndOrders& orders) : orders_(orders) {}

  void count() {
    if (++report_.messages == 1) {
      first_ = Clock::now();
      heap_ = heap();
    }
    if (complete()) {
      last_ = Clock::now();
      report_.measured = report_.messages - 1;
      report_.seconds = std::chrono::duration<double>(last_ - first_).count();
    }
  }
  [[nodiscard]] std::uint64_t counted() const { return report_.messages; }
  [[nodiscard]] bool complete() const {
    return report_.messages == orders_.count;
  }
  // Nothing has happened for as long as was asked for.
  [[nodiscard]] bool idle() const {
    return complete() && Clock::now() - last_ >= orders_.time;
  }
  void write_report() {
    report_.heap = (heap() - heap_) / static_cast<double>(report_.messages - 1);
    if (::write(orders_.report, &report_, sizeof report_) != sizeof report_) {
      fail("write");
    }
  }

 private:
  const EndOrders& orders_;
  EndReport report_;
  double heap_ = 0;
  Clock::time_point first_;
  Clock::time_point last_;
};

// ---- C loops ------------------------------------------------------------------

class Epoll {
 public:
  void add(int fd, std::uint32_t events) { control(EPOLL_CTL_ADD, fd, events); }
  void change(int fd, std::uint32_t events) {
    control(EPOLL_CTL_MOD, fd, events);
  }
  std::span<const epoll_event> wait() {
    const int ready = ::epoll_wait(epoll_, events_.data(),
                                   static_cast<int>(events_.size()), -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    return std::span(events_).first(
        static_cast<std::size_t>(ready < 0 ? 0 : ready));
  }

 private:
  void control(int operation, int fd, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    if (::epoll_ctl(epoll_, operation, fd, &event) != 0) fail("epoll_ctl");
  }

  int epoll_ = ::epoll_create1(0);
  std::array<epoll_event, 64> events_{};
};

void accept_raw(const EndOrders& orders, Census& census) {
  const int listener = listen_on_loopback(orders, kBacklog);
  Epoll epoll;
  epoll.add(listener, EPOLLIN);
  while (!census.complete()) {
    epoll.wait();
    for (;;) {
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) {
        if (errno == EAGAIN) break;
        fail("accept4");
      }
      epoll.add(fd, EPOLLIN);
      census.count();
    }
  }
}

// Returns when the peer ends.
void connect_raw(const EndOrders& orders, Census& census) {
  const sockaddr_in remote = loopback(orders.port);
  Epoll epoll;
  std::uint64_t begun = 0;
  for (;;) {
    for (; begun < orders.count && begun - census.counted() < kAtOnce;
         ++begun) {
      const int fd = open_socket(orders.buffers);
      if (::connect(fd, reinterpret_cast<const sockaddr*>(&remote),
                    sizeof remote) != 0 &&
          errno != EINPROGRESS) {
        fail("connect");
      }
      epoll.add(fd, EPOLLOUT);
    }
    for (const epoll_event& event : epoll.wait()) {
      if ((event.events & EPOLLOUT) == 0) return;
      epoll.change(event.data.fd, EPOLLIN);
      census.count();
    }
  }
}

// ---- the reactor --------------------------------------------------------------

std::unique_ptr<Reactor> make_reactor() {
  auto reactor = Reactor::create({.stack = StackChoice::kKernel});
  if (!reactor) {
    std::fprintf(stderr, "%s\n", reactor.error().to_string().c_str());
    std::_Exit(1);
  }
  return std::move(*reactor);
}

[[noreturn]] void accept_with_reactor(const EndOrders& orders, Census& census) {
  const auto reactor = make_reactor();
  ListenOptions options;
  options.local = {*Address::parse("127.0.0.1", 0)};
  options.backlog = kBacklog;
  const auto endpoint =
      reactor->listen(options, [&census](const std::shared_ptr<Association>&) {
        return AssociationHandlers{
            .on_established = [&census](Association&) { census.count(); }};
      });
  if (!endpoint) fail("listen");
  write_port(orders.report, (*endpoint)->local().front().port);
  while (!census.idle()) reactor->run_once(kStep);
  census.write_report();
  // The other end measures, too.
  if (orders.time.count() != 0) {
    const auto until = Clock::now() + std::chrono::seconds(1);
    while (Clock::now() < until) reactor->run_once(kStep);
  }
  std::_Exit(0);
}

[[noreturn]] void connect_with_reactor(const EndOrders& orders,
                                       Census& census) {
  const auto reactor = make_reactor();
  ConnectOptions options;
  options.remote = {*Address::parse("127.0.0.1", orders.port)};
  std::uint64_t begun = 0;
  bool peer_ended = false;
  const AssociationHandlers handlers{
      .on_established = [&census](Association&) { census.count(); },
      .on_closed = [&peer_ended](Association&,
                                 const auto&) { peer_ended = true; }};
  bool reported = false;
  while (!peer_ended) {
    for (; begun < orders.count && begun - census.counted() < kAtOnce;
         ++begun) {
      if (!reactor->connect(options, handlers)) fail("connect");
    }
    reactor->run_once(kStep);
    if (!reported && census.idle()) {
      census.write_report();
      reported = true;
    }
  }
  std::_Exit(reported ? 0 : 1);
}

void allow_many_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void run_many_end(const EndOrders& orders) {
  allow_many_descriptors();
  Census census(orders);
  const bool reactor = orders.program == Program::kReactor;
  if (orders.role == Role::kAccept) {
    if (reactor) accept_with_reactor(orders, census);
    accept_raw(orders, census);
  } else {
    if (reactor) connect_with_reactor(orders, census);
    connect_raw(orders, census);
  }
  census.write_report();
  std::_Exit(0);
}

}  // namespace lksctp
