// How fast a journal becomes state again: from its first event, with no snapshot, and how
// much of that is reading.
//
// The goal is 300,000 events a second.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "journal_maker.h"
#include "lksctp/reactor/journal_reader.h"

namespace lksctp {
namespace {

constexpr std::uint64_t kAssociations = 20'000;
constexpr std::size_t kAlive = 200;  // at one time
constexpr EndpointId kEndpoint{1};

// The log of a server whose peers come and go, with what is sampled between.
class Log {
 public:
  Log() {
    add({}, EndpointOpened{.name = "listen:127.0.0.1:2905",
                           .role = EndpointRole::kListen,
                           .stack = StackKind::kKernel});
  }

  std::vector<Event> fill() {
    for (std::uint64_t id = 1; id <= kAssociations + kAlive; ++id) {
      if (id <= kAssociations) begin(AssociationId(id));
      for (std::uint64_t age : {std::uint64_t{1}, std::uint64_t{50}}) {
        if (id > age && id - age <= kAssociations) {
          sample(AssociationId(id - age), age);
        }
      }
      if (id > kAlive) end(AssociationId(id - kAlive));
    }
    return std::move(events_);
  }

 private:
  void add(AssociationId association, EventBody body) {
    Event event;
    event.seq = EventSeq(events_.size() + 1);
    event.monotonic =
        MonotonicTime(std::chrono::microseconds(event.seq.value()));
    event.wall = WallTime(std::chrono::seconds(1'700'000'000) +
                          std::chrono::microseconds(event.seq.value()));
    event.endpoint = kEndpoint;
    event.association = association;
    event.body = std::move(body);
    events_.push_back(std::move(event));
  }

  static PathInfo path(const char* ip) {
    return {.address = Address::parse(ip, 2905).value(),
            .state = PathState::kActive,
            .congestion_window = 4380,
            .srtt = Milliseconds(10),
            .rto = Milliseconds(1000),
            .mtu = 1500};
  }

  void begin(AssociationId id) {
    add(id, AssociationAccepted{
                .peer = "peer-" + std::to_string(id.value() % 1000),
                .remote = Address::parse("10.0.0.1", 2905).value()});
    add(id,
        Notification(AssociationChange{.state = AssociationChangeState::kCommUp,
                                       .outbound_streams = 10,
                                       .inbound_streams = 10}));
    add(id, StatusSampled{.state = AssociationState::kEstablished,
                          .peer_receive_window = 106496,
                          .inbound_streams = 10,
                          .outbound_streams = 10});
    add(id, PathsSampled{{path("10.0.0.1"), path("10.0.1.1")}});
    add(id, LocalAddressesSampled{{Address::parse("10.0.0.2", 2905).value()}});
  }

  void sample(AssociationId id, std::uint64_t count) {
    add(id, StatusSampled{.state = AssociationState::kEstablished,
                          .peer_receive_window = 100000,
                          .unacknowledged_chunks = 1,
                          .inbound_streams = 10,
                          .outbound_streams = 10});
    add(id, PathsSampled{{path("10.0.0.1"), path("10.0.1.1")}});
    add(id,
        TrafficSampled{
            .sent = {count, count * 100},
            .received = {count, count * 100},
            .streams = {{StreamId(0),
                         {count, count * 100},
                         {count, count * 100}}},
            .ppids = {{Ppid(3), {count, count * 100}, {count, count * 100}}}});
    add(id, Notification(PeerAddressChange{
                .address = Address::parse("10.0.1.1", 2905).value(),
                .state = PeerAddressState::kAvailable}));
  }

  void end(AssociationId id) {
    add(id, Notification(ShutdownEvent{}));
    add(id, Notification(AssociationChange{
                .state = AssociationChangeState::kShutdownComplete}));
    add(id, AssociationClosed{.reason = CloseReason::kShutdownRemote});
  }

  std::vector<Event> events_;
};

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

template <typename Work>
void measure(const char* what, std::size_t events, Work work) {
  const double processor = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double wall = seconds_of(CLOCK_MONOTONIC);
  work();
  const double used = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - processor;
  std::printf(
      "%-8s %8.0f events/s, %8.0f in a second of processor time\n", what,
      static_cast<double>(events) / (seconds_of(CLOCK_MONOTONIC) - wall),
      static_cast<double>(events) / used);
}

int run() {
  const test::TemporaryDirectory directory;
  test::JournalMaker maker(directory.file("journal"));
  const std::vector<Event> events = Log().fill();
  maker.add_part(events);
  std::printf("%zu events\n", events.size());
  bool done = true;
  for (int round = 0; round < 3; ++round) {
    measure("read", events.size(),
            [&] { done &= test::read_journal(maker.path()).damage.empty(); });
    measure("replay", events.size(), [&] {
      const auto replayed = replay(maker.path());
      done &= replayed && replayed->events == events.size() && replayed->exact;
    });
  }
  return done ? 0 : 1;
}

}  // namespace
}  // namespace lksctp

int main() { return lksctp::run(); }
