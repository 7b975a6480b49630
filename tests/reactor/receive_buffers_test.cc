#include "receive_buffers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace lksctp {
namespace {

void fill(ReceiveSlot& slot, std::size_t size) {
  slot.size = size;
  std::memset(slot.buffer.data(), 0x5a, size);
}

bool is_filled(const MessageBuffer& message, std::size_t size) {
  return message.bytes().size() == size &&
         std::ranges::all_of(message.bytes(), [](std::byte one) {
           return one == std::byte{0x5a};
         });
}

class ReceiveBuffersTest : public ::testing::Test {
 protected:
  ReceiveSlot& slot() { return buffers_.slots(2)[1]; }
  // Reads `count` whole messages of `size`, one by one.
  void read(std::size_t size, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      ReceiveSlot& next = slot();
      fill(next, size);
      ASSERT_TRUE(is_filled(buffers_.take(next), size));
    }
  }
  // Reads a piece that fills a slot, of a message that goes on.
  void read_piece() {
    ReceiveSlot& next = slot();
    fill(next, next.buffer.size());
    buffers_.note_piece(next);
  }

  std::shared_ptr<BufferPool> pool_ = std::make_shared<BufferPool>(1 << 20);
  ReceiveBuffers buffers_{pool_, 2};
};

TEST_F(ReceiveBuffersTest, ThereAreNoMoreSlotsThanAskedForOrMade) {
  EXPECT_EQ(buffers_.slots(1).size(), 1u);
  EXPECT_EQ(buffers_.slots(100).size(), 2u);
}

TEST_F(ReceiveBuffersTest, AMessageKeepsTheMemoryItIsIn) {
  ReceiveSlot& first = slot();
  const std::byte* memory = first.buffer.data();
  fill(first, 2 * 1024);
  const MessageBuffer message = buffers_.take(first);
  EXPECT_TRUE(is_filled(message, 2 * 1024));
  EXPECT_EQ(message.bytes().data(), memory);
  EXPECT_NE(first.buffer.data(), memory);
  fill(first, first.buffer.size());
  const MessageBuffer largest = buffers_.take(first);
  EXPECT_TRUE(is_filled(largest, ReceiveBuffers::kSmallest));
  EXPECT_TRUE(is_filled(message, 2 * 1024)) << "not written over";
}

TEST_F(ReceiveBuffersTest, OneThatWouldHoldFarMoreThanItNeedsIsCopied) {
  ReceiveSlot& first = slot();
  const std::byte* memory = first.buffer.data();
  fill(first, 2 * 1024 - 1);
  const MessageBuffer message = buffers_.take(first);
  EXPECT_TRUE(is_filled(message, 2 * 1024 - 1));
  EXPECT_NE(message.bytes().data(), memory);
  EXPECT_EQ(first.buffer.data(), memory);
}

TEST_F(ReceiveBuffersTest, SlotsGrowWhenAMessageHadNoRoom) {
  const std::size_t size = slot().buffer.size();
  EXPECT_EQ(size, ReceiveBuffers::kSmallest);
  read_piece();
  for (const ReceiveSlot& slot : buffers_.slots(2)) {
    EXPECT_EQ(slot.buffer.size(), ReceiveBuffers::kLargest);
  }
  read(ReceiveBuffers::kLargest, 1);
}

TEST_F(ReceiveBuffersTest, APieceShorterThanItsSlotMakesNoneGrow) {
  ReceiveSlot& first = slot();
  fill(first, first.buffer.size() - 1);
  buffers_.note_piece(first);
  EXPECT_EQ(slot().buffer.size(), ReceiveBuffers::kSmallest);
}

TEST_F(ReceiveBuffersTest, SlotsShrinkWhenMessagesAreSmallForAPeriod) {
  read_piece();
  read(10'000, ReceiveBuffers::kPeriod);
  EXPECT_EQ(slot().buffer.size(), ReceiveBuffers::kLargest)
      << "a large message was in it";
  read(10'000, ReceiveBuffers::kPeriod);
  EXPECT_EQ(slot().buffer.size(), 16u * 1024);
  read(10, ReceiveBuffers::kPeriod - 1);
  EXPECT_EQ(slot().buffer.size(), 16u * 1024);
  read(10, 1);
  EXPECT_EQ(slot().buffer.size(), ReceiveBuffers::kSmallest);
}

TEST_F(ReceiveBuffersTest, MessagesOutliveThem) {
  MessageBuffer message;
  {
    ReceiveBuffers buffers(pool_, 1);
    fill(buffers.slots(1)[0], 8'000);
    message = buffers.take(buffers.slots(1)[0]);
  }
  pool_.reset();
  EXPECT_TRUE(is_filled(message, 8'000));
}

}  // namespace
}  // namespace lksctp
