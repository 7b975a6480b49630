#include <cstdio>
#include <string>
#include <string_view>

#include "commands.h"
#include "lksctp/reactor/event_json.h"
#include "times.h"

namespace lksctp::journal_command {
namespace {

std::string to_json(const NamedEntry& named) {
  const JournalEntry& entry = named.entry;
  const Event& event = entry.event;
  std::string members = "{\"journal\":\"" + entry.journal + "\",";
  if (entry.unknown) {
    // Its kind is text of a file: what JSON would have to escape is no kind.
    std::string kind = entry.unknown->kind;
    for (char& c : kind) {
      if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) c = '?';
    }
    return members + "\"associationId\":\"" +
           std::to_string(event.association.value()) +
           "\",\"body\":" + entry.unknown->body + ",\"endpointId\":\"" +
           std::to_string(event.endpoint.value()) +
           "\",\"seq\":" + std::to_string(event.seq.value()) +
           ",\"timeNs\":\"" +
           std::to_string(event.wall.time_since_epoch().count()) +
           "\",\"type\":\"" + kind +
           "\",\"v\":" + std::to_string(entry.unknown->version) + '}';
  }
  const std::string text =
      entry.user_data_size > 0
          ? lksctp::to_json(EventWithoutUserData{event, entry.user_data_size})
          : lksctp::to_json(event);
  return members + text.substr(1);
}

// RFC 4180.
std::string quoted(std::string_view text) {
  std::string cell = "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

void print_csv(const NamedEntry& named) {
  const Event& event = named.entry.event;
  std::printf("%s,%llu,%s,%s,%llu,%llu,%s,%s,%s\r\n",
              named.entry.journal.c_str(),
              static_cast<unsigned long long>(event.seq.value()),
              to_text(event.wall).c_str(), quoted(named.kind).c_str(),
              static_cast<unsigned long long>(event.endpoint.value()),
              static_cast<unsigned long long>(event.association.value()),
              quoted(named.endpoint).c_str(), quoted(named.peer).c_str(),
              quoted(to_json(named)).c_str());
}

}  // namespace

Result<int> export_events(const Arguments& arguments) {
  auto reader = NamedReader::open(arguments.path, arguments.filter);
  if (!reader) return tl::unexpected(reader.error());
  if (!arguments.json) {
    std::printf(
        "journal,seq,time,kind,endpoint_id,association_id,endpoint,peer,"
        "event\r\n");
  }
  for (;;) {
    const auto entry = reader->next();
    if (!entry) return tl::unexpected(entry.error());
    if (!*entry) break;
    if (arguments.json) {
      std::puts(to_json(**entry).c_str());
    } else {
      print_csv(**entry);
    }
  }
  return warn(reader->damage()) == 0 ? 0 : 1;
}

}  // namespace lksctp::journal_command
