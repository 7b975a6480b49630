// Packets that somebody else sends in the name of a live peer, and a process that
// has run out of descriptors: what is there goes on.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <string>

#include "scenario.h"

namespace lksctp::test {
namespace {

// CRC32c as RFC 9260 appendix A has it.
std::uint32_t crc32c(const Bytes& bytes) {
  std::uint32_t crc = ~0u;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
    }
  }
  return ~crc;
}

void put16(Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::byte>(value >> 8));
  out.push_back(static_cast<std::byte>(value & 0xff));
}
void put32(Bytes& out, std::uint32_t value) {
  put16(out, static_cast<std::uint16_t>(value >> 16));
  put16(out, static_cast<std::uint16_t>(value & 0xffff));
}

// An SCTP packet with one chunk and a valid checksum (RFC 9260 §3).
Bytes sctp_packet(std::uint16_t from, std::uint16_t to, std::uint32_t tag,
                  std::uint8_t chunk_type, const Bytes& value) {
  Bytes packet;
  put16(packet, from);
  put16(packet, to);
  put32(packet, tag);
  put32(packet, 0);
  packet.push_back(std::byte{chunk_type});
  packet.push_back(
      std::byte{chunk_type == 0 ? std::uint8_t{3} : std::uint8_t{0}});
  put16(packet, static_cast<std::uint16_t>(4 + value.size()));
  packet.insert(packet.end(), value.begin(), value.end());
  while (packet.size() % 4 != 0) packet.push_back(std::byte{0});
  const std::uint32_t checksum = crc32c(packet);  // goes out least byte first
  std::memcpy(packet.data() + 8, &checksum, sizeof checksum);
  return packet;
}

// Sends SCTP in the name of anybody, over IP or from any UDP port: through a raw
// socket, hence root's.
class Forger {
 public:
  Forger()
      : fd_(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC,
                     on_kernel() ? IPPROTO_SCTP : IPPROTO_UDP)) {}
  ~Forger() {
    if (fd_ >= 0) ::close(fd_);
  }
  Forger(const Forger&) = delete;
  Forger& operator=(const Forger&) = delete;
  [[nodiscard]] bool allowed() const { return fd_ >= 0; }

  // From and to UDP ports, which do not matter over IP.
  void send(std::uint16_t from, std::uint16_t to, const Bytes& payload) const {
    Bytes datagram;
    if (!on_kernel()) {
      put16(datagram, from);
      put16(datagram, to);
      put16(datagram, static_cast<std::uint16_t>(8 + payload.size()));
      put16(datagram, 0);  // no checksum, as UDP over IPv4 may
    }
    datagram.insert(datagram.end(), payload.begin(), payload.end());
    sockaddr_in remote{};
    remote.sin_family = AF_INET;
    remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(
        ::sendto(fd_, datagram.data(), datagram.size(), 0,
                 reinterpret_cast<const sockaddr*>(&remote), sizeof remote),
        static_cast<ssize_t>(datagram.size()));
  }

 private:
  int fd_;
};

class Hostile : public Scenario {
 protected:
  void expect_alive() {
    const std::size_t before = client->messages.size();
    ASSERT_TRUE(client->association->send(bytes_of("still there?")));
    ASSERT_TRUE(wait([&] { return client->messages.size() == before + 1; }));
    EXPECT_FALSE(client->closed.has_value());
    EXPECT_FALSE(server->closed.has_value());
  }

  // Where the client's packets come from, as the server's socket sees them.
  [[nodiscard]] std::uint16_t client_udp_port() const {
    for (const Event& event : recorder_->events()) {
      const auto* bound = std::get_if<EndpointBound>(&event.body);
      if (bound != nullptr &&
          event.endpoint == client->association->endpoint()) {
        return bound->udp_port.value_or(0);
      }
    }
    return 0;
  }
};

TEST_F(Hostile, PacketsForgedInThePeersNameChangeNothing) {
  const Forger forger;
  if (!forger.allowed()) GTEST_SKIP() << "needs a raw socket";
  connect_pair({}, {}, /*echo=*/true);
  run_pending(*reactor_);
  const std::uint16_t server_udp = endpoints_.front()->udp_port().value_or(0);
  const std::uint16_t server_sctp = endpoints_.front()->local().front().port;
  const std::uint16_t client_sctp =
      client->association->record()->local.front().port;
  const std::uint16_t client_udp = client_udp_port();
  ASSERT_EQ(client_udp == 0, on_kernel());
  std::mt19937 random(7);
  const auto forge = [&](std::uint8_t type, const Bytes& value) {
    forger.send(client_udp, server_udp,
                sctp_packet(client_sctp, server_sctp,
                            static_cast<std::uint32_t>(random()), type, value));
  };
  // DATA, SACK, HEARTBEAT, ABORT, SHUTDOWN, SHUTDOWN ACK, ERROR, COOKIE ECHO,
  // SHUTDOWN COMPLETE, ASCONF and FORWARD TSN, with a tag that is guessed.
  for (int round = 0; round < 20; ++round) {
    constexpr std::array<std::uint8_t, 11> kTypes = {0, 3,  4,  6,    7,   8,
                                                     9, 10, 14, 0xc1, 0xc0};
    for (const std::uint8_t type : kTypes) {
      Bytes value(16 + random() % 32);
      std::ranges::generate(value, [&] { return std::byte(random() % 256); });
      forge(type, value);
    }
  }
  // An INIT has no tag to guess: it must not disturb the association either
  // (RFC 9260 §5.2.2).
  Bytes init;
  put32(init, 0x01020304);
  put32(init, 100'000);
  put16(init, 10);
  put16(init, 10);
  put32(init, 1);
  for (int i = 0; i < 20; ++i) {
    forger.send(client_udp, server_udp,
                sctp_packet(client_sctp, server_sctp, 0, 1, init));
  }
  settle();
  expect_alive();
  EXPECT_EQ(server->message_count, 1u) << "no forged message was delivered";
  EXPECT_EQ(server->association->record()->restarts, 0u);
  EXPECT_EQ(reactor_->table().associations().size(), 2u);
}

TEST_F(Hostile, OutOfDescriptorsIsAnErrorAndTheRestGoesOn) {
  connect_pair({}, {}, /*echo=*/true);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none = limit;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto refused = reactor_->listen({.local = {loopback(0)}}, nullptr);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().errno_value, EMFILE);
  expect_alive();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  End& another = connect(*endpoints_.front());
  EXPECT_TRUE(wait([&] { return another.up; }));
}

}  // namespace
}  // namespace lksctp::test
