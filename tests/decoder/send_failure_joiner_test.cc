#include "lksctp/decoder/send_failure_joiner.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace lksctp {
namespace {

constexpr std::uint16_t kMiddle = 0;
constexpr std::uint16_t kEnd = 1;
constexpr std::uint16_t kBegin = 2;
constexpr std::uint16_t kWhole = 3;

SendFailed record(std::uint16_t flags, std::uint32_t context,
                  std::initializer_list<int> data) {
  return {.kind = SendFailedKind::kUnsent,
          .stream = StreamId(1),
          .flags = flags,
          .ppid = Ppid(46),
          .context = context,
          .association = StackAssociationId(3),
          .data = bytes_of(data)};
}

std::vector<FailedMessage> add(SendFailureJoiner& joiner, SendFailed failed) {
  std::vector<FailedMessage> out;
  joiner.add(std::move(failed), out);
  return out;
}

TEST(SendFailureJoiner, WholeMessagePassesThrough) {
  SendFailureJoiner joiner;
  const auto out = add(joiner, record(kWhole, 7, {1, 2}));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0], (FailedMessage{.stream = StreamId(1),
                                   .ppid = Ppid(46),
                                   .context = 7,
                                   .association = StackAssociationId(3),
                                   .bytes = 2,
                                   .data = bytes_of({1, 2}),
                                   .complete = true}));
  // The unordered bit of usrsctp's samples does not matter.
  EXPECT_TRUE(add(joiner, record(kWhole | 4, 7, {1}))[0].complete);
}

TEST(SendFailureJoiner, JoinsInterleavedMessages) {
  SendFailureJoiner joiner;
  EXPECT_TRUE(add(joiner, record(kBegin, 1, {1})).empty());
  EXPECT_TRUE(add(joiner, record(kBegin, 2, {11})).empty());
  EXPECT_TRUE(add(joiner, record(kMiddle, 1, {2})).empty());
  EXPECT_EQ(joiner.pending(), 2u);
  const auto second = add(joiner, record(kEnd, 2, {12}));
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].data, bytes_of({11, 12}));
  EXPECT_EQ(add(joiner, record(kEnd, 1, {3}))[0].data, bytes_of({1, 2, 3}));
  EXPECT_EQ(joiner.pending(), 0u);
}

// usrsctp: what was sent fragment by fragment, the rest as one unsent record.
TEST(SendFailureJoiner, AnySentPartMakesItSent) {
  SendFailureJoiner joiner;
  SendFailed sent = record(kBegin, 1, {1});
  sent.kind = SendFailedKind::kSent;
  sent.error = CauseCode::kUserInitiatedAbort;
  EXPECT_TRUE(add(joiner, sent).empty());
  const auto out = add(joiner, record(kEnd, 1, {2}));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].kind, SendFailedKind::kSent);
  EXPECT_EQ(out[0].error, CauseCode::kUserInitiatedAbort);
  EXPECT_TRUE(out[0].complete);
}

TEST(SendFailureJoiner, MissingBeginningIsIncomplete) {
  SendFailureJoiner joiner;
  EXPECT_TRUE(add(joiner, record(kMiddle, 1, {2})).empty());
  const auto out = add(joiner, record(kEnd, 1, {3}));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_FALSE(out[0].complete);
  EXPECT_EQ(out[0].bytes, 2u);
}

TEST(SendFailureJoiner, NewBeginningEndsTheOldMessage) {
  SendFailureJoiner joiner;
  EXPECT_TRUE(add(joiner, record(kBegin, 1, {1})).empty());
  const auto out = add(joiner, record(kBegin, 1, {2}));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_FALSE(out[0].complete);
  EXPECT_EQ(out[0].data, bytes_of({1}));
  EXPECT_TRUE(add(joiner, record(kEnd, 1, {3}))[0].complete);
}

TEST(SendFailureJoiner, StreamsAndAssociationsAreApart) {
  SendFailureJoiner joiner;
  EXPECT_TRUE(add(joiner, record(kBegin, 1, {1})).empty());
  SendFailed other_stream = record(kEnd, 1, {2});
  other_stream.stream = StreamId(2);
  EXPECT_FALSE(add(joiner, other_stream)[0].complete);
  SendFailed other_association = record(kEnd, 1, {2});
  other_association.association = StackAssociationId(4);
  EXPECT_FALSE(add(joiner, other_association)[0].complete);
  EXPECT_EQ(joiner.pending(), 1u);
}

TEST(SendFailureJoiner, FlushGivesTheUnfinished) {
  SendFailureJoiner joiner;
  EXPECT_TRUE(add(joiner, record(kBegin, 1, {1})).empty());
  EXPECT_TRUE(add(joiner, record(kBegin, 2, {2})).empty());
  std::vector<FailedMessage> out;
  joiner.flush(out);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].context, 1u);
  EXPECT_FALSE(out[0].complete);
  EXPECT_EQ(joiner.pending(), 0u);
}

TEST(SendFailureJoiner, BoundsTheBytesAndKeepsCounting) {
  SendFailureJoiner joiner(/*max_bytes=*/4);
  EXPECT_TRUE(add(joiner, record(kBegin, 1, {1, 2, 3})).empty());
  EXPECT_TRUE(add(joiner, record(kMiddle, 1, {4, 5})).empty());
  EXPECT_TRUE(add(joiner, record(kMiddle, 1, {6})).empty());
  const auto out = add(joiner, record(kEnd, 1, {7}));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].bytes, 7u);
  EXPECT_TRUE(out[0].data.empty());
  EXPECT_FALSE(out[0].complete);
  // The bound is free again.
  EXPECT_TRUE(add(joiner, record(kBegin, 2, {1, 2, 3})).empty());
  EXPECT_TRUE(add(joiner, record(kEnd, 2, {4}))[0].complete);
}

TEST(SendFailureJoiner, BoundsTheMessages) {
  SendFailureJoiner joiner(/*max_bytes=*/100, /*max_messages=*/2);
  EXPECT_TRUE(add(joiner, record(kBegin, 1, {1})).empty());
  EXPECT_TRUE(add(joiner, record(kBegin, 2, {2})).empty());
  const auto out = add(joiner, record(kBegin, 3, {3}));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].context, 1u);
  EXPECT_EQ(joiner.pending(), 2u);
}

// Fragments 0 and 2 of a message of both stacks: first and last.
TEST(SendFailureJoiner, JoinsRecordsThatWereReceived) {
  for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
    SendFailureJoiner joiner;
    auto first = std::get<SendFailed>(
        decode_sample(abi, "send_failed_event-fragment-0"));
    auto last = std::get<SendFailed>(
        decode_sample(abi, "send_failed_event-fragment-2"));
    const std::size_t bytes = first.data.size() + last.data.size();
    EXPECT_TRUE(add(joiner, first).empty());
    const auto out = add(joiner, last);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].context, 61453u);
    EXPECT_EQ(out[0].ppid, Ppid(102));
    EXPECT_EQ(out[0].data.size(), bytes);
  }
}

}  // namespace
}  // namespace lksctp
