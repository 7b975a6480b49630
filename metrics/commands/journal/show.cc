#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "lksctp/metrics/series.h"
#include "lksctp/metrics/text.h"
#include "lksctp/reactor/snapshot_json.h"
#include "terminal.h"
#include "times.h"

namespace lksctp::journal_command {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string messages(const Traffic& traffic) {
  return number(traffic.messages) + " (" + number(traffic.bytes) + " bytes)";
}

std::string addresses(const std::vector<Address>& list) {
  std::string text;
  for (const Address& address : list) {
    if (!text.empty()) text += ' ';
    text += address.to_string();
  }
  return text;
}

bool allows(const Filter::Names& names, const std::string& name) {
  return names.empty() || names.contains(name);
}

void show_endpoints(const Snapshot& snapshot, const Filter& filter) {
  TextTable table(
      {"ENDPOINT", "ROLE", "STACK", "OPEN", "UP", "ALIVE", "LOCAL"});
  for (const auto& [id, record] : snapshot.table.endpoints()) {
    if (!allows(filter.endpoints, record->name)) continue;
    table.add({record->name,
               record->role == EndpointRole::kListen ? "listen" : "connect",
               std::string(stack_name(record->stack)),
               record->open ? "yes" : "no", number(record->associations),
               number(record->alive), addresses(record->local)});
    if (record->accept_error) {
      table.note("  accepting paused: " + record->accept_error->to_string(),
                 Colour::kRed);
    }
  }
  if (!table.empty()) table.print();
}

void show_peers(const Snapshot& snapshot, const Filter& filter) {
  TextTable table(
      {"PEER", "ENDPOINT", "UP", "ALIVE", "LAST CHANGE", "LAST END", "CLOSED"});
  for (const auto& [key, record] : snapshot.table.peers()) {
    if (!allows(filter.endpoints, record->endpoint) ||
        !allows(filter.peers, record->peer)) {
      continue;
    }
    std::uint64_t closed = 0;
    for (const auto& [reason, count] : record->closed) closed += count;
    const bool down = record->configured && record->established == 0;
    table.add({record->peer, record->endpoint, number(record->established),
               number(record->associations),
               record->last_change ? to_text(*record->last_change) : "-",
               record->last_close
                   ? std::string(close_reason_name(*record->last_close))
                   : "-",
               number(closed)},
              down ? Colour::kRed : Colour::kPlain);
  }
  if (table.empty()) return;
  std::puts("");
  table.print();
}

Colour colour_of(PathState state) {
  return state == PathState::kActive ? Colour::kPlain : Colour::kYellow;
}

void show_associations(const Snapshot& snapshot, const Filter& filter) {
  TextTable table(
      {"ASSOCIATION", "PEER", "STATE", "SINCE", "SENT", "RECEIVED", "REMOTE"});
  for (const auto& [id, record] : snapshot.table.associations()) {
    const EndpointRecord* endpoint = snapshot.table.endpoint(record->endpoint);
    if (!allows(filter.peers, record->peer) ||
        (endpoint != nullptr && !allows(filter.endpoints, endpoint->name)) ||
        (!filter.associations.empty() &&
         !filter.associations.contains(id.value()))) {
      continue;
    }
    table.add({number(id.value()), record->peer,
               std::string(association_state_name(record->state)),
               to_text(record->established.value_or(record->created)),
               messages(record->sent), messages(record->received),
               addresses(record->remote)},
              is_up(record->state) ? Colour::kPlain : Colour::kYellow);
    for (const auto& [address, path] : record->paths) {
      table.note("  " + address.ip_string() + ' ' +
                     std::string(path_state_name(path.info.state)) +
                     (path.info.primary ? ", primary" : "") + ", srtt " +
                     number(path.info.srtt.count()) + " ms, rto " +
                     number(path.info.rto.count()) + " ms, window " +
                     number(path.info.congestion_window) + " bytes, mtu " +
                     number(path.info.mtu),
                 colour_of(path.info.state));
    }
  }
  if (table.empty()) return;
  std::puts("");
  table.print();
}

}  // namespace

Result<int> show(const Arguments& arguments) {
  const auto replayed = replay_with_progress(arguments);
  if (!replayed) return tl::unexpected(replayed.error());
  const Snapshot snapshot = snapshot_of(*replayed, arguments);
  if (arguments.json) {
    StatusSelection selection;
    selection.endpoints = arguments.filter.endpoints;
    selection.peers = arguments.filter.peers;
    selection.limit =
        snapshot.table.associations().size() + snapshot.table.peers().size();
    std::puts(
        to_json(snapshot, selection, {.version = LKSCTP_VERSION}).c_str());
    return replayed->exact ? 0 : 1;
  }
  print_line("journal " + replayed->position.journal + ", event " +
                 number(replayed->position.seq.value()) + " of " +
                 to_text(replayed->wall),
             Colour::kBold);
  show_endpoints(snapshot, arguments.filter);
  show_peers(snapshot, arguments.filter);
  show_associations(snapshot, arguments.filter);
  return replayed->exact ? 0 : 1;
}

Result<int> metrics(const Arguments& arguments) {
  const auto replayed = replay_with_progress(arguments);
  if (!replayed) return tl::unexpected(replayed.error());
  const Snapshot snapshot = snapshot_of(*replayed, arguments);
  Scrape scrape;
  scrape.selection.endpoints = arguments.filter.endpoints;
  scrape.selection.peers = arguments.filter.peers;
  scrape.selection.max_streams = 65535;
  scrape.selection.max_peers = snapshot.table.peers().size();
  // Facts of the process and its host are not in a journal.
  for (const Series& series : kSeries) {
    const std::string name = series.name;
    for (const char* const of : {"sctp_endpoint_", "sctp_association_",
                                 "sctp_path_", "sctp_stream_"}) {
      if (name.starts_with(of)) scrape.selection.families.insert(name);
    }
  }
  (void)std::fputs(to_text(snapshot, snapshot.monotonic, scrape,
                           arguments.open_metrics ? TextFormat::kOpenMetrics
                                                  : TextFormat::kPrometheus)
                       .text.c_str(),
                   stdout);
  return replayed->exact ? 0 : 1;
}

}  // namespace lksctp::journal_command
