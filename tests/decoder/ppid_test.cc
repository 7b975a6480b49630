// Names of payload protocol identifiers.
#include "lksctp/decoder/ppid.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

namespace lksctp::test {
namespace {

TEST(PpidTest, NamesAreThoseOfTheRegistry) {
  EXPECT_EQ(ppid_name(Ppid(3)), "m3ua");
  EXPECT_EQ(ppid_name(Ppid(60)), "ngap");
  EXPECT_EQ(ppid_name(Ppid(26)), "") << "not assigned";
  EXPECT_EQ(ppid_name(kOtherPpid), "");
  EXPECT_EQ(named_ppid(Ppid(46)), Ppid(46));
  EXPECT_EQ(named_ppid(Ppid(4711)), kOtherPpid);
}

// The Node package has the same table, as constants.
TEST(PpidTest, TableIsThatOfTheNodePackage) {
  std::ifstream file(LKSCTP_SOURCE_DIR "/lib/ppids.js");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::regex entry("\\n  ([A-Z0-9_]+): ([0-9]+),");
  std::map<std::string, std::uint32_t> theirs;
  for (std::sregex_iterator it(text.begin(), text.end(), entry), end; it != end;
       ++it) {
    std::string name = (*it)[1];
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    theirs[name] = static_cast<std::uint32_t>(std::stoul((*it)[2]));
  }
  std::map<std::string, std::uint32_t> ours;
  for (const PpidRow& row : ppid_rows()) ours[row.name] = row.ppid.value();
  EXPECT_GT(ours.size(), 50U);
  EXPECT_EQ(ours, theirs);
}

}  // namespace
}  // namespace lksctp::test
