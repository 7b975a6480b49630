// Attributes of single messages: when they are given up, how they are
// acknowledged, which path they take.
#include <algorithm>
#include <string>

#include "scenario.h"

namespace lksctp::test {
namespace {

class Attributes : public Scenario {
 protected:
  [[nodiscard]] bool unreachable(const End& end) const {
    return std::ranges::any_of(
        recorder_->all<PeerAddressChange>(end.association->id()),
        [](const PeerAddressChange& change) {
          return change.state == PeerAddressState::kUnreachable;
        });
  }

  [[nodiscard]] Strings texts(const End& end) const {
    Strings all;
    for (const Message& message : end.messages) {
      all.push_back(text_of(message.payload()));
    }
    return all;
  }
};

TEST_F(Attributes, AMessageOutOfRetransmissionsIsNotDelivered) {
  connect_pair({.association = {.options = never_gives_up()}});
  network_drops_everything();
  for (const std::uint32_t times : {0u, 1u}) {
    ASSERT_TRUE(
        client->association
            ->send(bytes_of("perishable"),
                   {.context = 70 + times, .max_retransmissions = times})
            .has_value());
  }
  // By then more was sent in vain than either message had.
  ASSERT_TRUE(wait([&] { return unreachable(*client); }));
  network_works();
  ASSERT_TRUE(client->association
                  ->send(bytes_of("durable"), {.max_retransmissions = 1000})
                  .has_value());
  ASSERT_TRUE(wait([&] { return !server->messages.empty(); }));
  EXPECT_EQ(texts(*server), Strings{"durable"});
  // The kernel does not tell of what it gave up after it was sent.
  ASSERT_EQ(client->failed.size(), on_kernel() ? 0u : 2u);
  for (const auto& [failed, data] : client->failed) {
    EXPECT_EQ(failed.kind, SendFailedKind::kSent);
    EXPECT_EQ(data, "perishable");
  }
}

TEST_F(Attributes, OthersGiveWayToAnImportantMessage) {
  if (!on_kernel()) {
    connect_pair();
    const auto sent = client->association->send(bytes_of("x"), {.priority = 1});
    ASSERT_FALSE(sent.has_value());
    EXPECT_EQ(sent.error().code, ErrorCode::kNotSupported);
    EXPECT_NE(sent.error().message.find("kernel"), std::string::npos);
    return;
  }
  constexpr std::size_t kSize = 1000;
  SocketOptions options = never_gives_up();
  options.send_buffer = 20 * kSize;
  // Fills the send buffer with messages that may be given up; returns how many
  // fit.
  const auto fill = [&](std::size_t at_most) {
    connect_pair({.association = {.options = options}});
    network_drops_everything();
    for (std::size_t i = 0; i < at_most; ++i) {
      EXPECT_TRUE(
          client->association->send(pattern(kSize, i), {.priority = 100})
              .has_value());
      reactor_->run_once(std::chrono::milliseconds(0));
      if (client->association->send_queue_bytes() != 0) return i;
    }
    return at_most;
  };
  const std::size_t fit = fill(100);
  ASSERT_GT(fit, 1u);
  ASSERT_LT(fit, 100u);
  network_works();
  ASSERT_TRUE(wait([&] { return server->messages.size() == fit + 1; }));

  ASSERT_EQ(fill(fit), fit);
  ASSERT_TRUE(client->association->send(pattern(kSize + 1, 7), {.priority = 1})
                  .has_value());
  reactor_->run_once(std::chrono::milliseconds(0));
  network_works();
  ASSERT_TRUE(wait([&] {
    return !server->messages.empty() &&
           server->messages.back().payload().size() == kSize + 1;
  }));
  EXPECT_LE(server->messages.size(), fit) << "another one gave way";
}

TEST_F(Attributes, AMessageMayNameThePathItTakes) {
  connect_pair();
  const Address path = client->association->record()->paths.begin()->first;
  ASSERT_TRUE(
      client->association
          ->send(bytes_of("this way"),
                 {.sack_immediately = true, .destination = path.with_port(0)})
          .has_value());
  ASSERT_TRUE(wait([&] { return !server->messages.empty(); }));
  const auto sent = client->association->send(
      bytes_of("that way"), {.destination = *Address::parse("127.0.0.9", 0)});
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, ErrorCode::kInvalidArgument);
  ASSERT_TRUE(client->association->send(bytes_of("last")).has_value());
  ASSERT_TRUE(wait([&] { return server->messages.size() == 2; }));
  EXPECT_EQ(texts(*server), (Strings{"this way", "last"}));
}

// Nobody knows the paths of an association that is not up: the message fails when
// it is its turn, and nothing else does.
TEST_F(Attributes, APathThatIsNoneFailsTheMessageOnceItIsUp) {
  const auto endpoint = listen();
  client = &connect(*endpoint);
  ASSERT_TRUE(
      client->association
          ->send(bytes_of("nowhere"),
                 {.context = 9, .destination = *Address::parse("127.0.0.9", 0)})
          .has_value());
  ASSERT_TRUE(client->association->send(bytes_of("there")).has_value());
  ASSERT_TRUE(
      wait([&] { return !accepted_.empty() && accepted_[0].message_count; }));
  EXPECT_EQ(texts(accepted_[0]), Strings{"there"});
  ASSERT_EQ(client->failed.size(), 1u);
  EXPECT_EQ(client->failed[0].first.context, 9u);
  EXPECT_EQ(client->failed[0].first.kind, SendFailedKind::kUnsent);
}

// A message that is refused when it is its turn holds nothing back that is before it,
// although nothing follows.
TEST_F(Attributes, ARefusedMessageLetsThoseBeforeItGo) {
  const auto endpoint = listen();
  client = &connect(*endpoint);
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(client->association->send(bytes_of(text)).has_value());
  }
  for (std::uint32_t context : {7u, 8u}) {
    ASSERT_TRUE(client->association
                    ->send(bytes_of("nowhere"),
                           {.context = context,
                            .destination = *Address::parse("127.0.0.9", 0)})
                    .has_value());
  }
  ASSERT_TRUE(wait(
      [&] { return !accepted_.empty() && accepted_[0].message_count == 3; }));
  EXPECT_EQ(texts(accepted_[0]), (Strings{"one", "two", "three"}));
  ASSERT_TRUE(wait([&] { return client->failed.size() == 2; }));
  EXPECT_EQ(client->failed[0].first.context, 7u);
  EXPECT_EQ(client->failed[1].first.context, 8u);
}

}  // namespace
}  // namespace lksctp::test
