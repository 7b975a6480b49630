// What only the wire tells: chunks, their flags and their company. Read by tshark.
#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>

#include "capture.h"
#include "interop.h"
#include "two_hosts.h"

namespace lksctp::test {
namespace {

class Wire : public Scenario {
 protected:
  void SetUp() override {
    Scenario::SetUp();
    capture_.emplace("lo");
  }

  // The DATA chunks so far.
  static std::vector<Chunk> data_chunks(const std::vector<Packet>& packets) {
    std::vector<Chunk> data;
    for (const Packet& packet : packets) {
      std::ranges::copy_if(
          packet.chunks, std::back_inserter(data),
          [](const Chunk& chunk) { return chunk.type == kData; });
    }
    return data;
  }

  std::optional<Capture> capture_;
};

TEST_F(Wire, AttributesOfAMessage) {
  connect_pair();
  struct Sent {
    std::uint16_t stream;
    std::uint32_t ppid;
    bool unordered;
  };
  const std::vector<Sent> all = {
      {0, 0, false}, {3, 3, false}, {9, 0x01020304, true}, {1, 60, true}};
  for (const Sent& one : all) {
    ASSERT_TRUE(client->association
                    ->send(bytes_of("x"), {.stream = StreamId(one.stream),
                                           .ppid = Ppid(one.ppid),
                                           .unordered = one.unordered})
                    .has_value());
  }
  ASSERT_TRUE(wait([&] { return server->messages.size() == all.size(); }));
  const auto packets = capture_->packets();
  const auto data = data_chunks(packets);
  ASSERT_EQ(data.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(data[i].stream, all[i].stream);
    EXPECT_EQ(data[i].ppid, all[i].ppid);
    // RFC 9260 §3.3.1: E, B, U and I from the lowest bit.
    EXPECT_EQ((data[i].flags & 0x4) != 0, all[i].unordered);
    EXPECT_EQ(data[i].flags & 0x3, 0x3) << "a whole message";
  }
  EXPECT_EQ(count(packets, kIData), 0u);
}

// RFC 7053: the I bit of what asks for it, and of nothing else.
TEST_F(Wire, AMessageMayAskForItsAcknowledgement) {
  connect_pair();
  for (const bool asks : {false, true, false}) {
    ASSERT_TRUE(
        client->association->send(bytes_of("x"), {.sack_immediately = asks})
            .has_value());
  }
  ASSERT_TRUE(wait([&] { return server->messages.size() == 3; }));
  const auto data = data_chunks(capture_->packets());
  ASSERT_EQ(data.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((data[i].flags & 0x8) != 0, i == 1) << i;
  }
}

TEST_F(Wire, AMessageLargerThanAPacketIsFragmented) {
  run_command("ip link set lo mtu 1500");
  connect_pair();
  ASSERT_TRUE(client->association->send(pattern(10'000)).has_value());
  ASSERT_TRUE(wait([&] { return server->messages.size() == 1; }));
  const auto data = data_chunks(capture_->packets());
  ASSERT_EQ(data.size(), 7u);
  EXPECT_EQ(data.front().flags & 0x3, 0x2) << "beginning";
  EXPECT_EQ(data.back().flags & 0x3, 0x1) << "end";
}

// All of a turn go as one batch, in which the kernel holds back what does not fill
// a packet; the last lets everything go at once.
TEST_F(Wire, TheMessagesOfATurnLeaveTogetherAndAtOnce) {
  connect_pair();
  settle();
  struct Batch {
    std::size_t size;
    std::size_t first_frame;
    std::size_t last_frame;
  };
  std::vector<Batch> batches;
  std::size_t sent = 0;
  // Around the size of a batch of system calls, too.
  for (const std::size_t size : {1u, 1u, 2u, 10u, 63u, 64u, 65u, 66u, 130u}) {
    const std::size_t before = capture_->frames();
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_TRUE(client->association->send(pattern(100, i)).has_value());
    }
    reactor_->run_once(std::chrono::milliseconds(0));
    // Nothing else has run: what is not there by now was held back.
    batches.push_back({size, before + 1, capture_->frames()});
    sent += size;
    ASSERT_TRUE(wait([&] { return server->messages.size() == sent; }));
    settle();  // nothing is on its way when the next batch begins
  }
  const auto packets = capture_->packets();
  EXPECT_EQ(data_chunks(packets).size(), sent);
  for (const Batch& batch : batches) {
    std::size_t messages = 0;
    std::size_t with_data = 0;
    for (const Packet& packet : packets) {
      if (packet.frame < batch.first_frame || packet.frame > batch.last_frame) {
        continue;
      }
      messages += packet.count(kData);
      with_data += packet.count(kData) != 0 ? 1 : 0;
    }
    EXPECT_EQ(messages, batch.size);
    // What is held together must not fill the send buffer.
    EXPECT_LE(with_data, 1 + batch.size / 20) << "for " << batch.size;
  }
}

// How an association ends.
class WireEnd : public Wire, public testing::WithParamInterface<bool> {
 protected:
  End& ending() { return GetParam() ? *client : *server; }
};

TEST_P(WireEnd, GracefullyByAShutdownHandshake) {
  connect_pair();
  for (std::size_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(client->association->send(pattern(500, i)).has_value());
    ASSERT_TRUE(server->association->send(pattern(500, i)).has_value());
  }
  ASSERT_TRUE(wait([&] {
    return client->messages.size() == 20 && server->messages.size() == 20;
  }));
  ASSERT_TRUE(ending().association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  endpoints_.front()->close();
  settle();
  const auto packets = capture_->packets();
  EXPECT_EQ(count(packets, kInit), 1u);
  EXPECT_EQ(count(packets, kInitAck), 1u);
  EXPECT_EQ(count(packets, kCookieEcho), 1u);
  EXPECT_EQ(count(packets, kCookieAck), 1u);
  EXPECT_EQ(count(packets, kShutdown), 1u);
  EXPECT_EQ(count(packets, kShutdownAck), 1u);
  EXPECT_EQ(count(packets, kShutdownComplete), 1u);
  EXPECT_EQ(count(packets, kAbort), 0u);
  for (const Packet& packet : packets) {
    if (packet.count(kShutdown) == 0) continue;
    EXPECT_EQ(packet.from_port == endpoints_.front()->local().front().port,
              &ending() == server);
  }
}

TEST_P(WireEnd, ByOneAbort) {
  connect_pair();
  ASSERT_TRUE(ending().association->abort().has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  settle();
  const auto packets = capture_->packets();
  EXPECT_EQ(count(packets, kAbort), 1u);
  EXPECT_EQ(count(packets, kShutdown), 0u);
}

INSTANTIATE_TEST_SUITE_P(By, WireEnd, testing::Bool(), [](const auto& test) {
  return test.param ? "Client" : "Server";
});

TEST_F(Wire, AReactorThatGoesAbortsItsAssociations) {
  connect_pair();
  recorder_.reset();
  reactor_.reset();
  const auto packets = capture_->packets();
  // One that arrives before the other end has gone spares that one its own.
  EXPECT_GE(count(packets, kAbort), 1u);
  EXPECT_LE(count(packets, kAbort), 2u);
  EXPECT_EQ(count(packets, kShutdown), 0u);
}

TEST_F(Wire, NothingButUdpWithEncapsulation) {
  set_sctp_sysctl("udp_port", 9899);
  connect_pair({.udp = {.remote_port = 9899}}, {.udp = {.local_port = 9899}});
  ASSERT_TRUE(client->association->send(pattern(3000)).has_value());
  ASSERT_TRUE(server->association->send(pattern(3000)).has_value());
  ASSERT_TRUE(wait([&] {
    return client->messages.size() == 1 && server->messages.size() == 1;
  }));
  ASSERT_TRUE(client->association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  settle();
  const auto packets = capture_->packets();
  EXPECT_EQ(count(packets, kShutdownComplete), 1u);
  for (const Packet& packet : packets) {
    EXPECT_EQ(packet.from_udp_port, 9899u);
    EXPECT_EQ(packet.to_udp_port, 9899u);
  }
}

class WireOfTwoHosts : public TwoHosts {};

TEST_F(WireOfTwoHosts, BothSidesTellAllTheirAddresses) {
  Capture first("near1");
  connect_hosts();
  std::size_t told = 0;
  for (Packet& packet : first.packets()) {
    std::ranges::sort(packet.addresses);
    if (packet.count(kInit) == 1) {
      EXPECT_EQ(packet.addresses, (Strings{near4(Link::kFirst).ip_string(),
                                           near4(Link::kSecond).ip_string()}));
      ++told;
    }
    if (packet.count(kInitAck) == 1) {
      EXPECT_EQ(packet.addresses, (Strings{far4(Link::kFirst).ip_string(),
                                           far4(Link::kSecond).ip_string()}));
      ++told;
    }
  }
  EXPECT_EQ(told, 2u);
}

TEST_F(WireOfTwoHosts, HeartbeatsGoAndComeBackOnBothPaths) {
  std::optional<Capture> captures[] = {std::nullopt, std::nullopt};
  captures[0].emplace("near1");
  captures[1].emplace("near2");
  connect_hosts();
  const auto beats = [&](Capture& capture, Link link) {
    bool there = false;
    bool back = false;
    for (const Packet& packet : capture.packets()) {
      const bool ours = packet.from == near4(link).ip_string() &&
                        packet.to == far4(link).ip_string();
      const bool theirs = packet.from == far4(link).ip_string() &&
                          packet.to == near4(link).ip_string();
      EXPECT_TRUE(ours || theirs) << packet.from << " to " << packet.to;
      there = there || (ours && packet.count(kHeartbeat) != 0);
      back = back || (theirs && packet.count(kHeartbeatAck) != 0);
    }
    return there && back;
  };
  // Enough to look for them.
  ASSERT_TRUE(wait([&] {
    return captures[0]->frames() >= 40 && captures[1]->frames() >= 40;
  }));
  EXPECT_TRUE(wait([&] { return beats(*captures[0], Link::kFirst); }));
  EXPECT_TRUE(wait([&] { return beats(*captures[1], Link::kSecond); }));
}

// With the MTU of Ethernet a batch takes several packets. They are seen before the
// kernel has segmented them: one may be a bit longer than the MTU.
TEST_F(WireOfTwoHosts, ABatchFillsItsPackets) {
  Capture first("near1");
  connect_hosts();
  settle();
  constexpr std::size_t kCount = 30;
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(client->association->send(pattern(100, i)).has_value());
  }
  reactor_->run_once(std::chrono::milliseconds(0));
  ASSERT_TRUE(wait([&] { return server->messages.size() == kCount; }));
  std::vector<std::size_t> together;
  for (const Packet& packet : first.packets()) {
    if (packet.count(kData) != 0) together.push_back(packet.count(kData));
  }
  // 12 bytes of header, 116 for each message: 12 fit into 1480.
  EXPECT_LE(together.size(), 4u);
  EXPECT_GE(together.front(), 12u);
  EXPECT_EQ(std::accumulate(together.begin(), together.end(), std::size_t{0}),
            kCount);
}

}  // namespace
}  // namespace lksctp::test
