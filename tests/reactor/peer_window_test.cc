// What is sent ahead of the peer's receive window: unit tests of the arithmetic.
#include "stack/kernel/peer_window.h"

#include <gtest/gtest.h>

#include <vector>

namespace lksctp::test {
namespace {

constexpr std::size_t kWindow = 100'000;

class PeerWindowTest : public testing::Test {
 protected:
  // As many messages of `size` as may go now, one by one, up to `most`.
  std::size_t send_all(std::size_t size, std::size_t most = 100'000) {
    const std::vector<std::byte> data(size);
    const OutgoingMessage message{.data = data};
    std::size_t count = 0;
    while (count < most && window_.room({&message, 1}).count == 1) {
      window_.sent({&message, 1});
      ++count;
    }
    return count;
  }

  PeerWindow window_;
};

TEST_F(PeerWindowTest, NothingGoesBeforeTheFirstLook) {
  EXPECT_EQ(send_all(100), 0u);
}

TEST_F(PeerWindowTest, LargeMessagesFillTheWindowAndNoMore) {
  window_.look(kWindow);
  EXPECT_EQ(send_all(10'000), 10u);
}

TEST_F(PeerWindowTest, SmallMessagesStopWhereTheReceiverRunsOutOfBuffer) {
  window_.look(kWindow);
  const std::size_t count = send_all(64);
  EXPECT_LE(count * (64 + 232), 2 * kWindow);
  EXPECT_GE(count * (64 + 256), 2 * kWindow - 1000) << "and not before";
}

TEST_F(PeerWindowTest, UnreadMessagesCountWithTheirOverhead) {
  window_.look(kWindow);
  std::size_t unread = 0;
  // Looks that find nothing read must not add up to more than there is room for.
  for (int i = 0; i < 50; ++i) {
    unread += send_all(64, 20);
    window_.look(kWindow - unread * 64);
  }
  unread += send_all(64);
  EXPECT_LE(unread * (64 + 232), 2 * kWindow);
}

TEST_F(PeerWindowTest, AMessageAboveTheWindowGoesWhenTheWindowIsEmpty) {
  window_.look(kWindow);
  EXPECT_EQ(send_all(kWindow + 1), 1u);
  window_.look(kWindow / 2);
  EXPECT_EQ(send_all(kWindow + 1), 0u);
  window_.look(kWindow);
  EXPECT_EQ(send_all(kWindow + 1), 1u);
}

TEST_F(PeerWindowTest, AClosedWindowLetsNothingGo) {
  window_.look(kWindow);
  send_all(1000);
  window_.look(0);
  EXPECT_EQ(send_all(1), 0u);
  EXPECT_FALSE(window_.is_worth_opening());
  window_.look(kWindow);
  EXPECT_TRUE(window_.is_worth_opening());
}

TEST_F(PeerWindowTest, AskingSendsOneMessageWhateverTheAllowance) {
  window_.look(kWindow);
  send_all(64);
  window_.look(kWindow / 2);
  ASSERT_EQ(send_all(64), 0u);
  window_.ask();
  EXPECT_TRUE(window_.asks());
  EXPECT_EQ(send_all(64), 1u);
  EXPECT_FALSE(window_.asks());
}

TEST_F(PeerWindowTest, AProbeAsksWithOneMessage) {
  window_.look(kWindow);
  send_all(1000);
  window_.look(0);
  window_.probe(0);
  EXPECT_EQ(send_all(1000), 1u);
}

TEST_F(PeerWindowTest, APeerThatShrinksItsBufferIsBelievedAfterAProbe) {
  window_.look(kWindow);
  send_all(10'000);
  window_.look(kWindow / 10);
  window_.probe(kWindow / 10);
  EXPECT_GE(send_all(1000), 5u);
}

}  // namespace
}  // namespace lksctp::test
