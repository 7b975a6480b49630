#include "lksctp/decoder/address.h"

#include <gtest/gtest.h>

namespace lksctp {
namespace {

std::string reformat(std::string_view text) {
  const auto address = Address::parse(text, 0);
  return address ? address->ip_string() : "invalid";
}

TEST(Address, ReadsAndWritesIpv4) {
  const auto address = Address::parse("192.0.2.1", 2905);
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->family, AddressFamily::kIpv4);
  EXPECT_EQ(address->to_string(), "192.0.2.1:2905");
  EXPECT_EQ(reformat("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(reformat("255.255.255.255"), "255.255.255.255");
}

// RFC 5952 §4.
TEST(Address, WritesIpv6Canonically) {
  EXPECT_EQ(reformat("2001:0DB8::0001"), "2001:db8::1");
  EXPECT_EQ(reformat("2001:db8:0:0:0:0:2:1"), "2001:db8::2:1");
  EXPECT_EQ(reformat("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(reformat("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(reformat("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(reformat("::"), "::");
  EXPECT_EQ(reformat("::1"), "::1");
  EXPECT_EQ(reformat("1::"), "1::");
  EXPECT_EQ(reformat("0:1:2:3:4:5:6:7"), "0:1:2:3:4:5:6:7");
  EXPECT_EQ(reformat("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
  EXPECT_EQ(reformat("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  EXPECT_EQ(Address::parse("2001:db8::1", 2905)->to_string(),
            "[2001:db8::1]:2905");
}

TEST(Address, KeepsTheScope) {
  const auto address = Address::parse("fe80::1%2", 7);
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->scope_id, 2u);
  EXPECT_EQ(address->to_string(), "[fe80::1%2]:7");
}

TEST(Address, HoldsMappedAddressesAsIpv4) {
  EXPECT_EQ(Address::parse("::ffff:10.1.0.2", 5),
            Address::parse("10.1.0.2", 5));
}

TEST(Address, RefusesAnythingElse) {
  for (const char* text : {"",
                           "1.2.3",
                           "1.2.3.4.5",
                           "256.1.1.1",
                           "01.2.3.4",
                           "1.2.3.",
                           ".1.2.3",
                           "1.2.3.4 ",
                           "+1.2.3.4",
                           "a.b.c.d",
                           ":",
                           ":::",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "12345::",
                           "g::",
                           "::1%",
                           "::1%eth0",
                           "[::1]",
                           "::1.2.3",
                           "1.2.3.4::",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1:",
                           ":1",
                           "192.0.2.1%1",
                           "::1%99999999999"}) {
    EXPECT_EQ(reformat(text), "invalid") << text;
  }
}

TEST(Address, WithoutFamilyIsEmptyText) {
  EXPECT_EQ(Address{}.ip_string(), "");
  EXPECT_EQ(Address{}.to_string(), "");
  EXPECT_FALSE(Address{}.is_any());
  EXPECT_TRUE(Address::parse("::", 1)->is_any());
  EXPECT_TRUE(Address::parse("0.0.0.0", 1)->is_any());
}

}  // namespace
}  // namespace lksctp
