#include "lksctp/decoder/error_cause.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace lksctp {
namespace {

// Invalid stream 7, padding after three bytes of text, then an empty cause.
const char* const kThree = "00010008 00070000 000d0007 61626300 000c0004";

TEST(ErrorCause, ParsesCausesAndTheirPadding) {
  const auto causes = parse_error_causes(from_hex(kThree));
  ASSERT_EQ(causes.size(), 3u);
  EXPECT_EQ(causes[0].code, CauseCode::kInvalidStreamIdentifier);
  EXPECT_EQ(causes[1],
            (ErrorCause{CauseCode::kProtocolViolation, from_hex("616263")}));
  EXPECT_TRUE(causes[2].information.empty());
}

TEST(ErrorCause, EncodingIsTheInverse) {
  EXPECT_EQ(encode_error_causes(parse_error_causes(from_hex(kThree))),
            from_hex(kThree));
  EXPECT_TRUE(encode_error_causes({}).empty());
}

TEST(ErrorCause, StopsAtALengthThatLies) {
  EXPECT_EQ(parse_error_causes(from_hex("000c0004 000c0003 000c0004")).size(),
            1u);
  EXPECT_EQ(parse_error_causes(from_hex("000c0004 000c0009 01020304")).size(),
            1u);
  EXPECT_TRUE(parse_error_causes(from_hex("000c00")).empty());
  EXPECT_TRUE(parse_error_causes({}).empty());
}

TEST(ErrorCause, ReadsWhatItKnows) {
  const auto read = [](int code, const std::string& hex) {
    return describe_cause({static_cast<CauseCode>(code), from_hex(hex)});
  };
  EXPECT_EQ(read(1, "00070000"), "invalid stream identifier 7");
  EXPECT_EQ(read(2, "00000002 0007 8008"),
            "missing mandatory parameter, parameters 0x7, 0x8008");
  EXPECT_EQ(read(3, "000003e8"), "stale cookie, stale by 1000 us");
  EXPECT_EQ(read(4, ""), "out of resource");
  EXPECT_EQ(read(6, "c5000008"), "unrecognized chunk type, chunk type 197");
  EXPECT_EQ(read(8, "c0000004"), "unrecognized parameters, parameter 0xc000");
  EXPECT_EQ(read(9, "00000005"), "no user data, TSN 5");
  EXPECT_EQ(read(12, "627965"), R"(user-initiated abort "bye")");
  EXPECT_EQ(read(12, ""), "user-initiated abort");
  EXPECT_EQ(read(12, "6279ff"), "user-initiated abort 3 bytes");
  EXPECT_EQ(read(13, "61626300"), R"(protocol violation "abc")");
  EXPECT_EQ(
      read(14, "26ab26ac"),
      "restart of an association with new encapsulation port, port 9899 to "
      "9900");
  EXPECT_EQ(read(0x105, "0002"), "unsupported HMAC identifier 2");
  EXPECT_EQ(read(9999, "00"), "unknown cause 9999");
}

TEST(ErrorCause, ShortInformationLeavesTheName) {
  for (int code = 0; code < 0x110; ++code) {
    for (std::size_t size = 0; size < 8; ++size) {
      EXPECT_FALSE(
          describe_cause({static_cast<CauseCode>(code), Bytes(size)}).empty());
    }
  }
  EXPECT_EQ(describe_cause({CauseCode::kStaleCookie, Bytes(3)}),
            "stale cookie");
}

TEST(ErrorCause, EachNamedCauseHasASection) {
  for (int code = 0; code < 0x110; ++code) {
    const auto cause = static_cast<CauseCode>(code);
    EXPECT_EQ(cause_name(cause) == "unknown cause",
              cause_section(cause).empty());
  }
  EXPECT_EQ(cause_section(CauseCode::kUserInitiatedAbort),
            "RFC 9260 §3.3.10.12");
}

}  // namespace
}  // namespace lksctp
