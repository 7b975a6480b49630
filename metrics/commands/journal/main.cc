// lksctp-journal: journals for people. lksctp-journal.1 is its page.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "commands.h"
#include "times.h"

namespace lksctp::journal_command {
namespace {

constexpr int kUsageStatus = 2;

// Texts of options, before they are times and sets.
struct Texts {
  std::string at;
  std::string since;
  std::string until;
  std::vector<std::string> kinds;
  std::vector<std::string> endpoints;
  std::vector<std::string> peers;
  std::vector<std::uint64_t> associations;
  std::uint64_t seq = 0;
  std::string journal;
  bool csv = false;
};

std::string check_time(const std::string& text) {
  if (parse_time(text, WallTime(std::chrono::system_clock::now()))) return {};
  return "'" + text + "' is no time; write " + kTimeForms;
}

class CommandLine {
 public:
  CommandLine()
      : app_("Reads journals of SCTP associations", "lksctp-journal") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", LKSCTP_VERSION);
    app_.set_help_flag("-h,--help", "Print this help and end");
    app_.failure_message(CLI::FailureMessage::simple);
    add_tail();
    add_show();
    add_timeline();
    add_export();
    add_metrics();
    add_verify();
    add_stats();
  }

  // The exit status.
  int run(int count, char** words) {
    try {
      app_.parse(count, words);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? 0 : kUsageStatus;
    }
    take_texts();
    const Result<int> status = command_(arguments_);
    if (status) return *status;
    (void)std::fprintf(stderr, "lksctp-journal: %s\n",
                       status.error().to_string().c_str());
    return 1;
  }

 private:
  using Command = Result<int> (*)(const Arguments&);

  CLI::App& add(const char* name, const char* help, Command command) {
    CLI::App& sub = *app_.add_subcommand(name, help);
    sub.add_option("JOURNAL", arguments_.path,
                   "The path that was given to the writer, or the file of one "
                   "part")
        ->required();
    sub.callback([this, command] { command_ = command; });
    return sub;
  }

  CLI::Option* add_time(CLI::App& sub, const char* name, std::string& text,
                        const char* help) {
    return sub.add_option(name, text, help)
        ->type_name("TIME")
        ->check(CLI::Validator(check_time, ""));
  }

  void add_names(CLI::App& sub) {
    sub.add_option("--peer", texts_.peers, "Only of this peer; repeat for more")
        ->type_name("NAME")
        ->expected(1)
        ->take_all();
    sub.add_option("--endpoint", texts_.endpoints,
                   "Only of this endpoint; repeat for more")
        ->type_name("NAME")
        ->expected(1)
        ->take_all();
  }

  void add_association(CLI::App& sub) {
    sub.add_option("--association", texts_.associations,
                   "Only of the association with this id; repeat for more")
        ->type_name("ID")
        ->expected(1)
        ->take_all();
  }

  void add_times(CLI::App& sub) {
    add_time(sub, "--since", texts_.since, "Only from this time on");
    add_time(sub, "--until", texts_.until, "Only until this time");
  }

  void add_filters(CLI::App& sub) {
    sub.add_option("--kind", texts_.kinds,
                   "Only events of this kind; repeat for more")
        ->type_name("KIND")
        ->expected(1)
        ->take_all();
    add_names(sub);
    add_association(sub);
    add_times(sub);
  }

  void add_place(CLI::App& sub) {
    CLI::Option* at =
        add_time(sub, "--at", texts_.at, "As it was at this time");
    sub.add_option("--seq", texts_.seq, "As it was after this event")
        ->type_name("N")
        ->excludes(at);
    sub.add_option("--journal", texts_.journal,
                   "In the journal with this id; else the newest that has the "
                   "place")
        ->type_name("ID");
  }

  void add_tail() {
    CLI::App& sub = add("tail", "Print the last events", tail);
    sub.add_flag("-f,--follow", arguments_.follow,
                 "Go on with those to come, until Ctrl-C");
    sub.add_option("-n,--lines", arguments_.lines, "So many at first")
        ->type_name("N")
        ->capture_default_str();
    add_filters(sub);
  }

  void add_show() {
    CLI::App& sub =
        add("show", "Show endpoints, peers and associations at a time", show);
    add_place(sub);
    sub.add_flag("--json", arguments_.json, "As /status.json has it");
    add_names(sub);
    add_association(sub);
  }

  void add_timeline() {
    CLI::App& sub =
        add("timeline", "Tell the life of an association or a peer", timeline);
    sub.add_option("SUBJECT", arguments_.subject,
                   "Id of an association, or name of a peer")
        ->required();
    sub.add_flag("--samples", arguments_.samples, "With what was sampled, too");
    add_times(sub);
  }

  void add_export() {
    CLI::App& sub =
        add("export", "Print all events for other programs", export_events);
    CLI::Option* json = sub.add_flag(
        "--json", arguments_.json, "One JSON object on a line, as in /events");
    sub.add_flag("--csv", texts_.csv, "Comma-separated (the default)")
        ->excludes(json);
    add_filters(sub);
  }

  void add_metrics() {
    CLI::App& sub =
        add("metrics", "Print the metrics at a time, for Prometheus", metrics);
    add_place(sub);
    sub.add_flag("--openmetrics", arguments_.open_metrics,
                 "In the format of OpenMetrics");
    add_names(sub);
  }

  void add_verify() {
    add("verify", "Check every event and every snapshot", verify);
  }

  void add_stats() {
    CLI::App& sub =
        add("stats", "Count events by kind and peer; list parts", stats);
    add_filters(sub);
  }

  void take_texts() {
    const WallTime now(std::chrono::system_clock::now());
    if (!texts_.at.empty()) arguments_.at = parse_time(texts_.at, now);
    if (texts_.seq != 0) arguments_.seq = EventSeq(texts_.seq);
    if (!texts_.journal.empty()) arguments_.journal = texts_.journal;
    Filter& filter = arguments_.filter;
    filter.kinds.insert(texts_.kinds.begin(), texts_.kinds.end());
    filter.endpoints.insert(texts_.endpoints.begin(), texts_.endpoints.end());
    filter.peers.insert(texts_.peers.begin(), texts_.peers.end());
    filter.associations.insert(texts_.associations.begin(),
                               texts_.associations.end());
    if (!texts_.since.empty()) filter.since = parse_time(texts_.since, now);
    if (!texts_.until.empty()) filter.until = parse_time(texts_.until, now);
  }

  CLI::App app_;
  Texts texts_;
  Arguments arguments_;
  Command command_ = nullptr;
};

}  // namespace
}  // namespace lksctp::journal_command

int main(int count, char** words) {
  return lksctp::journal_command::CommandLine().run(count, words);
}
