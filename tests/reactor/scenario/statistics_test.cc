// What a stack counts of an association, and what a look into it tells.
#include <cerrno>
#include <string>

#include "scenario.h"

namespace lksctp::test {
namespace {

class Statistics : public Scenario {
 protected:
  static AssociationStatistics statistics(const End& end) {
    const auto read = end.association->statistics();
    EXPECT_TRUE(read.has_value()) << read.error().to_string();
    return read.value_or(AssociationStatistics{});
  }
};

TEST_F(Statistics, AreRefusedWhereTheStackDoesNotCount) {
  if (on_kernel()) GTEST_SKIP() << "it counts";
  connect_pair();
  const auto counted = client->association->statistics();
  ASSERT_FALSE(counted.has_value());
  EXPECT_EQ(counted.error().code, ErrorCode::kNotSupported);
  const auto details = client->association->details();
  ASSERT_FALSE(details.has_value());
  EXPECT_EQ(details.error().code, ErrorCode::kNotSupported);
  EXPECT_NE(details.error().message.find("kernel"), std::string::npos);
}

TEST_F(Statistics, CountWhatWasSentAndReceived) {
  if (!on_kernel()) GTEST_SKIP() << "usrsctp does not count";
  connect_pair();
  const AssociationStatistics before = statistics(*client);
  for (unsigned i = 0; i < 7; ++i) {
    ASSERT_TRUE(client->association->send(bytes_of("x"), {.unordered = i < 2})
                    .has_value());
  }
  ASSERT_TRUE(server->association->send(bytes_of("y")).has_value());
  ASSERT_TRUE(wait([&] {
    return server->messages.size() == 7 && client->messages.size() == 1;
  }));
  const AssociationStatistics sent = statistics(*client);
  const AssociationStatistics received = statistics(*server);
  EXPECT_EQ(sent.unordered_chunks_sent, 2u);
  EXPECT_EQ(sent.ordered_chunks_sent, 5u);
  EXPECT_EQ(sent.ordered_chunks_received, 1u);
  EXPECT_EQ(received.unordered_chunks_received, 2u);
  EXPECT_EQ(received.ordered_chunks_received, 5u);
  EXPECT_EQ(received.ordered_chunks_sent, 1u);
  EXPECT_EQ(sent.retransmitted_chunks, 0u);
  EXPECT_EQ(sent.duplicate_chunks, 0u);
  EXPECT_GT(sent.packets_sent, before.packets_sent);
  EXPECT_GT(received.control_chunks_sent, 0u);
}

// Reading starts the kernel's largest RTO anew; ours is that of the association.
TEST_F(Statistics, TheLargestRtoStays) {
  if (!on_kernel()) GTEST_SKIP() << "usrsctp does not count";
  ConnectOptions options;
  options.association.options = never_gives_up();
  options.association.options.rto.maximum = Milliseconds(400);
  connect_pair(options);
  network_drops_everything();
  ASSERT_TRUE(client->association->send(bytes_of("x")).has_value());
  const auto doubled = [&] {
    return statistics(*client).max_rto == Milliseconds(400);
  };
  ASSERT_TRUE(wait(doubled)) << "in milliseconds, up to the maximum";
  network_works();
  ASSERT_TRUE(wait([&] { return !server->messages.empty(); }));
  const AssociationStatistics after = statistics(*client);
  EXPECT_EQ(after.max_rto, Milliseconds(400));
  EXPECT_EQ(after.max_rto_path.ip_string(), "127.0.0.1");
  EXPECT_GT(after.retransmitted_chunks, 0u);
}

TEST_F(Statistics, DetailsOfBothEndsMatch) {
  if (!on_kernel()) GTEST_SKIP() << "only the kernel tells them";
  ListenOptions listening;
  listening.association.options.max_burst = 6;
  connect_pair({}, listening);
  const auto mine = client->association->details();
  ASSERT_TRUE(mine.has_value()) << mine.error().to_string();
  const auto theirs = server->association->details();
  ASSERT_TRUE(theirs.has_value()) << theirs.error().to_string();
  EXPECT_NE(mine->tag, 0u);
  EXPECT_EQ(mine->tag, theirs->peer_tag);
  EXPECT_EQ(theirs->tag, mine->peer_tag);
  EXPECT_EQ(mine->max_burst, 4u);
  EXPECT_EQ(theirs->max_burst, 6u);
  EXPECT_EQ(mine->overall_error, 0u);
  EXPECT_GT(mine->max_segment, 500u);
  const auto* record = client->association->record();
  EXPECT_EQ(mine->peer_receive_window, record->status->peer_receive_window);
  EXPECT_NE(mine->peer_capabilities & 0x2, 0) << "partial reliability";
}

TEST_F(Statistics, DetailsOnIPv6AndOverBothFamilies) {
  if (!on_kernel()) GTEST_SKIP() << "only the kernel tells them";
  const auto any = listen({.local = {*Address::parse("::", 0)}});
  for (const char* ip : {"::1", "127.0.0.1"}) {
    End& end = connect(
        *any, {.remote = {*Address::parse(ip, any->local().front().port)}});
    ASSERT_TRUE(wait([&] { return end.up; })) << ip;
    const auto details = end.association->details();
    ASSERT_TRUE(details.has_value()) << ip << details.error().to_string();
    EXPECT_NE(details->peer_tag, 0u);
  }
  ASSERT_TRUE(wait([&] { return accepted_.size() == 2; }));
  for (const End& end : accepted_) {
    const auto details = end.association->details();
    ASSERT_TRUE(details.has_value()) << details.error().to_string();
  }
}

TEST_F(Statistics, AreGoneWithTheAssociation) {
  connect_pair();
  ASSERT_TRUE(client->association->abort().has_value());
  EXPECT_EQ(client->association->statistics().error().code, ErrorCode::kClosed);
  EXPECT_EQ(client->association->details().error().code, ErrorCode::kClosed);
  ASSERT_TRUE(wait([&] { return server->closed.has_value(); }));
}

}  // namespace
}  // namespace lksctp::test
