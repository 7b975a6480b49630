// The man page and the completion of lksctp-journal say what the command can do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "recorded_journal.h"
#include "run_command.h"

namespace lksctp::test {
namespace {

using ::testing::HasSubstr;

std::string source_file(const std::string& name) {
  std::ifstream file(std::string(LKSCTP_SOURCE_DIR) +
                     "/metrics/commands/journal/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The page as text, without the marks of fonts and dashes.
std::string page() {
  static const std::regex marks(R"(\\f[A-Z]|\\&|\.[BIR]{1,2} )");
  static const std::regex dashes(R"(\\-)");
  return std::regex_replace(
      std::regex_replace(source_file("lksctp-journal.1"), dashes, "-"), marks,
      "");
}

std::set<std::string> words_of(const std::string& text, const char* pattern) {
  const std::regex expression(pattern);
  std::set<std::string> words;
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end;
       it != end; ++it) {
    words.insert((*it)[1]);
  }
  return words;
}

const std::vector<std::string> kCommands{
    "tail", "show", "timeline", "export", "metrics", "verify", "stats"};

TEST(JournalPage, EveryExampleRuns) {
  const std::string text = source_file("lksctp-journal.1");
  std::istringstream lines(text.substr(text.find(".SH EXAMPLES")));
  std::size_t examples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("$ ")) continue;
    ++examples;
    const RecordedJournal journal;
    const std::string command = line.substr(2);
    // One that follows ends when it is told to.
    const bool follows = command.find(" -f ") != std::string::npos;
    const CommandResult result = run_command(
        (follows ? "timeout -s INT 2 " : "") + command, journal.directory());
    EXPECT_EQ(result.status, follows ? 124 : 0) << command << result.errors;
    EXPECT_EQ(result.errors, "") << command;
    if (command.find('>') == std::string::npos) {
      EXPECT_NE(result.output, "") << command;
    }
  }
  EXPECT_GE(examples, 10U);
}

TEST(JournalPage, CommandsAndOptionsAreInPageAndCompletion) {
  const RecordedJournal journal;
  const std::string completion = source_file("lksctp-journal.bash");
  const std::string help =
      run_command("lksctp-journal --help", journal.directory()).output;
  const auto commands = words_of(help, R"(\n  ([a-z]+) )");
  EXPECT_EQ(commands,
            std::set<std::string>(kCommands.begin(), kCommands.end()));
  std::set<std::string> options = words_of(help, R"((--[a-z]+))");
  for (const std::string& command : commands) {
    const CommandResult result = run_command(
        "lksctp-journal " + command + " --help", journal.directory());
    EXPECT_EQ(result.status, 0);
    const auto own = words_of(result.output, R"((--[a-z]+|\s-[a-z],))");
    const CommandResult completed = run_command(
        "bash -c '. \"" + std::string(LKSCTP_SOURCE_DIR) +
            "/metrics/commands/journal/lksctp-journal.bash\"; "
            "COMP_WORDS=(lksctp-journal " +
            command +
            " -); COMP_CWORD=2; _lksctp_journal; echo \" ${COMPREPLY[*]} \"'",
        journal.directory());
    for (std::string option : own) {
      if (option.back() == ',') option = option.substr(1, 2);
      EXPECT_THAT(completed.output, HasSubstr(' ' + option + ' ')) << command;
      options.insert(option);
    }
    // And no other.
    for (const std::string& option :
         words_of(completed.output, R"((--[a-z]+))")) {
      EXPECT_THAT(result.output, HasSubstr(option)) << command;
    }
  }
  const std::string text = page();
  for (const std::string& option : options) {
    EXPECT_THAT(text, HasSubstr(option));
  }
  for (const std::string& command : commands) {
    EXPECT_THAT(text, HasSubstr("\n.TP\n" + command + '\n'));
    EXPECT_THAT(completion, HasSubstr(command + ')'));
  }
}

TEST(JournalPage, IsSound) {
  const CommandResult result =
      run_command("man --warnings -E UTF-8 -l -Tutf8 -Z '" +
                      std::string(LKSCTP_SOURCE_DIR) +
                      "/metrics/commands/journal/lksctp-journal.1' >/dev/null",
                  "/");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.errors, "");
}

}  // namespace
}  // namespace lksctp::test
