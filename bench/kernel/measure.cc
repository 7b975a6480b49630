#include "kernel/measure.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace lksctp {
namespace {

using Clock = std::chrono::steady_clock;

// The descriptor an end reports on.
constexpr int kReport = 3;
// What a run may take beyond its time: it hangs otherwise.
constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kPatienceUnderStrace = std::chrono::seconds(30);
// The end that sends goes on until the other has seen its time pass.
constexpr auto kLonger = std::chrono::milliseconds(200);

std::string own_program() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

// A running end.
class Process {
 public:
  Process(const EndOrders& orders, std::vector<std::string> wrapper) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) fail("pipe2");
    EndOrders own = orders;
    own.report = kReport;
    std::vector<std::string> arguments = std::move(wrapper);
    arguments.push_back(own_program());
    for (std::string& one : own.to_arguments()) {
      arguments.push_back(std::move(one));
    }
    std::vector<char*> raw;
    for (std::string& one : arguments) raw.push_back(one.data());
    raw.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) {
      // A group of its own, so that strace and its program end together.
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (pipe[1] == kReport) {
        ::fcntl(kReport, F_SETFD, 0);
      } else {
        ::dup2(pipe[1], kReport);
      }
      ::execvp(raw[0], raw.data());
      fail(raw[0]);
    }
    ::close(pipe[1]);
    from_ = pipe[0];
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    ::close(from_);
    if (pid_ > 0) {
      ::kill(-pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  // Reads what the end writes; false when it ends or the time does.
  template <typename T>
  bool read(T& value, Clock::time_point until) const {
    pollfd wait{.fd = from_, .events = POLLIN, .revents = 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - Clock::now());
    if (left.count() <= 0 ||
        ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) {
      return false;
    }
    return ::read(from_, &value, sizeof value) == sizeof value;
  }
  // Its end comes by itself, after its report.
  void wait() {
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  int from_ = -1;
};

// Counters of the kernel's SCTP, of this network namespace.
std::map<std::string, std::uint64_t> read_counters() {
  std::map<std::string, std::uint64_t> result;
  std::ifstream file("/proc/net/sctp/snmp");
  std::string name;
  std::uint64_t value = 0;
  while (file >> name >> value) result[name] = value;
  return result;
}

using Wrappers = std::array<std::vector<std::string>, 2>;

struct Pair {
  std::string error;
  EndReport report[2];  // the listening end's first
};

Pair run_both(const EndOrders& first, EndOrders second,
              std::chrono::seconds patience, const Wrappers& wrappers = {}) {
  Pair result;
  const auto until = Clock::now() + first.time + patience;
  Process listening(first, wrappers[0]);
  if (!listening.read(second.port, until)) {
    result.error = "the listening end did not start";
    return result;
  }
  Process connecting(second, wrappers[1]);
  if (!connecting.read(result.report[1], until)) {
    result.error = "the connecting end did not finish";
    return result;
  }
  if (!listening.read(result.report[0], until)) {
    result.error = "the listening end did not finish";
    return result;
  }
  connecting.wait();
  listening.wait();
  const EndReport& in = result.report[0];
  const EndReport& out = result.report[1];
  if (in.messages != out.messages || in.bad != 0 || out.bad != 0) {
    result.error = std::to_string(out.messages) + " sent, " +
                   std::to_string(in.messages) + " arrived, " +
                   std::to_string(in.bad + out.bad) +
                   " of them not as they were sent";
  }
  return result;
}

Pair run_both(const RunOrders& orders, std::chrono::seconds patience,
              const Wrappers& wrappers = {}) {
  const bool one_way = orders.mode == Mode::kOneWay;
  const EndOrders first{.program = orders.program,
                        .role = one_way ? Role::kSink : Role::kEcho,
                        .port = 0,
                        .size = orders.size,
                        .count = orders.count,
                        .time = orders.time,
                        .buffers = orders.buffers,
                        .report = -1};
  EndOrders second = first;
  second.role = one_way ? Role::kSource : Role::kPing;
  second.time += kLonger;
  return run_both(first, second, patience, wrappers);
}

std::uint64_t difference(const std::map<std::string, std::uint64_t>& after,
                         const std::map<std::string, std::uint64_t>& before,
                         const char* name) {
  const auto at = [name](const auto& counters) {
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
  };
  return at(after) - at(before);
}

// strace -c -U calls,name: a line per system call.
SystemCalls read_calls(const std::filesystem::path& file) {
  SystemCalls result;
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    std::array<char, 64> name{};
    unsigned long long calls = 0;
    if (std::sscanf(line.c_str(), "%llu %63s", &calls, name.data()) == 2 &&
        std::strcmp(name.data(), "total") != 0) {
      result[name.data()] = calls;
    }
  }
  return result;
}

}  // namespace

RunResult run_pair(const RunOrders& orders) {
  const auto before = read_counters();
  const Pair pair = run_both(orders, kPatience);
  const auto after = read_counters();
  RunResult result;
  result.error = pair.error;
  result.retransmission_timeouts =
      difference(after, before, "SctpT3RtxExpireds");
  result.delayed_sacks = difference(after, before, "SctpDelaySackExpireds");
  result.fast_retransmissions =
      difference(after, before, "SctpFastRetransmits");
  // Messages count where they arrive, round trips where they began.
  const EndReport& counts = pair.report[orders.mode == Mode::kOneWay ? 0 : 1];
  if (result.error.empty() && (counts.measured == 0 || counts.seconds <= 0)) {
    result.error = "nothing arrived while it was measured";
  }
  if (!result.error.empty()) return result;
  result.per_second = static_cast<double>(counts.measured) / counts.seconds;
  for (std::size_t i = 0; i < 2; ++i) {
    const EndReport& report = pair.report[i];
    if (report.measured == 0) continue;
    const auto messages = static_cast<double>(report.measured);
    result.cpu_microseconds[i] = report.cpu_seconds * 1e6 / messages;
    result.allocations[i] = report.allocations / messages;
  }
  result.buffers = {.send = pair.report[1].buffers.send,
                    .receive = pair.report[0].buffers.receive};
  return result;
}

ManyResult run_many(Program accepting, Program connecting, std::uint64_t count,
                    std::chrono::milliseconds idle) {
  EndOrders first;
  first.program = accepting;
  first.role = Role::kAccept;
  first.count = count;
  first.time = idle;
  EndOrders second = first;
  second.program = connecting;
  second.role = Role::kConnect;
  const Pair pair = run_both(first, second, kPatience);
  ManyResult result;
  result.error = pair.error;
  if (!result.error.empty()) return result;
  result.per_second =
      static_cast<double>(pair.report[0].measured) / pair.report[0].seconds;
  for (std::size_t i = 0; i < 2; ++i) {
    result.heap_bytes[i] = pair.report[i].heap;
  }
  return result;
}

CountedCalls count_system_calls(RunOrders orders) {
  CountedCalls result;
  std::string directory =
      (std::filesystem::temp_directory_path() / "lksctp-bench-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) fail("mkdtemp");
  const std::filesystem::path files[2] = {
      std::filesystem::path(directory) / "listening",
      std::filesystem::path(directory) / "connecting"};
  const auto strace = [](const std::filesystem::path& file) {
    return std::vector<std::string>{"strace",     "-f", "-c",         "-U",
                                    "calls,name", "-o", file.string()};
  };
  const std::uint64_t count = orders.count;
  SystemCalls without[2];
  for (const std::uint64_t messages : {std::uint64_t{1}, count}) {
    orders.count = messages;
    const Pair pair = run_both(orders, kPatienceUnderStrace,
                               Wrappers{strace(files[0]), strace(files[1])});
    result.error = pair.error;
    if (!result.error.empty()) break;
    for (std::size_t i = 0; i < 2; ++i) {
      SystemCalls calls = read_calls(files[i]);
      if (messages == 1) {
        without[i] = std::move(calls);
        continue;
      }
      for (const auto& [name, times] : calls) {
        const double each = (static_cast<double>(times) -
                             static_cast<double>(without[i][name])) /
                            static_cast<double>(count - 1);
        result.by_name[i][name] = each;
        result.per_message[i] += each;
      }
    }
  }
  std::filesystem::remove_all(directory);
  return result;
}

}  // namespace lksctp
