#include "buffer_pool.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "recorder.h"

namespace lksctp {
namespace {

using test::bytes_of;
using test::text_of;

constexpr std::size_t kKept = 1024 * 1024;

TEST(BufferPool, CopiesBytes) {
  const auto pool = std::make_shared<BufferPool>(kKept);
  const MessageBuffer buffer = BufferPool::copy(pool, bytes_of("signalling"));
  EXPECT_EQ(text_of(buffer.bytes()), "signalling");
  EXPECT_EQ(BufferPool::copy(pool, {}).bytes().size(), 0u);
}

TEST(BufferPool, ReusesWhatCameBack) {
  const auto pool = std::make_shared<BufferPool>(kKept);
  const std::byte* first = nullptr;
  {
    const MessageBuffer buffer = BufferPool::copy(pool, bytes_of("one"));
    first = buffer.bytes().data();
  }
  const MessageBuffer again = BufferPool::copy(pool, bytes_of("two"));
  EXPECT_EQ(again.bytes().data(), first);
}

TEST(BufferPool, ReusesWhatOtherThreadsGaveBack) {
  const auto pool = std::make_shared<BufferPool>(kKept);
  MessageBuffer buffer = BufferPool::copy(pool, bytes_of("one"));
  const std::byte* first = buffer.bytes().data();
  std::thread([moved = std::move(buffer)] {}).join();
  const MessageBuffer again = BufferPool::copy(pool, bytes_of("two"));
  EXPECT_EQ(again.bytes().data(), first);
}

TEST(BufferPool, BuffersOutliveTheirPool) {
  MessageBuffer buffer;
  {
    const auto pool = std::make_shared<BufferPool>(kKept);
    buffer = BufferPool::copy(pool, bytes_of("still here"));
  }
  EXPECT_EQ(text_of(buffer.bytes()), "still here");
}

TEST(BufferPool, MovingEmptiesTheSource) {
  const auto pool = std::make_shared<BufferPool>(kKept);
  MessageBuffer first = BufferPool::copy(pool, bytes_of("x"));
  const MessageBuffer second = std::move(first);
  EXPECT_EQ(second.bytes().size(), 1u);
  EXPECT_EQ(first.bytes().size(), 0u);  // NOLINT(bugprone-use-after-move)
}

TEST(BufferPool, EverySizeRoundTrips) {
  const auto pool = std::make_shared<BufferPool>(kKept);
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{257},
        std::size_t{65536}, std::size_t{1048576}, std::size_t{1048577}}) {
    for (int round = 0; round < 2; ++round) {
      const Bytes bytes(size, std::byte{0x5a});
      const MessageBuffer buffer = BufferPool::copy(pool, bytes);
      EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), buffer.bytes().begin(),
                             buffer.bytes().end()));
    }
  }
}

}  // namespace
}  // namespace lksctp
