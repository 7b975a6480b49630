// What a journal pays for each event: its body written and read, against the same by a
// tree of nlohmann-json, which the library used before.
//
//   lksctp_bench_codec
//
// Google Benchmark prints the times; the last table the ratios and the allocations, best of
// several alternating rounds. The goals are 1.5 us for an association change or a path
// change, each way, 3 us for a sample of two paths, and no allocation for writing into a
// text that has room.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "count_allocations.h"
#include "journal/codec.h"
#include "lksctp/reactor/event_json.h"
#include "lksctp/reactor/event_log.h"

namespace lksctp {
namespace {

struct Subject {
  const char* name;
  EventBody body;
};

PathInfo path(const char* ip) {
  return {.address = *Address::parse(ip, 2905),
          .state = PathState::kActive,
          .primary = true,
          .congestion_window = 4380,
          .srtt = Milliseconds(10),
          .rto = Milliseconds(1000),
          .mtu = 1500};
}

std::vector<Subject> subjects() {
  return {
      {"association_change",
       Notification(AssociationChange{.state = AssociationChangeState::kCommUp,
                                      .outbound_streams = 10,
                                      .inbound_streams = 10,
                                      .association = StackAssociationId(7)})},
      {"peer_address_change", Notification(PeerAddressChange{
                                  .address = *Address::parse("10.0.0.1", 2905),
                                  .state = PeerAddressState::kUnreachable,
                                  .association = StackAssociationId(7)})},
      {"peer_address_change, IPv6",
       Notification(PeerAddressChange{
           .address = *Address::parse("2001:db8:1234:5678::1:1", 2905),
           .state = PeerAddressState::kUnreachable,
           .association = StackAssociationId(7)})},
      {"paths_sampled, 2 paths",
       PathsSampled{{path("10.0.0.1"), path("10.0.1.1")}}},
      {"traffic_sampled",
       TrafficSampled{
           .sent = {1000, 100'000},
           .received = {1000, 100'000},
           .streams = {{StreamId(0), {1000, 100'000}, {1000, 100'000}}},
           .ppids = {{Ppid(3), {1000, 100'000}, {1000, 100'000}}}}},
  };
}

std::string text_of(const EventBody& body) {
  std::string text;
  write_body(text, body, JournaledUserData::kNone);
  return text;
}

// Best time of one call, of several rounds.
template <typename Call>
double nanoseconds(Call call) {
  constexpr int kCalls = 5000;
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < 15; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    const std::chrono::duration<double, std::nano> passed =
        std::chrono::steady_clock::now() - begin;
    best = std::min(best, passed.count() / kCalls);
  }
  return best;
}

template <typename Call>
double allocations_of(Call call) {
  constexpr int kCalls = 100;
  call();
  const std::uint64_t before = allocations();
  for (int i = 0; i < kCalls; ++i) call();
  return static_cast<double>(allocations() - before) / kCalls;
}

void print_ratios() {
  std::printf("\n%-26s %9s %7s %9s %7s %9s %9s\n", "event", "write ns",
              "allocs", "read ns", "allocs", "x dump", "x parse");
  for (const auto& [name, body] : subjects()) {
    const std::string written = text_of(body);
    const std::string_view kind = event_kind_name(body);
    const nlohmann::json tree = nlohmann::json::parse(written);
    std::string text;
    const auto write = [&, &body = body] {
      text.clear();
      write_body(text, body, JournaledUserData::kNone);
      benchmark::DoNotOptimize(text.data());
    };
    const auto read = [&] {
      auto result = read_body(kind, kEventJsonVersion, written);
      benchmark::DoNotOptimize(result);
    };
    // A copy stands for the tree being made: cheaper than making it by name.
    const auto dump = [&] {
      const nlohmann::json made = tree;
      std::string dumped = made.dump();
      benchmark::DoNotOptimize(dumped);
    };
    const auto parse = [&] {
      auto parsed = nlohmann::json::parse(written);
      benchmark::DoNotOptimize(parsed);
    };
    const double write_time = nanoseconds(write);
    const double read_time = nanoseconds(read);
    std::printf("%-26s %9.0f %7.1f %9.0f %7.1f %9.1f %9.1f\n", name, write_time,
                allocations_of(write), read_time, allocations_of(read),
                nanoseconds(dump) / write_time, nanoseconds(parse) / read_time);
  }
}

// A server with so many associations of two paths each.
AssociationTable fleet(std::uint64_t associations) {
  std::vector<Event> events;
  const auto add = [&](std::uint64_t association, EventBody body) {
    events.push_back({.seq = EventSeq(events.size() + 1),
                      .endpoint = EndpointId(1),
                      .association = AssociationId(association),
                      .body = std::move(body)});
  };
  add(0, EndpointOpened{.name = "listen:127.0.0.1:2905",
                        .role = EndpointRole::kListen});
  for (std::uint64_t i = 1; i <= associations; ++i) {
    add(i, AssociationAccepted{.peer = "peer-" + std::to_string(i),
                               .remote = path("10.0.0.1").address});
    for (const Subject& subject : subjects()) add(i, subject.body);
  }
  return replay(events);
}

void print_state() {
  constexpr std::uint64_t kAssociations = 10'000;
  const AssociationTable table = fleet(kAssociations);
  const auto milliseconds_of = [](auto call) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - begin;
    return passed.count();
  };
  std::string text;
  const double write = milliseconds_of([&] { text = write_state(table); });
  bool equal = false;
  const double read = milliseconds_of([&] {
    const auto again = read_state(kEventJsonVersion, text);
    equal = again && *again == table;
  });
  std::printf(
      "\nstate of %llu associations: %.1f MB, write %.0f ms, read %.0f ms%s\n",
      static_cast<unsigned long long>(kAssociations),
      static_cast<double>(text.size()) / 1e6, write, read,
      equal ? "" : " (NOT EQUAL)");
}

void write_benchmark(benchmark::State& state, const EventBody& body) {
  std::string text;
  for (auto _ : state) {
    text.clear();
    write_body(text, body, JournaledUserData::kNone);
    benchmark::DoNotOptimize(text.data());
  }
  state.SetItemsProcessed(state.iterations());
}

void read_benchmark(benchmark::State& state, const EventBody& body) {
  const std::string text = text_of(body);
  const std::string_view kind = event_kind_name(body);
  for (auto _ : state) {
    auto result = read_body(kind, kEventJsonVersion, text);
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace
}  // namespace lksctp

int main(int argc, char** argv) {
  const auto all = lksctp::subjects();
  for (const auto& subject : all) {
    const std::string name = subject.name;
    benchmark::RegisterBenchmark(("write " + name).c_str(),
                                 lksctp::write_benchmark, subject.body);
    benchmark::RegisterBenchmark(("read " + name).c_str(),
                                 lksctp::read_benchmark, subject.body);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  lksctp::print_ratios();
  lksctp::print_state();
  return 0;
}
