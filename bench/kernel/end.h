// One end of a measurement, a process of its own: its orders, its clock and its
// report. What an end does is in raw_ends.cc and reactor_ends.cc.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lksctp {

enum class Program : std::uint8_t {
  kRawPlain,    // a C loop, one system call per message
  kRawBatched,  // a C loop, sendmmsg with MSG_MORE and recvmmsg
  kReactor,
};

enum class Role : std::uint8_t {
  kSink,    // listens and counts messages
  kEcho,    // listens and sends back
  kSource,  // sends one way
  kPing,    // sends the next message when the last one is back
  kAccept,  // listens for many associations
  kConnect,
};
[[nodiscard]] constexpr bool listens(Role role) {
  return role == Role::kSink || role == Role::kEcho || role == Role::kAccept;
}

// SO_SNDBUF and SO_RCVBUF as setsockopt takes them; 0: as the kernel has them, or the
// reactor sets them.
struct Buffers {
  std::uint32_t send = 0;
  std::uint32_t receive = 0;
  friend bool operator==(const Buffers&, const Buffers&) = default;
};

struct EndOrders {
  Program program{};
  Role role{};
  std::uint16_t port = 0;  // of the peer, for those that do not listen
  std::size_t size = 0;    // of every message
  // Messages to send, 0: until the time is over; or associations to make.
  std::uint64_t count = 0;
  // To measure; with many associations: how long they are idle before it.
  std::chrono::milliseconds time{};
  Buffers buffers;
  int report = -1;  // descriptor

  // As arguments of a program, and back.
  [[nodiscard]] std::vector<std::string> to_arguments() const;
  static std::optional<EndOrders> from_arguments(int argc, char** argv);
};

// What an end writes when it has done its part.
struct EndReport {
  // Sent by a source, received by the others; or associations.
  std::uint64_t messages = 0;
  std::uint64_t bad = 0;  // of another size, or out of order
  // From the end of the warm-up until the time was over.
  std::uint64_t measured = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  double allocations = 0;  // calls of operator new
  double heap = 0;         // bytes, per association
  Buffers buffers;         // as they were in the end
};

// Counts messages and notes where the warm-up and the time end. Ticks are signals:
// asking for the time is a system call on some machines.
class Meter {
 public:
  // The clock starts with the first message, unless a count ends the run.
  explicit Meter(const EndOrders& orders) : orders_(orders) {}

  void count(std::uint64_t messages = 1) {
    if (report_.messages == 0) start();
    report_.messages += messages;
    if (ticks != seen_) note();
  }
  void bad() { ++report_.bad; }
  // For those who send: enough sent.
  [[nodiscard]] bool over() const {
    return orders_.count != 0 ? report_.messages >= orders_.count : ticks > 1;
  }
  // Messages that may still be sent.
  [[nodiscard]] std::uint64_t left() const {
    return orders_.count != 0 ? orders_.count - report_.messages : ~0ULL;
  }
  // The time is over, for the one who counts as well.
  [[nodiscard]] bool noted() const { return seen_ > 1; }

  // No more messages come, whether the time is over or not.
  void finish();

  void set_buffers(Buffers buffers) { report_.buffers = buffers; }
  void write_report() const;

 private:
  void start();
  void note();
  void add(double sign);

  static volatile std::sig_atomic_t ticks;

  const EndOrders& orders_;
  EndReport report_;
  std::sig_atomic_t seen_ = 0;
};

// Tells the parent which port to connect to.
void write_port(int report, std::uint16_t port);

// Ends the process, saying what of the operating system's failed.
[[noreturn]] void fail(const char* operation);

[[noreturn]] void run_raw_end(const EndOrders& orders);
[[noreturn]] void run_reactor_end(const EndOrders& orders);
[[noreturn]] void run_many_end(const EndOrders& orders);

}  // namespace lksctp
