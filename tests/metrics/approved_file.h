// Files in the tree that a test compares whole.
#pragma once

#include <string>

namespace lksctp::test {

// Fails when the file, named from the root of the sources, differs from `text`.
// With LKSCTP_UPDATE=1 in the environment writes it instead: the change is then
// reviewed as a diff.
void expect_file(const std::string& path, const std::string& text);

}  // namespace lksctp::test
