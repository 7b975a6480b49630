// sctp_test and sctp_darn of lksctp-tools, which come from the authors of the
// kernel's SCTP.
#include <algorithm>
#include <cstring>
#include <map>
#include <regex>
#include <string>
#include <tuple>

#include "interop.h"

namespace lksctp::test {
namespace {

// A message as sctp_test tells of it and as we see it.
struct Sent {
  std::size_t size = 0;
  unsigned stream = 0;
  bool unordered = false;
  std::uint32_t ppid = 0;  // as it is in memory: sctp_test converts nothing
  friend auto operator<=>(const Sent&, const Sent&) = default;
};

std::uint32_t in_memory(Ppid ppid) {
  return __builtin_bswap32(ppid.value());  // the network's order is not ours
}

// "sendmsg(sk=3, assoc=0)  123 bytes." and in the next line
// "SNDRCV(stream=1 flags=0x1 ppid=361917344".
std::vector<Sent> sent_messages(const std::string& output) {
  static const std::regex kLines(
      R"(sendmsg\(sk=\d+, assoc=\d+\) +(\d+) bytes\.\s+SNDRCV\(stream=(\d+) flags=0x(\d) ppid=(\d+))");
  std::vector<Sent> messages;
  for (std::sregex_iterator line(output.begin(), output.end(), kLines), end;
       line != end; ++line) {
    messages.push_back(
        {.size = std::stoul((*line)[1]),
         .stream = static_cast<unsigned>(std::stoul((*line)[2])),
         .unordered = ((*line)[3] == "1"),
         .ppid = static_cast<std::uint32_t>(std::stoul((*line)[4]))});
  }
  return messages;
}

std::vector<Sent> received_messages(const End& end) {
  std::vector<Sent> messages;
  for (const Message& message : end.messages) {
    messages.push_back({.size = message.payload().size(),
                        .stream = message.info.stream.value(),
                        .unordered = message.info.unordered,
                        .ppid = in_memory(message.info.ppid)});
  }
  return messages;
}

// Those that have an order, stream by stream.
std::map<unsigned, std::vector<std::uint32_t>> in_order(
    const std::vector<Sent>& messages) {
  std::map<unsigned, std::vector<std::uint32_t>> streams;
  for (const Sent& message : messages) {
    if (!message.unordered) streams[message.stream].push_back(message.ppid);
  }
  return streams;
}

struct Run {
  const char* name;
  Strings arguments;
  std::size_t messages;
  friend std::ostream& operator<<(std::ostream& out, const Run& run) {
    return out << run.name;
  }
};

class SctpTestSends : public Interop,
                      public testing::WithParamInterface<Run> {};

TEST_P(SctpTestSends, WeReceiveEveryMessageAsItTells) {
  listen_for_programs();
  Strings words = {"sctp_test", "-H", "127.0.0.1", "-P", "5001", "-h",
                   "127.0.0.1", "-p", "5000",      "-s", "-d",   "2"};
  words.insert(words.end(), GetParam().arguments.begin(),
               GetParam().arguments.end());
  Program program(words);
  const End& server = wait_for_peer();
  ASSERT_TRUE(wait([&] { return server.closed.has_value(); }));
  ASSERT_TRUE(wait_for_end(program));
  EXPECT_EQ(program.status(), 0);

  std::vector<Sent> sent = sent_messages(program.output());
  std::vector<Sent> received = received_messages(server);
  EXPECT_EQ(received.size(), GetParam().messages);
  EXPECT_EQ(in_order(received), in_order(sent));
  std::ranges::sort(sent);
  std::ranges::sort(received);
  EXPECT_EQ(received, sent);
  for (const Message& message : server.messages) {
    const std::string text = text_of(message.payload());
    // Digits, and a zero at the end.
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      ASSERT_EQ(text[i], static_cast<char>('0' + i % 10)) << i;
    }
  }

  EXPECT_EQ(server.closed->reason, CloseReason::kShutdownRemote);
  EXPECT_EQ(server.calls, (Strings{"up", "peer_shutdown", "closed"}));
  EXPECT_EQ(kinds(server), kEndedByPeer);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, SctpTestSends,
    testing::Values(
        Run{"OneByte", {"-c", "0", "-x", "20"}, 200},
        Run{"MultiplesOfAFragment", {"-c", "1", "-x", "3", "-o", "1"}, 30},
        Run{"OneByteMoreThanAFragment",
            {"-c", "2", "-x", "10", "-o", "2", "-M", "10"},
            100},
        Run{"SmallMiddleLarge",
            {"-c", "3", "-x", "3", "-o", "2", "-M", "4"},
            30},
        Run{"TenSizes",
            {"-c", "4", "-x", "3", "-o", "3", "-M", "10", "-t", "1"},
            30},
        Run{"WindowSize", {"-c", "5", "-x", "3", "-o", "1", "-M", "2"}, 30},
        Run{"RandomSizesUpTo64KiB",
            {"-c", "6", "-m", "65515", "-x", "3", "-o", "3", "-M", "10"},
            30},
        Run{"TcpStyle", {"-T", "-c", "4", "-x", "2", "-o", "1"}, 20}),
    [](const auto& test) { return test.param.name; });

TEST(SctpTestOutput, Understood) {
  EXPECT_EQ(sent_messages("\tsendmsg(sk=3, assoc=0) 1453 bytes.\n"
                          "\t  SNDRCV(stream=2 flags=0x1 ppid=1681109726\n"),
            (std::vector{Sent{1453, 2, true, 1681109726}}));
}

// "recvmsg(sk=3) Data 1453 bytes. First 10 bytes: 012345678".
std::vector<std::size_t> sizes_it_received(const std::string& output) {
  static const std::regex kLine(R"(Data (\d+) bytes\.)");
  std::vector<std::size_t> sizes;
  for (std::sregex_iterator line(output.begin(), output.end(), kLine), end;
       line != end; ++line) {
    sizes.push_back(std::stoul((*line)[1]));
  }
  return sizes;
}

class SctpTestListens : public Interop,
                        public testing::WithParamInterface<bool> {
 protected:
  Strings words() const {
    Strings words = {"sctp_test", "-H", "127.0.0.1", "-P",
                     "5000",      "-l", "-d",        "2"};
    if (GetParam()) words.emplace_back("-T");
    return words;
  }
};

TEST_P(SctpTestListens, ItReceivesEveryMessageAsWeSentIt) {
  Program program(words());
  End& client = connect_to_program();
  const std::vector<std::size_t> sizes = {1,    2,     100,   1452, 1453,
                                          5000, 20000, 32768, 65000};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    ASSERT_TRUE(client.association
                    ->send(pattern(sizes[i]),
                           {.stream = StreamId(static_cast<std::uint16_t>(i)),
                            .ppid = Ppid(0x01020304),
                            .unordered = i % 2 == 1})
                    .has_value());
  }
  ASSERT_TRUE(wait([&] {
    return sizes_it_received(program.output()) == sizes;
  })) << program.output();
  // All but the first, which came before it asked for attributes; ordered.
  for (std::size_t i = 2; i < sizes.size(); ++i) {
    EXPECT_TRUE(
        program.printed("SNDRCV(stream=" + std::to_string(i) + " ssn=0 tsn="))
        << i;
  }
  EXPECT_TRUE(program.printed("flags=0x1 ppid=67305985"));  // 04030201
  EXPECT_TRUE(program.printed("flags=0x0 ppid=67305985"));

  ASSERT_TRUE(client.association->shutdown().has_value());
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kShutdownLocal);
  EXPECT_EQ(client.calls, (Strings{"up", "closed"}));
  EXPECT_EQ(kinds(client), kEndedByUs);
}

INSTANTIATE_TEST_SUITE_P(Styles, SctpTestListens, testing::Bool(),
                         [](const auto& test) {
                           return test.param ? "OneToOne" : "OneToMany";
                         });

class SctpDarn : public Interop {};

TEST_F(SctpDarn, PrintsWhatWeSend) {
  Program darn({"sctp_darn", "-H", "127.0.0.1", "-P", "5000", "-l"});
  End& client = connect_to_program();
  ASSERT_TRUE(client.association
                  ->send(bytes_of("one\n"),
                         {.stream = StreamId(3), .ppid = Ppid(0x01000000)})
                  .has_value());
  ASSERT_TRUE(
      client.association
          ->send(bytes_of("two\n"), {.stream = StreamId(4), .unordered = true})
          .has_value());
  ASSERT_TRUE(wait_for_output(darn, "DATA(4):  two"));
  EXPECT_TRUE(darn.printed("DATA(4):  one"));
  EXPECT_TRUE(darn.printed("sinfo_stream 3\n"));
  EXPECT_TRUE(darn.printed("sinfo_ppid 1\n"));
  EXPECT_TRUE(darn.printed("sinfo_stream 4\n"));
  EXPECT_TRUE(darn.printed("sinfo_flags 0x1\n"));
  ASSERT_TRUE(client.association->shutdown().has_value());
  ASSERT_TRUE(wait_for_output(darn, "ASSOC_CHANGE - SHUTDOWN_COMP"));
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed->reason, CloseReason::kShutdownLocal);
}

TEST_F(SctpDarn, SeesOurAbort) {
  Program darn({"sctp_darn", "-H", "127.0.0.1", "-P", "5000", "-l"});
  End& client = connect_to_program();
  ASSERT_TRUE(client.association->send(bytes_of("one\n")).has_value());
  ASSERT_TRUE(wait_for_output(darn, "DATA(4):  one"));
  ASSERT_TRUE(client.association->abort().has_value());
  ASSERT_TRUE(wait_for_output(darn, "ASSOC_CHANGE - COMM_LOST"));
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  EXPECT_EQ(kinds(client), kAbortedByUs);
}

// Commands of its interactive mode.
class SctpDarnConnects : public SctpDarn {
 protected:
  // From `address`, and from whatever `more` says.
  Strings words(const Strings& more = {}) const {
    Strings words = {"sctp_darn", "-H", "127.0.0.1", "-P", "5001", "-h",
                     "127.0.0.1", "-p", "5000",      "-s", "-I"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  // It connects with the first message.
  End& greet(Program& darn) {
    darn.write("snd=10\n");
    End& server = wait_for_peer();
    EXPECT_TRUE(wait([&] { return server.messages.size() == 1; }));
    return server;
  }
};

TEST_F(SctpDarnConnects, ItsMessagesArriveAndItShutsDown) {
  listen_for_programs();
  Program darn(words());
  const End& server = greet(darn);
  darn.write("snd=20000\nsnd=1\n");
  ASSERT_TRUE(wait([&] { return server.messages.size() == 3; }));
  EXPECT_EQ(server.messages[0].payload().size(), 10u);
  EXPECT_EQ(server.messages[1].payload().size(), 20000u);
  EXPECT_EQ(server.messages[2].payload().size(), 1u);
  darn.write("shutdown\n");
  ASSERT_TRUE(wait([&] { return server.closed.has_value(); }));
  EXPECT_EQ(server.closed->reason, CloseReason::kShutdownRemote);
  EXPECT_EQ(kinds(server), kEndedByPeer);
}

TEST_F(SctpDarnConnects, ItAborts) {
  listen_for_programs();
  Program darn(words());
  const End& server = greet(darn);
  darn.write("abort\n");
  ASSERT_TRUE(wait([&] { return server.closed.has_value(); }));
  EXPECT_EQ(server.closed->reason, CloseReason::kAbortRemote);
  EXPECT_EQ(server.closed->cause, CauseCode::kUserInitiatedAbort);
  EXPECT_EQ(server.calls, (Strings{"up", "closed"}));
  EXPECT_EQ(kinds(server), kAbortedByPeer);
}

TEST_F(SctpDarnConnects, FromTwoAddresses) {
  SocketOptions options;
  options.path.heartbeat_interval = Milliseconds(100);
  listen({.local = {loopback(kPort)}, .association = {.options = options}});
  Program darn(words({"-B", "127.0.0.2"}));
  const End& server = greet(darn);
  const AssociationId id = server.association->id();
  const Address second = *Address::parse("127.0.0.2", kOtherPort);
  // The other path is proved by a heartbeat.
  ASSERT_TRUE(wait([&] {
    return std::ranges::any_of(
        recorder_->all<PeerAddressChange>(id), [&](const auto& change) {
          return change.address == second &&
                 change.state == PeerAddressState::kConfirmed;
        });
  }));
  ASSERT_TRUE(server.association->sample().has_value());
  const auto& paths = server.association->record()->paths;
  ASSERT_EQ(paths.size(), 2u);
  EXPECT_EQ(paths.count(loopback(kOtherPort)), 1u);
  EXPECT_EQ(paths.at(second).info.state, PathState::kActive);
}

TEST_F(SctpDarnConnects, AddsAndRemovesAnAddress) {
  // RFC 5061; the kernel asks for authentication of the change, or for this.
  set_sctp_sysctl("addip_enable", 1);
  set_sctp_sysctl("addip_noauth_enable", 1);
  listen_for_programs();
  Program darn(words());
  const End& server = greet(darn);
  const AssociationId id = server.association->id();
  const Address second = *Address::parse("127.0.0.2", kOtherPort);
  const auto was_told = [&](PeerAddressState state) {
    return std::ranges::any_of(
        recorder_->all<PeerAddressChange>(id), [&](const auto& change) {
          return change.address == second && change.state == state;
        });
  };
  darn.write("bindx-add=127.0.0.2\n");
  ASSERT_TRUE(wait([&] { return was_told(PeerAddressState::kAdded); }));
  ASSERT_TRUE(server.association->sample().has_value());
  EXPECT_EQ(server.association->record()->paths.count(second), 1u);
  darn.write("bindx-rem=127.0.0.2\n");
  ASSERT_TRUE(wait([&] { return was_told(PeerAddressState::kRemoved); }));
  ASSERT_TRUE(server.association->sample().has_value());
  EXPECT_EQ(server.association->record()->paths.count(second), 0u);
  darn.write("snd=5\n");
  ASSERT_TRUE(wait([&] { return server.messages.size() == 2; }));
}

TEST_F(SctpDarn, ListensOnTwoAddresses) {
  Program darn(
      {"sctp_darn", "-H", "127.0.0.1", "-B", "127.0.0.2", "-P", "5000", "-l"});
  ConnectOptions options;
  options.association.options.path.heartbeat_interval = Milliseconds(100);
  End& client = connect_to_program(kPort, options);
  const Address second = *Address::parse("127.0.0.2", kPort);
  ASSERT_TRUE(wait([&] {
    static_cast<void>(client.association->sample());
    const auto& paths = client.association->record()->paths;
    const auto path = paths.find(second);
    return path != paths.end() && path->second.info.state == PathState::kActive;
  }));
  EXPECT_EQ(client.association->record()->paths.size(), 2u);
  ASSERT_TRUE(client.association->send(bytes_of("one\n")).has_value());
  ASSERT_TRUE(wait_for_output(darn, "DATA(4):  one"));
  darn.kill(SIGINT);
  // Its kernel ends the association for it.
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
}

}  // namespace
}  // namespace lksctp::test
