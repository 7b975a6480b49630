// The table-driven decoder against a hand-written one that gives the same
// values: a switch on the type, memcpy per field, the same normalisation. Both
// run here, so that the ratios hold whatever the machine does.
//
//   lksctp_bench_decoder
//
// Google Benchmark prints the times; the last table prints the ratios, best of
// several alternating rounds, and the allocations per record. The goal is a
// ratio of at most 1.5 and no allocation for a record without a tail.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "count_allocations.h"
#include "decoder_by_hand.h"
#include "lksctp/decoder/decode.h"

namespace lksctp {
namespace {

struct Record {
  std::string name;
  Abi abi{};
  std::vector<std::byte> bytes;
};

// One sample per type and ABI.
constexpr const char* kNames[] = {
    "assoc_change-comm_up-client",
    "assoc_change-comm_lost-user_abort_reason",
    "peer_addr_change-unreachable",
    "send_failed_event-peer_abort-first",
    "send_failed-deprecated",
    "remote_error-unrecognized_chunk-client",
    "shutdown_event-server",
    "adaptation-client",
    "authentication-free_key-client",
    "sender_dry-client",
    "stream_reset-outgoing_list-client",
    "assoc_reset-client",
    "stream_change-add_out-client",
};

std::vector<Record> load_records() {
  std::vector<Record> records;
  for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
    const std::string folder = abi == Abi::kLinux ? "linux" : "usrsctp";
    std::vector<std::string> names(std::begin(kNames), std::end(kNames));
    names.push_back(abi == Abi::kLinux ? "partial_delivery-aborted-pr_sctp"
                                       : "partial_delivery-aborted-by_abort");
    for (const std::string& name : names) {
      const auto path =
          std::filesystem::path(LKSCTP_SAMPLES_DIR) / folder / (name + ".bin");
      std::ifstream in(path, std::ios::binary);
      const std::string content(std::istreambuf_iterator<char>(in), {});
      const auto* data = reinterpret_cast<const std::byte*>(content.data());
      records.push_back(
          {folder + "/" + name, abi, {data, data + content.size()}});
    }
  }
  return records;
}

using Decoder = tl::expected<Notification, DecodeError> (*)(
    std::span<const std::byte>, Abi, const StreamCounts*);

void run(benchmark::State& state, Decoder decoder,
         const std::vector<const Record*>& records) {
  std::size_t next = 0;
  for (auto _ : state) {
    const Record& record = *records[next];
    next = next + 1 == records.size() ? 0 : next + 1;
    benchmark::DoNotOptimize(decoder(record.bytes, record.abi, nullptr));
  }
}

double nanoseconds(Decoder decoder, const std::vector<const Record*>& records) {
  constexpr std::size_t kRounds = 1000;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kRounds; ++i) {
    for (const Record* record : records) {
      benchmark::DoNotOptimize(decoder(record->bytes, record->abi, nullptr));
    }
  }
  const std::chrono::duration<double, std::nano> took =
      std::chrono::steady_clock::now() - start;
  return took.count() / static_cast<double>(kRounds * records.size());
}

std::size_t count_allocations(Decoder decoder, const Record& record) {
  const std::size_t before = allocations();
  benchmark::DoNotOptimize(decoder(record.bytes, record.abi, nullptr));
  return allocations() - before;
}

// Prints the ratio; false when it misses the goal.
bool print_ratio(const std::string& name,
                 const std::vector<const Record*>& records) {
  constexpr double kGoal = 1.5;
  constexpr int kRepetitions = 300;
  double table = std::numeric_limits<double>::max();
  double by_hand = table;
  for (int i = 0; i < kRepetitions; ++i) {
    table = std::min(table, nanoseconds(&decode, records));
    by_hand = std::min(by_hand, nanoseconds(&decode_by_hand, records));
  }
  std::printf("%-50s %8.1f %8.1f %6.2f", name.c_str(), table, by_hand,
              table / by_hand);
  if (records.size() == 1) {
    std::printf(" %6zu", count_allocations(&decode, *records.front()));
  }
  std::printf("\n");
  return table <= kGoal * by_hand;
}

}  // namespace
}  // namespace lksctp

int main(int argc, char** argv) {
  using namespace lksctp;
  const std::vector<Record> records = load_records();
  std::vector<const Record*> mixed;
  for (const Record& record : records) {
    mixed.push_back(&record);
    // A comparison is worth nothing unless the values are the same.
    const auto table = decode(record.bytes, record.abi);
    const auto by_hand = decode_by_hand(record.bytes, record.abi, nullptr);
    if (!table || !by_hand || *table != *by_hand) {
      std::fprintf(stderr, "%s: the decoders disagree\n", record.name.c_str());
      return 1;
    }
  }
  const auto add = [](const std::string& name,
                      const std::vector<const Record*>& list) {
    benchmark::RegisterBenchmark(("table/" + name).c_str(), run, &decode, list);
    benchmark::RegisterBenchmark(("by_hand/" + name).c_str(), run,
                                 &decode_by_hand, list);
  };
  for (const Record* record : mixed) add(record->name, {record});
  add("mixed", mixed);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();

  std::printf("\n%-50s %8s %8s %6s %6s\n", "record", "table ns", "hand ns",
              "ratio", "allocs");
  bool reached = true;
  for (const Record* record : mixed) {
    reached = print_ratio(record->name, {record}) && reached;
  }
  return print_ratio("mixed", mixed) && reached ? 0 : 1;
}
