// What a journal costs: processor time of the loop per event with a journal and without,
// events per second that the writer sustains, and bytes per event. The files lie in the
// current directory, or in the one that is named: on a disk, not in memory.
//
//   lksctp_bench_journal [directory]
//
// The goals: an event costs the loop less than a microsecond more, and 100,000 events per
// second are sustained in the mode `durable`.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "journal/journal_feed.h"

namespace lksctp {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kMostNanoseconds = 1000;
constexpr double kLeastDurable = 100'000;

// Of this thread: the writer's has a processor of its own, or should.
double thread_nanoseconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e9 +
         static_cast<double>(used.tv_nsec);
}

// What a busy signalling node tells: changes, samples, path events. With records, as the
// reactor hands them over.
class Events {
 public:
  Events() {
    const Address path = Address::parse("192.0.2.1", 2905).value();
    bodies_.emplace_back(Notification(PeerAddressChange{.address = path}), 148);
    bodies_.emplace_back(
        PathsSampled{{{.address = path, .mtu = 1500},
                      {.address = Address::parse("198.51.100.1", 2905).value(),
                       .mtu = 1500}}},
        0);
    bodies_.emplace_back(
        TrafficSampled{.sent = {1000, 100'000},
                       .received = {1000, 100'000},
                       .streams = {{StreamId(1), {1, 100}, {1, 100}}}},
        0);
    bodies_.emplace_back(StatusSampled{.state = AssociationState::kEstablished},
                         0);
    bodies_.emplace_back(Notification(AssociationChange{}), 20);
    bodies_.emplace_back(PeerExpected{"listen:192.0.2.1:2905", "198.51.100.1"},
                         0);
  }

  void append_to(EventLog& log) {
    const auto& [body, raw] = bodies_[next_++ % bodies_.size()];
    log.append(EndpointId(1), AssociationId(1), body,
               Bytes(with_raw ? raw : 0));
  }

  bool with_raw = true;

 private:
  std::vector<std::pair<EventBody, std::size_t>> bodies_;
  std::size_t next_ = 0;
};

[[noreturn]] void fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  std::exit(1);
}

class Loop {
 public:
  explicit Loop(const std::shared_ptr<Journal>& journal) {
    log_.add_sink([this](const Event& event) {
      if (feed_ != nullptr) feed_->add(event);
    });
    events_.with_raw = journal != nullptr;
    if (journal == nullptr) return;
    auto feed = JournalFeed::attach(journal, log_, [] {});
    if (!feed) fail(feed.error());
    feed_ = std::move(*feed);
  }

  void turn(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) events_.append_to(log_);
    if (feed_ != nullptr) feed_->hand_over();
  }
  void finish() {
    if (feed_ != nullptr) feed_->finish();
    feed_.reset();
  }

 private:
  Events events_;
  EventLog log_;
  std::unique_ptr<JournalFeed> feed_;
};

std::shared_ptr<Journal> open(const std::string& path, JournalMode mode) {
  auto journal = Journal::open({.path = path, .mode = mode});
  if (!journal) fail(journal.error());
  return *journal;
}

// Nanoseconds of the loop per event, turns of so many, at a pace that the writer keeps up
// with; the median of many turns.
double loop_cost(const std::shared_ptr<Journal>& journal, std::size_t per_turn,
                 double* longest) {
  constexpr int kTurns = 2000;
  Loop loop(journal);
  std::vector<double> costs;
  for (int i = 0; i < kTurns; ++i) {
    const double before = thread_nanoseconds();
    loop.turn(per_turn);
    costs.push_back((thread_nanoseconds() - before) /
                    static_cast<double>(per_turn));
    if (i % 16 == 15) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  loop.finish();
  *longest = *std::ranges::max_element(costs) * static_cast<double>(per_turn);
  std::ranges::nth_element(costs, costs.begin() + kTurns / 2);
  return costs[kTurns / 2];
}

struct Rate {
  double per_second = 0;
  double bytes = 0;  // per event
  std::uint64_t lost = 0;
};

// As fast as the writer takes them: turns wait while the queue is half full.
Rate sustained(const std::string& path, JournalMode mode) {
  constexpr std::uint64_t kCount = 1'000'000;
  constexpr std::size_t kTurn = 64;
  const auto journal = open(path, mode);
  Loop loop(journal);
  const auto begun = Clock::now();
  for (std::uint64_t i = 0; i < kCount; i += kTurn) {
    loop.turn(kTurn);
    if (i % 4096 == 0) {
      while (journal->status().queued > 30'000) std::this_thread::yield();
    }
  }
  loop.finish();
  if (auto flushed = journal->flush(); !flushed) fail(flushed.error());
  const std::chrono::duration<double> took = Clock::now() - begun;
  const JournalStatus status = journal->status();
  if (auto closed = journal->close(); !closed) fail(closed.error());
  return {.per_second = static_cast<double>(status.written) / took.count(),
          .bytes = static_cast<double>(journal->status().bytes) /
                   static_cast<double>(status.written),
          .lost = status.lost_events};
}

bool run(const fs::path& directory) {
  int paths = 0;
  const auto next_path = [&] {
    return (directory / std::to_string(++paths) / "a.journal").string();
  };
  bool good = true;
  std::printf("%-28s %10s %10s %12s\n", "loop, ns per event", "without", "with",
              "difference");
  for (const std::size_t per_turn : {1U, 8U, 64U}) {
    double longest_without = 0;
    double longest_with = 0;
    const double without = loop_cost(nullptr, per_turn, &longest_without);
    const auto journal = open(next_path(), JournalMode::kDurable);
    const double with = loop_cost(journal, per_turn, &longest_with);
    std::printf("%3zu events in a turn         %10.0f %10.0f %12.0f", per_turn,
                without, with, with - without);
    std::printf("   longest turn %.0f us, without %.0f us\n",
                longest_with / 1000, longest_without / 1000);
    good = good && with - without < kMostNanoseconds;
  }
  for (const auto& [mode, name] : {std::pair{JournalMode::kDurable, "durable"},
                                   {JournalMode::kFast, "fast"}}) {
    const Rate rate = sustained(next_path(), mode);
    std::printf("%-28s %10.0f events/s, %.0f bytes per event, %llu lost\n",
                name, rate.per_second, rate.bytes,
                static_cast<unsigned long long>(rate.lost));
    good = good && rate.lost == 0;
    if (mode == JournalMode::kDurable) {
      good = good && rate.per_second >= kLeastDurable;
    }
  }
  return good;
}

}  // namespace
}  // namespace lksctp

int main(int argc, char** argv) {
  std::string directory =
      std::string(argc > 1 ? argv[1] : ".") + "/lksctp-bench-journal-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) {
    std::perror(directory.c_str());
    return 2;
  }
  const bool good = lksctp::run(directory);
  std::filesystem::remove_all(directory);
  std::printf("%s\n", good ? "goals met" : "a goal is missed");
  return good ? 0 : 1;
}
