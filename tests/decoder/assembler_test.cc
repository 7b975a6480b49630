#include "lksctp/decoder/assembler.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace lksctp {
namespace {

Bytes copy(std::span<const std::byte> view) {
  return {view.begin(), view.end()};
}

TEST(NotificationAssembler, OnePieceIsNotCopied) {
  NotificationAssembler assembler;
  const Bytes piece = bytes_of({1, 2, 3});
  const auto record = assembler.add(piece, /*end_of_record=*/true);
  ASSERT_TRUE(record.has_value() && record->has_value());
  EXPECT_EQ((*record)->data(), piece.data());
  EXPECT_EQ((*record)->size(), piece.size());
}

TEST(NotificationAssembler, JoinsPiecesOfAnySize) {
  for (const Sample& sample : all_samples()) {
    NotificationAssembler assembler;
    for (std::size_t step : {1u, 7u, 8u, 100u}) {
      for (std::size_t at = 0; at < sample.bytes.size(); at += step) {
        const std::size_t size = std::min(step, sample.bytes.size() - at);
        const bool last = at + size == sample.bytes.size();
        const auto record =
            assembler.add(std::span(sample.bytes).subspan(at, size), last);
        ASSERT_TRUE(record.has_value());
        ASSERT_EQ(record->has_value(), last);
        if (last) {
          EXPECT_EQ(copy(**record), sample.bytes);
        }
      }
      EXPECT_EQ(assembler.pending(), 0u);
    }
  }
}

TEST(NotificationAssembler, ReportsTooLargeOnceAndGoesOn) {
  NotificationAssembler assembler(/*max_bytes=*/4);
  EXPECT_TRUE(assembler.add(bytes_of({1, 2, 3}), false).has_value());
  EXPECT_EQ(assembler.pending(), 3u);
  EXPECT_EQ(assembler.add(bytes_of({4, 5}), false).error(),
            AssemblyError::kTooLarge);
  EXPECT_EQ(assembler.add(bytes_of({6}), false), std::nullopt);
  EXPECT_EQ(assembler.add(bytes_of({7}), true), std::nullopt);
  EXPECT_EQ(copy(**assembler.add(bytes_of({8, 9}), true)), bytes_of({8, 9}));
  EXPECT_EQ(assembler.add(bytes_of({1, 2, 3, 4, 5}), true).error(),
            AssemblyError::kTooLarge);
  EXPECT_EQ(copy(**assembler.add(bytes_of({1, 2, 3, 4}), true)),
            bytes_of({1, 2, 3, 4}));
}

TEST(NotificationAssembler, ReusesItsBuffer) {
  NotificationAssembler assembler;
  const Bytes piece(1000, std::byte{1});
  const std::byte* buffer = nullptr;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(assembler.add(piece, false).has_value());
    const auto record = assembler.add(piece, true);
    if (buffer != nullptr) {
      EXPECT_EQ((*record)->data(), buffer);
    }
    buffer = (*record)->data();
    EXPECT_EQ((*record)->size(), 2000u);
  }
}

TEST(NotificationAssembler, ResetForgets) {
  NotificationAssembler assembler;
  ASSERT_TRUE(assembler.add(bytes_of({1}), false).has_value());
  assembler.reset();
  EXPECT_EQ(assembler.pending(), 0u);
  EXPECT_EQ(copy(**assembler.add(bytes_of({2}), true)), bytes_of({2}));
}

}  // namespace
}  // namespace lksctp
