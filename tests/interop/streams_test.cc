// Programs that carry bytes: socat, ncat and iperf3. They know no messages, so what
// they send is compared as one stream of bytes.
#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>

#include "interop.h"

namespace lksctp::test {
namespace {

std::string received(const End& end) {
  std::string all;
  for (const Message& message : end.messages) {
    all += text_of(message.payload());
  }
  return all;
}

std::string text(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = i % 64 == 63 ? '\n' : static_cast<char>('!' + i * 7 / 64 % 90);
  }
  return text;
}

class Netcat : public Interop {
 protected:
  static constexpr std::size_t kMessages = 200;
  // 1 + 14 + 27 + … bytes.
  static std::string message(std::size_t i) { return text(1 + i * 13); }
  static constexpr std::size_t kBytes =
      kMessages + 13 * (kMessages - 1) * kMessages / 2;
  static constexpr std::size_t kBytesBack = 60'000;

  // Both directions at once, both longer than a message of theirs is.
  void exchange(End& end, Program& program) {
    program.write(text(kBytesBack));
    send_all(end, kMessages,
             [](std::size_t i) { return bytes_of(message(i)); });
    ASSERT_TRUE(wait([&] { return received(end).size() >= kBytesBack; }));
    EXPECT_TRUE(received(end) == text(kBytesBack));
    std::string all;
    for (std::size_t i = 0; i < kMessages; ++i) all += message(i);
    ASSERT_EQ(all.size(), kBytes);
    ASSERT_TRUE(wait_for_output(program, all));
  }

  // A window that fills up may look like a path in trouble for a while.
  Strings story(const End& end) const {
    Strings all = kinds(end);
    std::erase(all, "peer_address_change");
    return all;
  }

  void expect_traffic(const End& end) {
    const auto samples = recorder_->all<TrafficSampled>(end.association->id());
    ASSERT_FALSE(samples.empty());
    EXPECT_EQ(samples.back().sent.messages, kMessages);
    EXPECT_EQ(samples.back().sent.bytes, kBytes);
    EXPECT_EQ(samples.back().received.bytes, kBytesBack);
    EXPECT_EQ(samples.back().received.messages, end.messages.size());
  }
};

TEST_F(Netcat, SocatConnectsAndEnds) {
  listen_for_programs();
  Program socat({"socat", "-", "SCTP-CONNECT:127.0.0.1:5000"});
  End& server = wait_for_peer();
  exchange(server, socat);
  socat.close_input();
  ASSERT_TRUE(wait([&] { return server.closed.has_value(); }));
  EXPECT_EQ(server.closed->reason, CloseReason::kShutdownRemote);
  EXPECT_EQ(story(server), kEndedByPeer);
  ASSERT_TRUE(wait_for_end(socat));
  EXPECT_EQ(socat.status(), 0);
  expect_traffic(server);
}

TEST_F(Netcat, SocatListensAndWeEnd) {
  Program socat({"socat", "-", "SCTP-LISTEN:5000,bind=127.0.0.1"});
  End& client = connect_to_program();
  exchange(client, socat);
  ASSERT_TRUE(client.association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(story(client), kEndedByUs);
  socat.close_input();
  ASSERT_TRUE(wait_for_end(socat));
  EXPECT_EQ(socat.status(), 0);
  expect_traffic(client);
}

TEST_F(Netcat, SocatIsAborted) {
  Program socat({"socat", "-", "SCTP-LISTEN:5000,bind=127.0.0.1"});
  End& client = connect_to_program();
  exchange(client, socat);
  ASSERT_TRUE(client.association->abort().has_value());
  ASSERT_TRUE(wait_for_end(socat));
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(story(client), kAbortedByUs);
}

TEST_F(Netcat, SocatEchoesOverIpv6) {
  Program socat({"socat", "SCTP6-LISTEN:5000,bind=[::1]", "EXEC:cat"});
  ConnectOptions options;
  options.remote = {*Address::parse("::1", kPort)};
  End& client = connect_to_program(kPort, options);
  std::string sent;
  for (std::size_t i = 0; i < 50; ++i) {
    const std::string piece = text(1000 + i);
    ASSERT_TRUE(client.association->send(bytes_of(piece)).has_value());
    sent += piece;
  }
  ASSERT_TRUE(wait([&] { return received(client).size() >= sent.size(); }));
  EXPECT_TRUE(received(client) == sent);
  ASSERT_TRUE(client.association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(story(client), kEndedByUs);
}

TEST_F(Netcat, NcatConnectsAndEnds) {
  listen_for_programs();
  Program ncat({"ncat", "--sctp", "127.0.0.1", "5000"});
  End& server = wait_for_peer();
  exchange(server, ncat);
  ncat.kill(SIGTERM);
  ASSERT_TRUE(wait([&] { return server.closed.has_value(); }));
  EXPECT_EQ(server.closed->reason, CloseReason::kShutdownRemote);
  EXPECT_EQ(story(server), kEndedByPeer);
  expect_traffic(server);
}

TEST_F(Netcat, NcatListensAndWeEnd) {
  Program ncat({"ncat", "--sctp", "-l", "127.0.0.1", "5000"});
  End& client = connect_to_program();
  exchange(client, ncat);
  ASSERT_TRUE(client.association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(story(client), kEndedByUs);
  ASSERT_TRUE(wait_for_end(ncat));
  EXPECT_EQ(ncat.status(), 0);
  expect_traffic(client);
}

// Forwards every association of a listener to another port, message by message,
// with the pressure of either side felt by the other.
class Relay {
 public:
  Relay(Reactor& reactor, Address from, Address to)
      : reactor_(reactor), to_(std::move(to)) {
    auto endpoint =
        reactor.listen({.local = {std::move(from)}},
                       [this](const auto& one) { return pair(one); });
    EXPECT_TRUE(endpoint.has_value()) << endpoint.error().to_string();
    endpoint_ = *endpoint;
  }

  struct Side {
    std::shared_ptr<Association> association;
    std::optional<AssociationClosed> closed;
    std::uint64_t received = 0;   // bytes
    std::uint64_t sent = 0;       // bytes
    std::deque<Message> waiting;  // of the other side, for this one
    bool ends = false;            // the other side has ended
  };
  struct Pair {
    Side from;
    Side to;
  };
  std::deque<Pair> pairs;

  bool all_closed() const {
    return std::ranges::all_of(pairs, [](const Pair& pair) {
      return pair.from.closed && pair.to.closed;
    });
  }

 private:
  AssociationHandlers pair(const std::shared_ptr<Association>& from) {
    Pair& pair = pairs.emplace_back();
    pair.from.association = from;
    auto to = reactor_.connect({.remote = {to_}}, handlers(pair.to, pair.from));
    EXPECT_TRUE(to.has_value()) << to.error().to_string();
    pair.to.association = *to;
    return handlers(pair.from, pair.to);
  }

  static void pass_on(Side& to) {
    while (!to.waiting.empty()) {
      const Message& message = to.waiting.front();
      const SendOptions options{.stream = message.info.stream,
                                .ppid = message.info.ppid,
                                .unordered = message.info.unordered};
      if (!to.association->send(message.payload(), options)) return;
      to.sent += message.payload().size();
      to.waiting.pop_front();
    }
    if (to.ends) static_cast<void>(to.association->shutdown());
  }

  static AssociationHandlers handlers(Side& self, Side& other) {
    return {
        .on_message =
            [&](Association& association, Message message) {
              self.received += message.payload().size();
              if (other.closed) return;
              other.waiting.push_back(std::move(message));
              pass_on(other);
              if (!other.waiting.empty()) association.pause();
            },
        .on_writable =
            [&](Association&) {
              pass_on(self);
              if (self.waiting.empty()) other.association->resume();
            },
        .on_closed =
            [&](Association&, const AssociationClosed& closed) {
              self.closed = closed;
              other.ends = true;
              // What still comes from there has nowhere to go.
              other.association->resume();
              pass_on(other);
            },
    };
  }

  Reactor& reactor_;
  Address to_;
  std::shared_ptr<Endpoint> endpoint_;
};

struct IperfRun {
  const char* name;
  Strings arguments;
  std::size_t associations;
  std::uint16_t streams;
  friend std::ostream& operator<<(std::ostream& out, const IperfRun& run) {
    return out << run.name;
  }
};

class Iperf : public Interop, public testing::WithParamInterface<IperfRun> {};

// iperf3 has a control connection over TCP to the same address and port; socat
// forwards that one.
TEST_P(Iperf, GoesThroughAReactorThatForwards) {
  const Address front = *Address::parse("127.0.0.2", kPort);
  Relay relay(*reactor_, front, loopback(kPort));
  Program control({"socat", "-d", "-d", "TCP-LISTEN:5000,bind=127.0.0.2,fork",
                   "TCP:127.0.0.1:5000"});
  ASSERT_TRUE(wait_for_output(control, "listening on"));
  Program server({"iperf3", "-s", "-1", "-B", "127.0.0.1", "-p", "5000"});
  ASSERT_TRUE(wait_for_output(server, "Server listening on 5000"));
  // Without delay and in small blocks, or a window is one block.
  Strings words = {"iperf3", "--sctp", "-c", "127.0.0.2", "-p",
                   "5000",   "-J",     "-N", "-l",        "8K"};
  words.insert(words.end(), GetParam().arguments.begin(),
               GetParam().arguments.end());
  Program client(words);
  ASSERT_TRUE(wait_for_end(client));
  EXPECT_EQ(client.status(), 0);
  ASSERT_TRUE(wait_for_end(server));
  EXPECT_EQ(server.status(), 0);
  ASSERT_EQ(relay.pairs.size(), GetParam().associations);
  ASSERT_TRUE(wait([&] { return relay.all_closed(); }));

  const auto figures = nlohmann::json::parse(client.output()).at("end");
  // Each association begins with a cookie that iperf3 does not count.
  constexpr std::uint64_t kCookie = 37;
  const std::uint64_t cookies = kCookie * GetParam().associations;
  std::uint64_t received = 0;
  std::uint64_t forwarded = 0;
  for (const Relay::Pair& pair : relay.pairs) {
    received += pair.from.received;
    forwarded += pair.to.sent;
    // The server may be the first to end.
    EXPECT_FALSE(pair.from.closed->error.has_value())
        << pair.from.closed->error->to_string();
    const auto traffic =
        recorder_->all<TrafficSampled>(pair.from.association->id());
    ASSERT_FALSE(traffic.empty());
    EXPECT_EQ(traffic.back().received.bytes, pair.from.received);
    const auto changes =
        recorder_->all<AssociationChange>(pair.from.association->id());
    ASSERT_FALSE(changes.empty());
    EXPECT_EQ(changes.front().inbound_streams, GetParam().streams);
  }
  EXPECT_EQ(received - cookies,
            figures.at("sum_sent").at("bytes").get<std::uint64_t>());
  // The server stops reading when the client says over TCP that it is done.
  EXPECT_LE(figures.at("sum_received").at("bytes").get<std::uint64_t>(),
            forwarded - cookies);
  EXPECT_LE(forwarded, received);
}

// With --nstreams iperf3 3.12 stops after a block, so that -n never ends.
INSTANTIATE_TEST_SUITE_P(
    Runs, Iperf,
    testing::Values(
        IperfRun{"OneAssociation", {"-n", "1M"}, 1, 10},
        IperfRun{"ThreeAssociations", {"-n", "1M", "-P", "3"}, 3, 10},
        IperfRun{
            "FourStreams", {"-t", "1", "-P", "2", "--nstreams", "4"}, 2, 4}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lksctp::test
