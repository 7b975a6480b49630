// What lksctp-journal says about a recorded journal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "lksctp/metrics/text.h"
#include "lksctp/reactor/event_log.h"
#include "recorded_journal.h"
#include "run_command.h"

namespace lksctp::test {
namespace {

using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class JournalCommandTest : public ::testing::Test {
 protected:
  [[nodiscard]] CommandResult run(const std::string& words) const {
    return run_command("lksctp-journal " + words, journal_.directory());
  }
  // Of a command that does well.
  [[nodiscard]] std::string output(const std::string& words) const {
    const CommandResult result = run(words);
    EXPECT_EQ(result.status, 0) << words << ": " << result.errors;
    EXPECT_EQ(result.errors, "") << words;
    return result.output;
  }

  const RecordedJournal journal_;
};

TEST_F(JournalCommandTest, TailHasTheLastEvents) {
  const std::size_t all = journal_.events().size();
  const auto lines = lines_of(output("tail -n 3 signalling.journal"));
  ASSERT_EQ(lines.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(lines[i], HasSubstr('#' + std::to_string(all - 2 + i) + ' '));
    EXPECT_THAT(lines[i], StartsWith("2023-11-14T22:13:20."));
  }
  EXPECT_EQ(lines_of(output("tail -n 1000 signalling.journal")).size(), all);
  EXPECT_EQ(lines_of(output("tail signalling.journal")).size(), 10U);
}

TEST_F(JournalCommandTest, FiltersHold) {
  const auto changes = lines_of(
      output("tail -n 99 --kind association_change signalling.journal"));
  EXPECT_THAT(changes, Each(HasSubstr("SCTP_ASSOC_CHANGE")));
  const auto kinds = lines_of(
      output("tail -n 99 --kind association_change --kind association_closed "
             "signalling.journal"));
  EXPECT_GT(kinds.size(), changes.size());
  EXPECT_THAT(lines_of(output("tail -n 99 --peer hlr-2 signalling.journal")),
              Each(HasSubstr(" hlr-2 ")));
  EXPECT_THAT(lines_of(output("tail -n 99 --association 2 signalling.journal")),
              Each(HasSubstr("assoc 2 ")));
  EXPECT_EQ(
      lines_of(output("tail -n 99 --since 2023-11-14T22:13:20.005Z --until "
                      "2023-11-14T22:13:20.009Z signalling.journal"))
          .size(),
      5U);
  const CommandResult none = run("tail --peer nobody signalling.journal");
  EXPECT_EQ(none.status, 1);
  EXPECT_EQ(none.output, "");
}

TEST_F(JournalCommandTest, TimelineTellsTheLifeOfAnAssociation) {
  const std::string life = output("timeline signalling.journal 2");
  EXPECT_THAT(life, HasSubstr("association_accepted"));
  EXPECT_THAT(life, HasSubstr("= established"));
  EXPECT_THAT(life, HasSubstr("association_closed"));
  EXPECT_THAT(life, Not(HasSubstr("_sampled")));
  EXPECT_THAT(output("timeline --samples signalling.journal 2"),
              HasSubstr("traffic_sampled"));
  // Both associations with that peer.
  EXPECT_THAT(output("timeline signalling.journal hlr-1"),
              ::testing::AllOf(HasSubstr("assoc 6 "), HasSubstr("assoc 1 ")));
  const CommandResult none = run("timeline signalling.journal nobody");
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.errors, HasSubstr("nobody"));
}

TEST_F(JournalCommandTest, ShowIsTheStateAtThePlace) {
  const std::string end = output("show signalling.journal");
  EXPECT_THAT(end, HasSubstr("event " +
                             std::to_string(journal_.events().size()) + " of"));
  for (const char* const text :
       {"listen:127.0.0.1:2905", "hlr-1", "vlr", "established",
        "192.0.2.1 inactive, srtt 12 ms",
        "2001:db8::1 active, primary, srtt 250 ms"}) {
    EXPECT_THAT(end, HasSubstr(text));
  }
  // Control characters of a peer's name do not reach the terminal.
  EXPECT_THAT(end, HasSubstr("quote\" backslash\\ newline? byte"));
  EXPECT_THAT(output("show --seq 3 signalling.journal"),
              Not(HasSubstr("listen:127.0.0.1:2905")));
  EXPECT_THAT(output("show --peer hlr-1 signalling.journal"),
              Not(HasSubstr("vlr")));
}

TEST_F(JournalCommandTest, ShowAsJsonIsTheStatus) {
  const auto status =
      nlohmann::json::parse(output("show --json signalling.journal"));
  EXPECT_EQ(status["seq"], journal_.events().size());
  const AssociationTable table = replay(journal_.events());
  EXPECT_EQ(status["associations"].size(), table.associations().size());
  EXPECT_EQ(status["peers"].size(), table.peers().size());
}

TEST_F(JournalCommandTest, MetricsAreThoseOfTheProcess) {
  for (const std::size_t seq : {std::size_t{5}, journal_.events().size()}) {
    Snapshot live;
    live.table = replay(std::span(journal_.events()).first(seq));
    live.monotonic = journal_.events()[seq - 1].monotonic;
    Scrape scrape;
    scrape.selection.max_streams = 65535;
    std::vector<std::string> expected;
    for (const std::string& line :
         lines_of(to_text(live, live.monotonic, scrape, TextFormat::kPrometheus)
                      .text)) {
      const std::string name = line.substr(line.find("sctp_"));
      if (name.starts_with("sctp_reactor") ||
          name.starts_with("sctp_exporter") || name.starts_with("sctp_build")) {
        continue;
      }
      expected.push_back(line);
    }
    EXPECT_EQ(lines_of(output("metrics --seq " + std::to_string(seq) +
                              " signalling.journal")),
              expected);
  }
  EXPECT_THAT(output("metrics --openmetrics signalling.journal"),
              EndsWith("# EOF\n"));
}

TEST_F(JournalCommandTest, ExportHasEveryEvent) {
  const auto lines = lines_of(output("export --json signalling.journal"));
  ASSERT_EQ(lines.size(), journal_.events().size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto event = nlohmann::json::parse(lines[i]);
    EXPECT_EQ(event["seq"], i + 1);
    EXPECT_EQ(event["journal"], journal_id(1));
    EXPECT_EQ(event["type"], event_kind_name(journal_.events()[i].body));
  }
  // A name of a peer has a line feed in it.
  const std::string table = output("export signalling.journal");
  std::size_t rows = 0;
  for (auto at = table.find("\r\n"); at != table.npos;
       at = table.find("\r\n", at + 1)) {
    ++rows;
  }
  EXPECT_EQ(rows, lines.size() + 1);
  EXPECT_THAT(table, StartsWith("journal,seq,time,kind,"));
  EXPECT_THAT(table,
              HasSubstr("\r\n" + journal_id(1) + ",1,2023-11-14T22:13:20."));
}

TEST_F(JournalCommandTest, UnknownEventsAreShownAndExported) {
  const std::string file = part_path(journal_.path(), 3);
  OpenPart part(file, journal_id(1), 3);
  part.write_row(journal_.events().size() + 1, "tele\"ported", 3,
                 R"({"to":"\u001b[31m"})");
  part.close();
  EXPECT_THAT(output("tail -n 1 signalling.journal"),
              HasSubstr("tele\"ported (not known here, version 3)"));
  const auto event = nlohmann::json::parse(
      output("export --json --kind 'tele\"ported' signalling.journal"));
  EXPECT_EQ(event["v"], 3);
  EXPECT_EQ(event["body"]["to"], "\x1b[31m");
}

TEST_F(JournalCommandTest, VerifyFindsDamage) {
  EXPECT_THAT(output("verify signalling.journal"),
              HasSubstr("nothing is damaged"));
  run_sql(part_path(journal_.path(), 2),
          "UPDATE event SET body = '{}' WHERE seq = 25");
  const CommandResult damaged = run("verify signalling.journal");
  EXPECT_EQ(damaged.status, 1);
  EXPECT_THAT(damaged.errors, HasSubstr("signalling.journal.2: event 25:"));
  EXPECT_THAT(damaged.output, HasSubstr("1 places"));
  EXPECT_EQ(run("export signalling.journal").status, 1);
}

TEST_F(JournalCommandTest, StatsCountEverything) {
  const std::string stats = output("stats signalling.journal");
  EXPECT_THAT(stats, HasSubstr("1 to 20"));
  EXPECT_THAT(stats, HasSubstr(journal_id(1)));
  EXPECT_THAT(stats, HasSubstr("association_change"));
  EXPECT_THAT(stats, HasSubstr("hlr-1"));
}

TEST_F(JournalCommandTest, WrongCommandLinesSayWhatToDo) {
  for (const char* const words :
       {"", "frobnicate", "tail", "tail --frob signalling.journal",
        "show --at yesterday signalling.journal",
        "show --at now --seq 3 signalling.journal",
        "export --json --csv signalling.journal",
        "timeline signalling.journal"}) {
    const CommandResult result = run(words);
    EXPECT_EQ(result.status, 2) << words;
    EXPECT_NE(result.errors, "") << words;
    EXPECT_EQ(result.output, "") << words;
  }
  EXPECT_THAT(run("show --at yesterday signalling.journal").errors,
              HasSubstr("-10m"));
}

TEST_F(JournalCommandTest, WhatCannotBeReadIsTold) {
  CommandResult result = run("tail nothing.journal");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, HasSubstr("nothing.journal.1"));
  result = run("show --seq 99999 signalling.journal");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, HasSubstr("1 to "));
  std::ofstream(journal_.directory() + "/text") << std::string(5000, 'x');
  EXPECT_EQ(run("verify text").status, 1);
}

TEST_F(JournalCommandTest, ReaderThatLeavesEndsItQuietly) {
  const CommandResult result = run_command(
      "lksctp-journal export --json signalling.journal | head -n 1 | wc -l",
      journal_.directory());
  EXPECT_EQ(result.output, "1\n");
  EXPECT_EQ(result.errors, "");
}

TEST_F(JournalCommandTest, PipesGetNoColours) {
  EXPECT_THAT(output("tail -n 99 signalling.journal"), Not(HasSubstr("\x1b")));
  const CommandResult terminal = run_command(
      "script -q -c 'stty cols 60; lksctp-journal tail -n 99 "
      "signalling.journal' /dev/null",
      journal_.directory());
  EXPECT_THAT(terminal.output, HasSubstr("\x1b[32m"));
  EXPECT_THAT(terminal.output, HasSubstr("…"));
}

}  // namespace
}  // namespace lksctp::test
