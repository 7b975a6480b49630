// Bad networks and bad packets.
#include <algorithm>
#include <cstring>
#include <random>

#include "harness.h"
#include "stack/usrsctp/sctp_packet.h"
#include "stack/usrsctp/usrsctp_engine.h"
#include "stack/usrsctp/usrsctp_socket.h"
#include "udp_probe.h"

namespace lksctp::testing {
namespace {

using Network = UsrsctpTest;

// Repeatable noise: `percent` of the packets get `verdict`.
PacketFilter sometimes(PacketVerdict verdict, unsigned percent) {
  auto random = std::make_shared<std::minstd_rand>(7);
  return [=](PacketDirection, const Address&, std::span<const std::byte>) {
    return (*random)() % 100 < percent ? verdict : PacketVerdict::kPass;
  };
}

void exchange_over(Endpoint& client, Endpoint& server,
                   const std::function<bool(std::function<bool()>)>& run) {
  server.echo = true;
  constexpr std::size_t kMessages = 200;
  for (std::size_t i = 0; i < kMessages; ++i) {
    client.send(std::to_string(i) + std::string(i * 20, '.'));
  }
  ASSERT_TRUE(run([&] { return client.messages.size() == kMessages; }));
  for (std::size_t i = 0; i < kMessages; ++i) {
    EXPECT_EQ(client.messages[i].data,
              std::to_string(i) + std::string(i * 20, '.'));
  }
}

TEST_F(Network, LossIsRepaired) {
  start({.packet_filter = sometimes(PacketVerdict::kDrop, 5)});
  auto pair = connected("127.0.0.1", impatient());
  exchange_over(*pair.client, *pair.server, [&](auto condition) {
    return run_until(condition, std::chrono::seconds(30));
  });
}

TEST_F(Network, ReorderingIsRepaired) {
  start({.packet_filter = sometimes(PacketVerdict::kHold, 20)});
  auto pair = connected("127.0.0.1", impatient());
  exchange_over(*pair.client, *pair.server, [&](auto condition) {
    return run_until(condition, std::chrono::seconds(30));
  });
}

TEST_F(Network, GarbageOnTheUdpPortIsIgnored) {
  auto pair = connected();
  UdpProbe hostile("127.0.0.1");
  const Address target =
      Address::parse("127.0.0.1", pair.listener->udp_port()).value();
  std::minstd_rand random(11);
  for (std::size_t size = 1; size < 200; ++size) {
    std::vector<std::byte> bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random());
    hostile.send(target, bytes);
  }
  hostile.send(target, {});
  pair.server->echo = true;
  pair.client->send("unimpressed");
  ASSERT_TRUE(run_until([&] { return !pair.client->messages.empty(); }));
  EXPECT_EQ(pair.listener->accepted.size(), 1U);
}

// The engine alone, fed with packets from any source; nothing leaves it.
class Hostile : public ::testing::Test, public StackSocketObserver {
 protected:
  void SetUp() override {
    loop_ = Loop::create(nullptr).value();
    UsrsctpStackOptions options;
    options.packet_filter = [this](PacketDirection direction, const Address&,
                                   std::span<const std::byte> packet) {
      if (direction == PacketDirection::kIncoming) return PacketVerdict::kPass;
      answers_.push_back({packet.begin(), packet.end()});
      return PacketVerdict::kDrop;
    };
    engine_ = UsrsctpEngine::create(*loop_, std::move(options)).value();
    const Address local = Address::parse("127.0.0.1", 0).value();
    udp_ = engine_->udp_socket(local, UsrsctpEngine::UdpUse::kListen).value();
    listener_ =
        UsrsctpSocket::open(*engine_, *this, {}, AddressFamily::kIpv4).value();
    ASSERT_TRUE(listener_->start_listening({udp_}, 1, kPort, 128));
  }
  void on_ready(bool, bool) override {}

  static constexpr std::uint16_t kPort = 2905;

  [[nodiscard]] static Address source(std::uint32_t number) {
    Address address;
    address.family = AddressFamily::kIpv4;
    address.port = static_cast<std::uint16_t>(1024 + number % 60000);
    address.ip = {198, 18, static_cast<std::uint8_t>(number >> 8),
                  static_cast<std::uint8_t>(number)};
    return address;
  }
  void put_checksum(std::vector<std::byte>& packet) const {
    std::fill_n(packet.begin() + 8, 4, std::byte{0});
    const std::uint32_t sum =
        engine_->api().crc32c(packet.data(), packet.size());
    std::memcpy(packet.data() + 8, &sum, sizeof sum);
  }
  void input(const Address& from, std::span<const std::byte> packet) {
    engine_->on_udp_packet(*udp_, from, {}, packet);
  }
  // An INIT (RFC 9260 §3.3.2): 10 streams each way, tag and TSN `tag`.
  [[nodiscard]] std::vector<std::byte> init(std::uint32_t tag) const {
    std::vector<std::byte> packet(32, std::byte{0});
    const auto put16 = [&](std::size_t at, unsigned value) {
      packet[at] = static_cast<std::byte>(value >> 8);
      packet[at + 1] = static_cast<std::byte>(value & 0xff);
    };
    put16(0, 4000);
    put16(2, kPort);
    packet[12] = std::byte{1};
    put16(14, 20);
    put16(16, tag >> 16);
    put16(18, tag & 0xffff);
    put16(20, 2);  // window 131072
    put16(24, 10);
    put16(26, 10);
    put16(28, tag >> 16);
    put16(30, tag & 0xffff);
    put_checksum(packet);
    return packet;
  }

  std::unique_ptr<Loop> loop_;
  std::unique_ptr<UsrsctpEngine> engine_;
  std::shared_ptr<UdpSocket> udp_;
  std::unique_ptr<UsrsctpSocket> listener_;
  std::vector<std::vector<std::byte>> answers_;
};

TEST_F(Hostile, ForgedInitsLeaveNoTrace) {
  for (std::uint32_t i = 1; i <= 20000; ++i) input(source(i), init(i));
  EXPECT_EQ(answers_.size(), 20000U);  // an INIT ACK each
  EXPECT_EQ(engine_->flow_count(), 0U);
}

TEST_F(Hostile, InitForAnotherSocketsListenerIsDropped) {
  const auto other = engine_
                         ->udp_socket(Address::parse("127.0.0.1", 0).value(),
                                      UsrsctpEngine::UdpUse::kListen)
                         .value();
  engine_->on_udp_packet(*other, source(1), {}, init(1));
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(engine_->drops().unwanted, 1U);
}

TEST_F(Hostile, ShortPacketsAreCounted) {
  for (std::size_t size = 0; size < 16; ++size) {
    input(source(1), std::vector<std::byte>(size));
  }
  EXPECT_EQ(engine_->drops().malformed, 16U);
  EXPECT_EQ(engine_->flow_count(), 0U);
}

// Anything with a valid header and checksum: chunks of every type and length,
// truncated and concatenated.
TEST_F(Hostile, RandomChunksLeaveNoFlows) {
  std::mt19937 random(3);
  for (int i = 0; i < 30000; ++i) {
    std::vector<std::byte> packet = init(static_cast<std::uint32_t>(random()));
    packet.resize(12);
    const auto tag = random() % 4 == 0 ? 0U : static_cast<unsigned>(random());
    std::memcpy(packet.data() + 4, &tag, sizeof tag);
    for (auto chunks = 1 + random() % 3; chunks > 0; --chunks) {
      const std::size_t length = 4 + random() % 64;
      const std::size_t begin = packet.size();
      packet.resize(begin + (length + 3) / 4 * 4);
      for (std::size_t k = begin; k < packet.size(); ++k) {
        packet[k] = static_cast<std::byte>(random() >> 8);
      }
      packet[begin] = static_cast<std::byte>(random() % 17);
      packet[begin + 2] = std::byte{0};
      packet[begin + 3] =
          static_cast<std::byte>(random() % 8 == 0 ? random() & 0xff : length);
    }
    put_checksum(packet);
    input(source(static_cast<std::uint32_t>(random() % 5000)), packet);
  }
  EXPECT_EQ(engine_->flow_count(), 0U);
}

}  // namespace
}  // namespace lksctp::testing
