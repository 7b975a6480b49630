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
  std::shared_ptr<BufferPool> pool_ = std::make_shared<BufferPool>(1 << 20);
  ReceiveBuffers buffers_{pool_, 2};
  ReceiveSlot& slot_ = buffers_.slots()[1];
};

TEST_F(ReceiveBuffersTest, ALargeMessageKeepsTheMemoryItIsIn) {
  const std::byte* memory = slot_.buffer.data();
  fill(slot_, 16 * 1024);
  const MessageBuffer message = buffers_.take(slot_);
  EXPECT_TRUE(is_filled(message, 16 * 1024));
  EXPECT_EQ(message.bytes().data(), memory);
  EXPECT_NE(slot_.buffer.data(), memory);
  fill(slot_, slot_.buffer.size());
  const MessageBuffer largest = buffers_.take(slot_);
  EXPECT_TRUE(is_filled(largest, 64 * 1024));
  EXPECT_TRUE(is_filled(message, 16 * 1024)) << "not written over";
}

TEST_F(ReceiveBuffersTest, ASmallMessageIsCopied) {
  const std::byte* memory = slot_.buffer.data();
  fill(slot_, 16 * 1024 - 1);
  const MessageBuffer message = buffers_.take(slot_);
  EXPECT_TRUE(is_filled(message, 16 * 1024 - 1));
  EXPECT_NE(message.bytes().data(), memory);
  EXPECT_EQ(slot_.buffer.data(), memory);
}

TEST_F(ReceiveBuffersTest, MessagesOutliveThem) {
  MessageBuffer message;
  {
    ReceiveBuffers buffers(pool_, 1);
    fill(buffers.slots()[0], 20'000);
    message = buffers.take(buffers.slots()[0]);
  }
  pool_.reset();
  EXPECT_TRUE(is_filled(message, 20'000));
}

}  // namespace
}  // namespace lksctp
