// Associations that work: set up, exchange, attributes, many of them.
#include <cerrno>

#include "harness.h"

namespace lksctp::testing {
namespace {

using Exchange = UsrsctpTest;

class ExchangeOn : public UsrsctpTest,
                   public ::testing::WithParamInterface<std::string> {};

INSTANTIATE_TEST_SUITE_P(Families, ExchangeOn,
                         ::testing::Values("127.0.0.1", "::1", "0.0.0.0", "::"),
                         [](const auto& info) {
                           std::string name;
                           for (char c : info.param) {
                             name += c == '.'   ? "_"
                                     : c == ':' ? "c"
                                                : std::string(1, c);
                           }
                           return name;
                         });

TEST_P(ExchangeOn, ConnectsAndEchoes) {
  auto listener = listen(GetParam());
  listener->echo = true;
  StackConnect request = to(*listener);
  if (request.remote.front().is_any()) {
    request.remote = {
        Address::parse(request.remote.front().family == AddressFamily::kIpv6
                           ? "::1"
                           : "127.0.0.1",
                       listener->port())
            .value()};
  }
  auto client = connect(request);
  ASSERT_TRUE(run_until([&] { return client->up(); }));
  client->send("hello", StreamId(3), Ppid(0x11223344));
  ASSERT_TRUE(run_until([&] { return client->messages.size() == 1; }));
  const Message& reply = client->messages.front();
  EXPECT_EQ(reply.data, "hello");
  EXPECT_EQ(reply.info.stream, StreamId(3));
  EXPECT_EQ(reply.info.ppid, Ppid(0x11223344));
  EXPECT_FALSE(reply.info.unordered);

  // Everything a user sees is an IP address.
  const Address local = client->get()->local_addresses().value().front();
  EXPECT_EQ(local.ip_string(), request.remote.front().ip_string());
  EXPECT_NE(local.port, 0);
  ASSERT_EQ(listener->remotes.size(), 1U);
  EXPECT_EQ(listener->remotes.front(), local);
  const auto* confirmed = listener->accepted.front()->find<PeerAddressChange>();
  ASSERT_NE(confirmed, nullptr);
  EXPECT_EQ(confirmed->address, local);
  const auto server_local =
      listener->accepted.front()->get()->local_addresses().value();
  EXPECT_EQ(server_local.front(), request.remote.front());
}

TEST_F(Exchange, SizesFromOneByteToOneMebibyte) {
  SocketOptions options;
  options.send_buffer = 2 << 20;
  auto pair = connected("127.0.0.1", options);
  ASSERT_NE(pair.server, nullptr);
  pair.server->echo = true;
  std::vector<std::size_t> sizes;
  for (std::size_t size = 1; size <= 1 << 20; size *= 4) sizes.push_back(size);
  for (const std::size_t size :
       {1443UL, 1444UL, 1445UL, 65535UL, 65536UL, 65537UL}) {
    sizes.push_back(size);
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    std::string data(sizes[i], 'a');
    for (std::size_t k = 0; k < data.size(); ++k) {
      data[k] = static_cast<char>(k * 31 + i);
    }
    pair.client->send(data);
    ASSERT_TRUE(run_until([&] {
      return pair.client->messages.size() == i + 1;
    })) << sizes[i];
    EXPECT_EQ(pair.client->messages.back().data, data);
  }
  EXPECT_EQ(pair.client->send_error, 0);
}

TEST_F(Exchange, UnorderedAndContext) {
  auto pair = connected();
  OutgoingMessage message;
  message.data = std::as_bytes(std::span("datagram", 8));
  message.unordered = true;
  message.stream = StreamId(1);
  const SendResult sent = pair.client->get()->send({&message, 1}, false);
  EXPECT_EQ(sent.sent, 1U);
  ASSERT_TRUE(run_until([&] { return pair.server->messages.size() == 1; }));
  EXPECT_TRUE(pair.server->messages.front().info.unordered);
}

// RFC 7053: the I bit of what asks for it, and of nothing else.
TEST_F(Exchange, AMessageMayAskForItsAcknowledgement) {
  constexpr std::size_t kHeader = 12;
  std::vector<bool> asked;
  start({.packet_filter = [&](PacketDirection direction, const Address&,
                              std::span<const std::byte> packet) {
    const bool is_data =
        packet.size() > kHeader + 1 && packet[kHeader] == std::byte{0};
    if (is_data && direction == PacketDirection::kOutgoing) {
      asked.push_back((packet[kHeader + 1] & std::byte{8}) != std::byte{0});
    }
    return PacketVerdict::kPass;
  }});
  auto pair = connected();
  for (const bool asks : {false, true, false}) {
    OutgoingMessage message;
    const std::string data = "x";
    message.data = std::as_bytes(std::span(data));
    message.sack_immediately = asks;
    const std::size_t before = pair.server->messages.size();
    ASSERT_EQ(pair.client->get()->send({&message, 1}, false).sent, 1u);
    ASSERT_TRUE(
        run_until([&] { return pair.server->messages.size() > before; }));
  }
  EXPECT_EQ(asked, (std::vector<bool>{false, true, false}));
}

TEST_F(Exchange, BackPressureLosesNothing) {
  auto pair = connected();
  pair.server->reading = false;
  pair.server->get()->want_ready(false, false);
  const std::string chunk(60000, 'x');
  for (int i = 0; i < 40; ++i) pair.client->send(chunk);
  EXPECT_FALSE(pair.client->unsent.empty());
  pair.server->reading = true;
  pair.server->get()->want_ready(true, false);
  ASSERT_TRUE(run_until([&] { return pair.server->messages.size() == 40; }));
  EXPECT_TRUE(pair.client->unsent.empty());
}

TEST_F(Exchange, SendErrorsHaveTheirNumbers) {
  auto pair = connected();
  const auto send = [&](std::size_t size, std::uint16_t stream) {
    const std::string data(size, 'x');
    OutgoingMessage message;
    message.data = std::as_bytes(std::span(data));
    message.stream = StreamId(stream);
    return pair.client->get()->send({&message, 1}, false).error_number;
  };
  EXPECT_EQ(send(0, 0), EINVAL);
  EXPECT_EQ(send(1, 60000), EINVAL);
  EXPECT_EQ(send(1 << 20, 0), EMSGSIZE);
  EXPECT_EQ(send(1, 0), 0);
}

TEST_F(Exchange, AThousandAssociations) {
  constexpr std::size_t kCount = 1000;
  auto listener = listen();
  listener->echo = true;
  const StackConnect request = to(*listener);
  std::vector<std::unique_ptr<Endpoint>> clients;
  std::size_t up = 0;
  while (clients.size() < kCount) {
    for (int i = 0; i < 50; ++i) clients.push_back(connect(request));
    ASSERT_TRUE(run_until([&] {
      up = 0;
      for (const auto& client : clients) up += client->up() ? 1 : 0;
      return up == clients.size();
    })) << up
        << " of " << clients.size();
  }
  for (const auto& client : clients) client->send("ping");
  ASSERT_TRUE(run_until([&] {
    std::size_t answered = 0;
    for (const auto& client : clients) answered += client->messages.size();
    return answered == kCount;
  }));
  EXPECT_EQ(listener->accepted.size(), kCount);
}

TEST_F(Exchange, BacklogBoundsWhatWaits) {
  auto listener = listen();
  listener->accepting = false;
  const StackConnect request = to(*listener);
  std::vector<std::unique_ptr<Endpoint>> clients;
  for (int i = 0; i < 300; ++i) clients.push_back(connect(request));
  ASSERT_TRUE(run_until([&] {
    int up = 0;
    for (const auto& client : clients) up += client->up() ? 1 : 0;
    return up >= 128;
  }));
  listener->accepting = true;
  listener->socket->read_again();
  ASSERT_TRUE(run_until([&] { return listener->accepted.size() >= 128; }));
}

}  // namespace
}  // namespace lksctp::testing
