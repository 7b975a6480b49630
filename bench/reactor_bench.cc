// The reactor on usrsctp against the bare usrsctp loop of bare_usrsctp.cc: one
// association over UDP on loopback, a process per end, one way. Rounds of the two
// alternate, and the ratios are those of the best rounds, so that they hold
// whatever else the machine does: of the rates, and of the processor time.
//
//   lksctp_bench_reactor [rounds]
//
// The goal is a ratio of at least 0.9 and no allocation per message, sent or
// received, once warm.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bare_usrsctp.h"
#include "count_allocations.h"
#include "lksctp/reactor/reactor.h"

namespace lksctp {
namespace {

using Clock = std::chrono::steady_clock;

struct Ports {
  std::uint16_t sctp = 0;
  std::uint16_t udp = 0;
};

struct Measured {
  OneWay one_way;
  double receive_allocations = 0;  // per message, second half
  double send_allocations = 0;
};

std::unique_ptr<Reactor> make_reactor() {
  auto reactor = Reactor::create({.stack = StackChoice::kUsrsctp});
  if (!reactor) {
    std::fprintf(stderr, "%s\n", reactor.error().to_string().c_str());
    std::_Exit(1);
  }
  return std::move(*reactor);
}

void put(int fd, const void* data, std::size_t size) {
  if (::write(fd, data, size) != static_cast<ssize_t>(size)) std::_Exit(1);
}

[[noreturn]] void run_receiver(int report, std::uint64_t count) {
  const auto reactor = make_reactor();
  std::uint64_t received = 0;
  std::uint64_t allocations_half_way = 0;
  Clock::time_point first;
  const auto endpoint = reactor->listen(
      {.local = {*Address::parse("127.0.0.1", 0)}, .udp = {.local_port = 0}},
      [&](const auto&) {
        return AssociationHandlers{.on_message = [&](Association&, Message) {
          ++received;
          if (received == 1) first = Clock::now();
          if (received == count / 2) allocations_half_way = allocations();
          if (received == count) reactor->stop();
        }};
      });
  if (!endpoint) std::_Exit(1);
  const Ports ports{.sctp = (*endpoint)->local().front().port,
                    .udp = *(*endpoint)->udp_port()};
  put(report, &ports, sizeof ports);
  reactor->run();
  const std::chrono::duration<double> seconds = Clock::now() - first;
  const std::array<double, 2> result = {
      static_cast<double>(count - 1) / seconds.count(),
      static_cast<double>(allocations() - allocations_half_way) /
          static_cast<double>(count - count / 2)};
  put(report, result.data(), sizeof result);
  std::_Exit(0);
}

[[noreturn]] void run_sender(int report, Ports ports, std::size_t size,
                             std::uint64_t count) {
  const auto reactor = make_reactor();
  const std::vector<std::byte> message(size, std::byte{0x5a});
  std::uint64_t sent = 0;
  std::uint64_t allocations_half_way = 0;
  const auto send_more = [&](Association& association) {
    while (sent < count && association.send(message)) {
      if (++sent == count / 2) allocations_half_way = allocations();
    }
    if (sent == count) {
      const double result =
          static_cast<double>(allocations() - allocations_half_way) /
          static_cast<double>(count - count / 2);
      put(report, &result, sizeof result);
      ++sent;
    }
  };
  ConnectOptions options;
  options.remote = {*Address::parse("127.0.0.1", ports.sctp)};
  options.udp.remote_port = ports.udp;
  const auto association = reactor->connect(
      options, {.on_established = send_more, .on_writable = send_more});
  if (!association) std::_Exit(1);
  reactor->run();
  std::_Exit(0);
}

template <typename T>
bool get(int fd, T& value) {
  return ::read(fd, &value, sizeof value) == sizeof value;
}

Measured measure_reactor(std::size_t size, std::uint64_t count) {
  std::array<int, 2> from_receiver{};
  std::array<int, 2> from_sender{};
  if (::pipe(from_receiver.data()) != 0 || ::pipe(from_sender.data()) != 0) {
    std::exit(1);
  }
  const pid_t receiver = ::fork();
  if (receiver == 0) run_receiver(from_receiver[1], count);
  Ports ports;
  Measured measured;
  if (!get(from_receiver[0], ports)) std::exit(1);
  const pid_t sender = ::fork();
  if (sender == 0) run_sender(from_sender[1], ports, size, count);
  std::array<double, 2> result{};
  ::close(from_receiver[1]);
  ::close(from_sender[1]);
  if (get(from_receiver[0], result)) {
    measured.one_way.messages_per_second = result[0];
    measured.receive_allocations = result[1];
  }
  if (!get(from_sender[0], measured.send_allocations)) std::exit(1);
  ::kill(sender, SIGTERM);
  measured.one_way.cpu_microseconds =
      (wait_for_child(sender) + wait_for_child(receiver)) /
      static_cast<double>(count);
  ::close(from_receiver[0]);
  ::close(from_sender[0]);
  return measured;
}

// Other work on the machine only ever slows a round down.
void keep_best(OneWay& best, const OneWay& measured) {
  best.messages_per_second =
      std::max(best.messages_per_second, measured.messages_per_second);
  if (best.cpu_microseconds == 0 ||
      measured.cpu_microseconds < best.cpu_microseconds) {
    best.cpu_microseconds = measured.cpu_microseconds;
  }
}

struct Shape {
  std::size_t size;
  std::uint64_t count;
};
constexpr Shape kShapes[] = {{64, 300'000}, {270, 200'000}, {16384, 10'000}};

int run(int rounds) {
  std::printf("%6s %12s %14s %6s %10s %10s %6s %18s\n", "size", "bare msg/s",
              "reactor msg/s", "ratio", "bare us", "reactor us", "ratio",
              "new per rcv / snd");
  bool reached = true;
  for (const auto& [size, count] : kShapes) {
    OneWay bare;
    Measured best;
    for (int round = 0; round < rounds; ++round) {
      keep_best(bare, measure_bare_usrsctp(size, count));
      const Measured measured = measure_reactor(size, count);
      keep_best(best.one_way, measured.one_way);
      best.receive_allocations = measured.receive_allocations;
      best.send_allocations = measured.send_allocations;
    }
    const double rates =
        best.one_way.messages_per_second / bare.messages_per_second;
    const double times = bare.cpu_microseconds / best.one_way.cpu_microseconds;
    std::printf("%6zu %12.0f %14.0f %6.2f %10.2f %10.2f %6.2f %9.4f / %.4f\n",
                size, bare.messages_per_second,
                best.one_way.messages_per_second, rates, bare.cpu_microseconds,
                best.one_way.cpu_microseconds, times, best.receive_allocations,
                best.send_allocations);
    std::fflush(stdout);
    reached = reached && rates >= 0.9 && best.receive_allocations < 0.1;
  }
  return reached ? 0 : 1;
}

}  // namespace
}  // namespace lksctp

int main(int argc, char** argv) {
  return lksctp::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 5);
}
