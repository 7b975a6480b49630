#include "lksctp/decoder/ancillary.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace lksctp {
namespace {

// Stream 3, SSN 5, flags, PPID 46, TSN 256, cumulative TSN 255, context 9,
// id 4.
std::string receive_info(const std::string& flags) {
  return "0300 0500 " + flags + " 0000 0000002e 00010000 ff000000 09000000 " +
         "04000000 ";
}
// Stream 2, flags, PPID 3, length 16, id 4.
std::string next_info(const std::string& flags) {
  return "0200 " + flags + " 00000003 10000000 04000000 ";
}
// struct cmsghdr of SCTP.
std::string header(const std::string& length, const std::string& type) {
  return length + "00000000000000 84000000 " + type + "000000 ";
}

TEST(ReceiveInfo, IsTheSameOnBothStacks) {
  const auto from_linux =
      decode_receive_info(from_hex(receive_info("0100")), Abi::kLinux);
  ASSERT_TRUE(from_linux.has_value());
  EXPECT_EQ(*from_linux, (ReceiveInfo{.stream = StreamId(3),
                                      .ssn = 5,
                                      .unordered = true,
                                      .ppid = Ppid(46),
                                      .tsn = Tsn(256),
                                      .cumulative_tsn = 255,
                                      .context = 9,
                                      .association = StackAssociationId(4)}));
  EXPECT_EQ(decode_receive_info(from_hex(receive_info("0007")), Abi::kUsrsctp),
            from_linux);
  EXPECT_FALSE(
      decode_receive_info(from_hex(receive_info("0003")), Abi::kUsrsctp)
          ->unordered);
}

TEST(NextInfo, IsTheSameOnBothStacks) {
  const auto from_linux =
      decode_next_info(from_hex(next_info("0180")), Abi::kLinux);
  ASSERT_TRUE(from_linux.has_value());
  EXPECT_EQ(*from_linux, (NextInfo{.stream = StreamId(2),
                                   .unordered = true,
                                   .notification = true,
                                   .ppid = Ppid(3),
                                   .length = 16,
                                   .association = StackAssociationId(4)}));
  EXPECT_EQ(decode_next_info(from_hex(next_info("1004")), Abi::kUsrsctp),
            from_linux);
  EXPECT_TRUE(
      decode_next_info(from_hex(next_info("2000")), Abi::kUsrsctp)->complete);
}

TEST(ReceiveInfo, NeedsAllItsBytes) {
  Bytes bytes = from_hex(receive_info("0000"));
  bytes.pop_back();
  for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
    EXPECT_FALSE(decode_receive_info(bytes, abi).has_value());
    EXPECT_FALSE(decode_receive_info({}, abi).has_value());
    EXPECT_FALSE(decode_next_info({}, abi).has_value());
  }
}

TEST(Control, FindsBothInfos) {
  // In the order Linux has them; RCVINFO is padded to a multiple of eight.
  const auto data = decode_control(
      from_hex(header("20", "04") + next_info("0000") + header("2c", "03") +
               receive_info("0000") + "00000000"));
  ASSERT_TRUE(data.next.has_value());
  ASSERT_TRUE(data.receive.has_value());
  EXPECT_FALSE(data.send_receive.has_value());
  EXPECT_EQ(data.next->length, 16u);
  EXPECT_EQ(data.receive->ppid, Ppid(46));
}

TEST(Control, ReadsTheDeprecatedInfo) {
  const auto data = decode_control(from_hex(
      header("30", "01") +
      "0300 0500 0100 0000 0000002e 09000000 00000000 00010000 ff000000 "
      "04000000"));
  EXPECT_EQ(data.send_receive,
            decode_receive_info(from_hex(receive_info("0100")), Abi::kLinux));
}

TEST(Control, SkipsOtherLevelsAndTypes) {
  const auto data = decode_control(
      from_hex("1400000000000000 01000000 03000000 00000000 00000000" +
               header("14", "07") + "7f000001 00000000" + header("20", "04") +
               next_info("0000")));
  EXPECT_TRUE(data.next.has_value());
  EXPECT_FALSE(data.receive.has_value());
}

TEST(Control, EndsAtALengthThatLies) {
  for (const char* length : {"00", "0f", "ff"}) {
    const auto data =
        decode_control(from_hex(header(length, "04") + next_info("0000")));
    EXPECT_FALSE(data.next.has_value()) << length;
  }
  EXPECT_FALSE(decode_control(from_hex("ffffffffffffffff 84000000 04000000"))
                   .next.has_value());
}

TEST(Control, BearsAnyTruncation) {
  const Bytes whole = from_hex(header("20", "04") + next_info("0000") +
                               header("2c", "03") + receive_info("0000"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(),
                    whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(decode_control(cut).receive.has_value());
  }
  EXPECT_TRUE(decode_control(whole).receive.has_value());
}

}  // namespace
}  // namespace lksctp
