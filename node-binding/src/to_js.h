// Values of the reactor as JavaScript objects. Errors stay plain objects: lib/
// makes Node's errors of them.
//
// Threads: JS thread.
#pragma once

#include <napi.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lksctp/reactor/journal_reader.h"
#include "lksctp/reactor/reactor.h"

namespace lksctp::node {

// What JS is told of an association that has come up.
struct ConnectionInfo {
  AssociationId association{};
  StackKind stack{};
  std::string peer_name;
  std::uint16_t inbound_streams = 0;
  std::uint16_t outbound_streams = 0;
  std::vector<Address> local;
  std::vector<Address> remote;
  std::vector<PathInfo> paths;
};

// Totals of an association: those the library counts, and those the stack does.
struct ConnectionStatistics {
  Traffic sent;
  Traffic received;
  std::uint64_t failed_messages = 0;
  std::uint64_t restarts = 0;
  std::vector<StreamTraffic> streams;
  std::optional<AssociationStatistics> of_stack;  // absent: it does not count
};
ConnectionStatistics statistics_of(const AssociationRecord& record);

// {address, family, port}, as net has it.
Napi::Object to_js(Napi::Env env, const Address& address);
Napi::Array to_js(Napi::Env env, const std::vector<Address>& addresses);
// {code, errno, operation, message, address, port}; absent what is not known.
Napi::Object to_js(Napi::Env env, const Error& error);
Napi::Object to_js(Napi::Env env, const PathInfo& path);
Napi::Array to_js(Napi::Env env, const std::vector<PathInfo>& paths);
Napi::Object to_js(Napi::Env env, const ConnectionInfo& info);
Napi::Object to_js(Napi::Env env, const StatusSampled& status);
// Adds to the object of a status what is more to tell.
void add_details(Napi::Object status, const AssociationDetails& details);
Napi::Object to_js(Napi::Env env, const Traffic& traffic);
Napi::Object to_js(Napi::Env env, const ConnectionStatistics& statistics);
// Adds what a stack counts.
void add_statistics(Napi::Object object, const AssociationStatistics& counted);
Napi::Object to_js(Napi::Env env, const SocketOptions& options);
Napi::Object to_js(Napi::Env env, const MessageFailed& failed);
Napi::Object to_js(Napi::Env env, const AssociationClosed& closed);
Napi::Object to_js(Napi::Env env, const ErrorCause& cause);
Napi::Object to_js(Napi::Env env, const Capabilities& capabilities);
Napi::Value to_js(Napi::Env env, const Bytes& bytes);

// {seq, time, monotonic, endpoints, associations}: to_js_snapshot.cc.
Napi::Object to_js(Napi::Env env, const Snapshot& snapshot);

// Of a span, or of a time since its epoch.
inline double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}
std::string_view role_name(EndpointRole role);

// ---- to_js_event.cc ------------------------------------------------------------

// {raw, parsed, interpreted, event}: the record as received, the fields by the
// kernel's names, one line, and the typed value by the decoder's table.
Napi::Object notification_to_js(Napi::Env env, const Notification& notification,
                                const Bytes& raw);
// {seq, time, monotonic, endpoint, association, type, ...}.
Napi::Object to_js(Napi::Env env, const Event& event);
// The same, with `journal`, and `userDataSize` where the user's bytes were left
// out. Of a kind that is not known: `version` and `body`, text.
Napi::Object to_js(Napi::Env env, const JournalEntry& entry);

// The names of numbers, {SCTP_COMM_UP: 0, ...}: types and values of notifications,
// states, error causes.
Napi::Object constants_to_js(Napi::Env env);

// ---- to_js_journal.cc ----------------------------------------------------------

Napi::Object to_js(Napi::Env env, const JournalPosition& position);
// {type: "damage", part, from, to, reason}.
Napi::Object to_js(Napi::Env env, const JournalDamage& damage);
Napi::Object to_js(Napi::Env env, const JournalStatus& status);
// A snapshot, with {position, exact, unknown, damage}.
Napi::Object to_js(Napi::Env env, const Replayed& replayed);

}  // namespace lksctp::node
