#include "run_command.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "journal_maker.h"

namespace lksctp::test {

CommandResult run_command(const std::string& command,
                          const std::string& directory) {
  const TemporaryDirectory outputs;
  const std::string programs = LKSCTP_JOURNAL_COMMAND;
  const std::string script = "cd '" + directory + "' && export TZ=UTC PATH='" +
                             programs.substr(0, programs.rfind('/')) +
                             "':\"$PATH\"\n" + command;
  std::ofstream(outputs.file("script")) << script;
  const int status = std::system(("sh '" + outputs.file("script") + "' >'" +
                                  outputs.file("output") + "' 2>'" +
                                  outputs.file("errors") + "' </dev/null")
                                     .c_str());
  const auto content = [&](const char* name) {
    std::ifstream file(outputs.file(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          content("output"), content("errors")};
}

}  // namespace lksctp::test
