#include "approved_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace lksctp::test {

void expect_file(const std::string& path, const std::string& text) {
  const std::string full_path = std::string(LKSCTP_SOURCE_DIR) + '/' + path;
  if (std::getenv("LKSCTP_UPDATE") != nullptr) {
    std::ofstream file(full_path, std::ios::binary);
    file << text;
    ASSERT_TRUE(file.flush()) << "cannot write " << full_path;
    return;
  }
  std::ifstream file(full_path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), text)
      << path
      << " is out of date: run with LKSCTP_UPDATE=1 and review the diff";
}

}  // namespace lksctp::test
