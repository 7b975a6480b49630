// What observers cost with 10,000 associations of two paths each: the snapshot,
// which the SCTP loop takes, and the pages, which other threads make of it.
//
// The goal is that taking a snapshot holds the loop for less than 5 ms.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>

#include "lksctp/metrics/text.h"
#include "lksctp/reactor/event_log.h"
#include "lksctp/reactor/snapshot.h"
#include "lksctp/reactor/snapshot_json.h"

namespace lksctp {
namespace {

constexpr std::uint64_t kAssociations = 10'000;
constexpr EndpointId kEndpoint{1};

PathInfo path(const char* ip, std::uint64_t id) {
  return {.address = *Address::parse(
              ip, static_cast<std::uint16_t>(10'000 + id % 50'000)),
          .state = PathState::kActive,
          .congestion_window = 4380,
          .srtt = Milliseconds(10),
          .rto = Milliseconds(1000),
          .mtu = 1500};
}

// The log of a server to which they have all connected.
std::unique_ptr<EventLog> fleet() {
  auto log = std::make_unique<EventLog>();
  log->append(kEndpoint, {},
              EndpointOpened{.name = "listen:127.0.0.1:2905",
                             .role = EndpointRole::kListen,
                             .stack = StackKind::kKernel});
  for (std::uint64_t i = 1; i <= kAssociations; ++i) {
    const AssociationId id(i);
    log->append(kEndpoint, id,
                AssociationAccepted{.peer = "peer-" + std::to_string(i),
                                    .remote = path("10.0.0.1", i).address});
    log->append(
        kEndpoint, id,
        Notification(AssociationChange{.state = AssociationChangeState::kCommUp,
                                       .outbound_streams = 10,
                                       .inbound_streams = 10}));
    log->append(kEndpoint, id,
                StatusSampled{.state = AssociationState::kEstablished});
    log->append(kEndpoint, id,
                PathsSampled{{path("10.0.0.1", i), path("10.0.1.1", i)}});
  }
  return log;
}

void sample_traffic(EventLog& log, std::uint64_t count) {
  for (std::uint64_t i = 1; i <= kAssociations; ++i) {
    log.append(kEndpoint, AssociationId(i),
               TrafficSampled{.sent = {count, count * 100},
                              .received = {count, count * 100}});
  }
}

SnapshotPtr snapshot_of(const EventLog& log) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->table = log.table();
  return snapshot;
}

// Nothing has been said since the one before.
void BM_SnapshotOfIdle(benchmark::State& state) {
  const auto log = fleet();
  SnapshotPtr latest;
  for (auto _ : state) {
    SnapshotPtr next = snapshot_of(*log);
    state.PauseTiming();
    latest = std::move(next);  // the old one dies with its last reader
    state.ResumeTiming();
  }
}
BENCHMARK(BM_SnapshotOfIdle)->Unit(benchmark::kMillisecond);

// All of them have said something since: each tells its totals before.
void BM_SnapshotOfBusy(benchmark::State& state) {
  const auto log = fleet();
  SnapshotPtr latest = snapshot_of(*log);
  std::uint64_t count = 0;
  for (auto _ : state) {
    sample_traffic(*log, ++count);
    SnapshotPtr next = snapshot_of(*log);
    state.PauseTiming();
    latest = std::move(next);
    state.ResumeTiming();
  }
}
BENCHMARK(BM_SnapshotOfBusy)->Unit(benchmark::kMillisecond);

void BM_MetricsText(benchmark::State& state) {
  const auto log = fleet();
  const SnapshotPtr snapshot = snapshot_of(*log);
  Scrape scrape;
  scrape.selection.max_peers = kAssociations;
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes =
        to_text(*snapshot, snapshot->monotonic, scrape, TextFormat::kPrometheus)
            .text.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(BM_MetricsText)->Unit(benchmark::kMillisecond);

void BM_StatusJson(benchmark::State& state) {
  const auto log = fleet();
  const SnapshotPtr snapshot = snapshot_of(*log);
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = to_json(*snapshot, {.limit = kAssociations}, {}).size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(BM_StatusJson)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lksctp

BENCHMARK_MAIN();
