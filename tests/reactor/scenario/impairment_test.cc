// What a network does to packets without failing: each alone and all together,
// and every message arrives whole, once, and in the order of its stream.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <map>
#include <string>

#include "two_hosts.h"

namespace lksctp::test {
namespace {

struct Impairment {
  const char* name;
  const char* netem;
};

class Impaired : public TwoHosts,
                 public testing::WithParamInterface<Impairment> {
 protected:
  // A counter of /proc/net/sctp/snmp on the far host.
  [[nodiscard]] std::uint64_t far_counter(const std::string& name) const {
    std::uint64_t value = 0;
    far_host_->inside([&] {
      std::ifstream file("/proc/net/sctp/snmp");
      std::string key;
      std::uint64_t number = 0;
      while (file >> key >> number) {
        if (key == name) value = number;
      }
    });
    return value;
  }
};

constexpr std::array<std::size_t, 6> kSizes = {1,      100,    1452,
                                               10'000, 65'536, 102'400};
constexpr std::size_t kStreams = 5;

TEST_P(Impaired, EveryMessageArrivesOnceAndInOrder) {
  connect_hosts();
  for (const Link link : {Link::kFirst, Link::kSecond}) {
    disturb(link, GetParam().netem);
  }
  constexpr std::uint32_t kCount = 150;
  std::uint32_t sent = 0;
  ASSERT_TRUE(wait([&] {
    while (sent < kCount &&
           client->association->send(
               pattern(kSizes[sent % kSizes.size()], sent),
               {.stream = StreamId(static_cast<std::uint16_t>(sent % kStreams)),
                .ppid = Ppid(sent)})) {
      ++sent;
    }
    return server->messages.size() >= kCount;
  }));
  // Nothing follows: a message that came twice would.
  ASSERT_TRUE(client->association->shutdown());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_EQ(client->closed->reason, CloseReason::kShutdownLocal);
  EXPECT_TRUE(client->failed.empty());
  ASSERT_EQ(server->messages.size(), kCount);
  std::map<StreamId, std::uint32_t> next;
  for (std::uint16_t i = 0; i < kStreams; ++i) next[StreamId(i)] = i;
  for (const Message& message : server->messages) {
    std::uint32_t& expected = next[message.info.stream];
    ASSERT_EQ(message.info.ppid, Ppid(expected));
    ASSERT_TRUE(std::ranges::equal(
        message.payload(),
        pattern(kSizes[expected % kSizes.size()], expected)));
    expected += kStreams;
  }
  EXPECT_EQ(far_counter("SctpChecksumErrors") > 0,
            std::string_view(GetParam().netem).find("corrupt") !=
                std::string_view::npos);
}

// Ends that take their time.
class Farewell : public TwoHosts {
 protected:
  void lose_what_the_far_host_sends() const {
    far_command(
        "for far in far1 far2; do tc qdisc replace dev $far root netem loss "
        "100%; done");
  }
};

TEST_F(Farewell, AShutdownAcrossADistanceLosesNothing) {
  connect_hosts();
  disturb(Link::kFirst, "delay 30ms");
  disturb(Link::kSecond, "delay 30ms");
  stream_until(*server, [&] { return streamed_ == 100; });
  ASSERT_TRUE(client->association->shutdown());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_EQ(client->closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(server->closed->reason, CloseReason::kShutdownRemote);
  // What is still queued here when the peer shuts down fails, the rest arrives.
  EXPECT_EQ(client->messages.size() + server->failed.size(), 100u);
  for (const End* end : {client, server}) {
    EXPECT_EQ(std::ranges::count(kinds(*end), "shutdown_complete"), 1);
  }
}

TEST_F(Farewell, ThePeersShutdownRefusesMessagesAndThoseOnTheirWayArrive) {
  connect_hosts();
  lose_what_the_far_host_sends();
  ASSERT_TRUE(server->association->send(bytes_of("on its way")));
  reactor_->run_once(std::chrono::milliseconds(0));
  ASSERT_TRUE(client->association->shutdown());
  ASSERT_TRUE(wait(
      [&] { return std::ranges::count(server->calls, "peer_shutdown") == 1; }));
  const auto refused = server->association->send(bytes_of("too late"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kRemoteEnded);
  far_command("for far in far1 far2; do tc qdisc del dev $far root; done");
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_EQ(client->closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(server->closed->reason, CloseReason::kShutdownRemote);
  EXPECT_EQ(client->messages.size(), 1u);
  EXPECT_TRUE(server->failed.empty());
}

TEST_F(Farewell, AnEndThatNobodyAnswersIsWaitedForAtRest) {
  connect_hosts();
  lose_what_the_far_host_sends();
  ASSERT_TRUE(client->association->shutdown());
  // The server's socket stays readable all the time.
  constexpr std::chrono::milliseconds kWait{20};
  const auto began = std::chrono::steady_clock::now();
  unsigned turns = 0;
  while (!client->closed || !server->closed) {
    reactor_->run_once(kWait);
    ++turns;
  }
  const auto waits = (std::chrono::steady_clock::now() - began) / kWait;
  EXPECT_LE(turns, static_cast<unsigned>(waits) + 100);
  EXPECT_EQ(client->closed->reason, CloseReason::kTimeout);
  EXPECT_THAT(server->closed->reason,
              testing::AnyOf(CloseReason::kTimeout, CloseReason::kAbortRemote))
      << "the client's abort gets through if it gives up first";
  EXPECT_EQ(server->calls, (Strings{"up", "peer_shutdown", "closed"}));
}

INSTANTIATE_TEST_SUITE_P(
    Netem, Impaired,
    testing::Values(Impairment{"Loss", "loss 5%"},
                    Impairment{"Delay", "delay 20ms 2ms"},
                    Impairment{"Reorder", "delay 10ms reorder 25% 50%"},
                    Impairment{"Duplicate", "duplicate 20%"},
                    Impairment{"Corrupt", "corrupt 3%"},
                    Impairment{"Everything",
                               "delay 5ms 2ms reorder 20% loss 2% duplicate "
                               "5% corrupt 2%"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace lksctp::test
