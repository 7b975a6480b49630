// Messages larger than the receive buffer: the kernel hands them over in pieces,
// the reactor as a whole or not at all.
#include <algorithm>
#include <fstream>
#include <string>

#include "two_hosts.h"

namespace lksctp::test {
namespace {

constexpr std::size_t kMessage = 1024 * 1024;
constexpr std::uint32_t kSmallBuffer = 32 * 1024;

class PartialDeliveryScenario : public TwoHosts {
 protected:
  void connect_with_small_buffer() {
    AssociationSettings small;
    small.options = fast_failover();
    small.options.receive_buffer = kSmallBuffer;
    connect_hosts({}, {.association = small});
  }

  // Bytes that the far host has received so far.
  [[nodiscard]] std::uint64_t received() const {
    std::uint64_t sum = 0;
    far_host_->inside([&] {
      std::ifstream file("/proc/net/dev");
      for (std::string word; file >> word;) {
        std::uint64_t bytes = 0;
        if (word.starts_with("far") && file >> bytes) sum += bytes;
      }
    });
    return sum;
  }

  // Half of a message has arrived: much more than the buffer holds, so that the
  // reactor has read the beginning.
  void wait_for_half() {
    const std::uint64_t before = received();
    ASSERT_TRUE(client->association->send(pattern(kMessage)));
    ASSERT_TRUE(wait([&] { return received() - before > kMessage / 2; }));
    ASSERT_TRUE(server->messages.empty());
  }

  [[nodiscard]] std::ptrdiff_t count(const End& end, const char* kind) const {
    return std::ranges::count(kinds(end), kind);
  }
};

TEST_F(PartialDeliveryScenario, LargeMessagesArriveWhole) {
  connect_with_small_buffer();
  constexpr std::size_t kCount = 3;
  send_all(*client, kCount, [](std::size_t i) { return pattern(kMessage, i); });
  ASSERT_TRUE(wait([&] { return server->messages.size() == kCount; }));
  for (std::size_t i = 0; i < kCount; ++i) {
    EXPECT_TRUE(std::ranges::equal(server->messages[i].payload(),
                                   pattern(kMessage, i)));
  }
  EXPECT_EQ(count(*server, "partial_delivery"), 0);
}

TEST_F(PartialDeliveryScenario, HalfAMessageOfAPeerThatAbortsIsNotDelivered) {
  connect_with_small_buffer();
  wait_for_half();
  ASSERT_TRUE(client->association->abort());
  ASSERT_TRUE(wait([&] { return server->closed.has_value(); }));
  EXPECT_EQ(server->closed->reason, CloseReason::kAbortRemote);
  EXPECT_TRUE(server->messages.empty());
  EXPECT_EQ(count(*server, "partial_delivery"), 1);
}

TEST_F(PartialDeliveryScenario, HalfAMessageOfASilentPeerIsNotDelivered) {
  connect_with_small_buffer();
  wait_for_half();
  silence(Link::kFirst);
  silence(Link::kSecond);
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_EQ(server->closed->reason, CloseReason::kTimeout);
  EXPECT_TRUE(server->messages.empty());
  ASSERT_EQ(client->failed.size(), 1u);
  EXPECT_EQ(client->failed.front().first.size, kMessage);
}

}  // namespace
}  // namespace lksctp::test
