#include "kernel/end.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "count_allocations.h"

namespace lksctp {
namespace {

// Slow start is over, pools are filled.
constexpr auto kWarmUp = std::chrono::milliseconds(300);

timeval to_timeval(std::chrono::milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
}

void tick_in(std::chrono::milliseconds time) {
  const itimerval timer{.it_interval = {}, .it_value = to_timeval(time)};
  if (::setitimer(ITIMER_REAL, &timer, nullptr) != 0) fail("setitimer");
}

double now_seconds() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

std::vector<std::string> EndOrders::to_arguments() const {
  return {"--end",
          std::to_string(static_cast<int>(program)),
          std::to_string(static_cast<int>(role)),
          std::to_string(port),
          std::to_string(size),
          std::to_string(count),
          std::to_string(time.count()),
          std::to_string(buffers.send),
          std::to_string(buffers.receive),
          std::to_string(report)};
}

std::optional<EndOrders> EndOrders::from_arguments(int argc, char** argv) {
  constexpr int kArguments = 10;
  if (argc != kArguments + 1 || std::strcmp(argv[1], "--end") != 0) return {};
  std::array<unsigned long long, kArguments + 1> value{};
  for (std::size_t i = 2; i < value.size(); ++i) {
    value[i] = std::strtoull(argv[i], nullptr, 10);
  }
  return EndOrders{.program = static_cast<Program>(value[2]),
                   .role = static_cast<Role>(value[3]),
                   .port = static_cast<std::uint16_t>(value[4]),
                   .size = value[5],
                   .count = value[6],
                   .time = std::chrono::milliseconds(value[7]),
                   .buffers = {.send = static_cast<std::uint32_t>(value[8]),
                               .receive = static_cast<std::uint32_t>(value[9])},
                   .report = static_cast<int>(value[10])};
}

volatile std::sig_atomic_t Meter::ticks = 0;

void Meter::start() {
  if (orders_.count != 0) return;
  struct sigaction action {};
  action.sa_handler = [](int) { ticks = ticks + 1; };
  if (::sigaction(SIGALRM, &action, nullptr) != 0) fail("sigaction");
  tick_in(kWarmUp);
}

void Meter::note() {
  seen_ = ticks;
  // What is counted is negative in between.
  add(seen_ == 1 ? -1 : 1);
  if (seen_ == 1) tick_in(orders_.time);
}

void Meter::add(double sign) {
  report_.seconds += sign * now_seconds();
  report_.cpu_seconds += sign * cpu_seconds();
  report_.allocations += sign * static_cast<double>(allocations());
  report_.measured = report_.messages - report_.measured;
}

void Meter::finish() {
  if (seen_ != 1) return;
  seen_ = 2;
  add(1);
}

void Meter::write_report() const {
  if (::write(orders_.report, &report_, sizeof report_) != sizeof report_) {
    fail("write");
  }
}

void write_port(int report, std::uint16_t port) {
  if (::write(report, &port, sizeof port) != sizeof port) fail("write");
}

void fail(const char* operation) {
  std::fprintf(stderr, "%s: %s\n", operation, std::strerror(errno));
  std::_Exit(1);
}

}  // namespace lksctp
