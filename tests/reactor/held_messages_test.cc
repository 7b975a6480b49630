// What the kernel may hold back: unit tests of the arithmetic.
#include "stack/kernel/held_messages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace lksctp::test {
namespace {

void add(HeldMessages& held, std::size_t count, std::size_t size) {
  const std::vector<std::byte> data(size);
  const std::vector<OutgoingMessage> messages(count,
                                              OutgoingMessage{.data = data});
  held.add(messages);
}

TEST(HeldMessages, NothingIsHeldUntilSomethingIsAdded) {
  EXPECT_EQ(HeldMessages().bytes(), 0u);
  EXPECT_EQ(HeldMessages().charge(), 0u);
}

TEST(HeldMessages, AFewCountWithTheirHeadersAndTheirCharge) {
  HeldMessages held;
  add(held, 10, 100);
  EXPECT_EQ(held.bytes(), 10u * 116);
  EXPECT_EQ(held.charge(), 10 * send_buffer_charge(100));
}

TEST(HeldMessages, ItIsNeverMoreThanAPacketHowManyThereMayBe) {
  HeldMessages held;
  std::size_t largest = 0;
  for (int i = 0; i < 10'000; ++i) {
    add(held, 1, 1000);
    EXPECT_LE(held.bytes(), HeldMessages::kPacket);
    largest = std::max(largest, held.charge());
  }
  // Of two packets: which messages are in the last one is not known.
  EXPECT_LE(largest,
            2 * (HeldMessages::kPacket / 1016 + 1) * send_buffer_charge(1000));
}

TEST(HeldMessages, ItIsNeverLessThanTheLastPacket) {
  HeldMessages held;
  for (std::size_t i = 0; i < 1000; ++i) {
    add(held, 1, 1000);
    const std::size_t in_last_packet =
        std::min(i + 1, HeldMessages::kPacket / 1016);
    EXPECT_GE(held.bytes(), in_last_packet * 1016);
    EXPECT_GE(held.charge(), in_last_packet * send_buffer_charge(1000));
  }
}

TEST(HeldMessages, OneWithoutMoreLetsAllGo) {
  HeldMessages held;
  add(held, 100, 1000);
  held.clear();
  EXPECT_EQ(held.bytes(), 0u);
  EXPECT_EQ(held.charge(), 0u);
}

}  // namespace
}  // namespace lksctp::test
