// Once warm, a received message and a fixed notification allocate nothing. A
// program of its own, since it counts every operator new.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

#include "count_allocations.h"
#include "journal/codec.h"
#include "lksctp/decoder/decode.h"
#include "scripted_reactor.h"

namespace lksctp::test {
namespace {

TEST(Allocation, AReceivedMessageCostsNoneOnceWarm) {
  auto reactor =
      std::move(Reactor::create({.stack = StackChoice::kUsrsctp}).value());
  std::uint64_t received = 0;
  const auto endpoint =
      reactor
          ->listen(
              {.local = {address("127.0.0.1", 0)}, .udp = {.local_port = 0}},
              [&](const auto&) {
                return AssociationHandlers{
                    .on_message = [&](Association&, Message&&) { ++received; }};
              })
          .value();
  ConnectOptions options;
  options.remote = {endpoint->local().front()};
  options.udp.remote_port = endpoint->udp_port();
  bool up = false;
  const auto association =
      reactor->connect(options, {.on_established = [&](auto&) { up = true; }})
          .value();
  ASSERT_TRUE(run_until(*reactor, [&] { return up; }));
  const Bytes message(200);
  // Rounds of a hundred; `run_until` and the sampling of status allocate a
  // little, so the bound is per message and not zero.
  const auto round = [&] {
    const std::uint64_t until = received + 100;
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(association->send(message));
    while (received < until) reactor->run_once(std::chrono::milliseconds(10));
  };
  for (int i = 0; i < 50; ++i) round();
  const std::uint64_t before = allocations();
  for (int i = 0; i < 100; ++i) round();
  EXPECT_LT(allocations() - before, 1000u) << "of 10,000 messages";
}

TEST(Allocation, AFixedNotificationCostsNone) {
  for (const char* name :
       {"assoc_change-comm_up-client", "peer_addr_change-available",
        "shutdown_event-server", "adaptation-client",
        "authentication-no_auth-client", "sender_dry-client",
        "assoc_reset-client", "stream_change-add_out-client"}) {
    for (const auto& [stack, abi] :
         {std::pair{"linux", Abi::kLinux}, {"usrsctp", Abi::kUsrsctp}}) {
      const Bytes record = sample(name, stack);
      const std::uint64_t before = allocations();
      const auto decoded = decode(record, abi);
      EXPECT_EQ(allocations() - before, 0u) << name << " of " << stack;
      EXPECT_TRUE(decoded.has_value());
    }
  }
}

TEST(Allocation, ABodyForTheJournalCostsNoneOnceThereIsRoom) {
  const Address peer = address("192.0.2.1", 2905);
  const EventBody bodies[] = {
      Notification(AssociationChange{.state = AssociationChangeState::kCommUp}),
      Notification(PeerAddressChange{.address = peer}),
      PathsSampled{{{.address = peer}, {.address = peer}}},
      TrafficSampled{.streams = {{StreamId(1), {1, 2}, {3, 4}}}},
      StatusSampled{},
      Notification(SendFailed{.data = Bytes(100)}),
  };
  std::string text;
  for (const EventBody& body : bodies) {
    text.clear();
    write_body(text, body, JournaledUserData::kHash);
    text.clear();
    const std::uint64_t before = allocations();
    write_body(text, body, JournaledUserData::kHash);
    EXPECT_EQ(allocations() - before, 0u) << text;
  }
}

}  // namespace
}  // namespace lksctp::test
