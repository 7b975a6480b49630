// What the stacks can do, and that docs/stacks.md says the same.
#include "lksctp/reactor/capabilities.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace lksctp::test {
namespace {

TEST(CapabilitiesTable, IsThatOfTheDocs) {
  const Capabilities kernel = capabilities_of(StackKind::kKernel);
  const Capabilities usrsctp = capabilities_of(StackKind::kUsrsctp);
  const auto yes = [](bool can) { return can ? "yes" : "no"; };
  std::string table =
      "| capability | meaning | kernel | usrsctp |\n|---|---|---|---|\n";
  for (const CapabilityRow& row : capability_rows()) {
    table += "| `" + std::string(row.name) + "` | " + row.meaning + " | " +
             yes(kernel.*row.member) + " | " + yes(usrsctp.*row.member) +
             " |\n";
  }
  std::ifstream file(LKSCTP_SOURCE_DIR "/docs/stacks.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(page.find(table), std::string::npos)
      << "docs/stacks.md must have this table:\n"
      << table;
}

TEST(CapabilitiesTable, HasARowForEveryMember) {
  Capabilities all = capabilities_of(StackKind::kScripted);
  for (const CapabilityRow& row : capability_rows()) all.*row.member = true;
  EXPECT_EQ(all, (Capabilities{StackKind::kScripted, true, true, true, true,
                               true, true, true, true}));
}

}  // namespace
}  // namespace lksctp::test
