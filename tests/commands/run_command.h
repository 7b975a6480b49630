// Runs commands as a user does, in a shell.
#pragma once

#include <string>

namespace lksctp::test {

struct CommandResult {
  int status = -1;  // 128 and the signal when one ended it
  std::string output;
  std::string errors;
};

// In that directory, with the tested programs in PATH, in UTC and with no terminal.
[[nodiscard]] CommandResult run_command(const std::string& command,
                                        const std::string& directory);

}  // namespace lksctp::test
