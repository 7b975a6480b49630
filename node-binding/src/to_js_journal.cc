// Journals as JavaScript objects: what is in them, and how the one that is written does.
#include <cstdint>
#include <limits>
#include <string>

#include "to_js.h"

namespace lksctp::node {

Napi::Object to_js(Napi::Env env, const JournalPosition& position) {
  Napi::Object object = Napi::Object::New(env);
  object["journal"] = position.journal;
  object["seq"] = static_cast<double>(position.seq.value());
  return object;
}

Napi::Object to_js(Napi::Env env, const JournalDamage& damage) {
  Napi::Object object = Napi::Object::New(env);
  object["type"] = "damage";
  object["part"] = damage.part;
  object["from"] = static_cast<double>(damage.from.value());
  object["to"] = static_cast<double>(damage.to.value());
  object["reason"] = damage.reason;
  return object;
}

Napi::Object to_js(Napi::Env env, const JournalStatus& status) {
  Napi::Object object = Napi::Object::New(env);
  object["id"] = status.id;
  object["part"] = status.part;
  object["durable"] = static_cast<double>(status.durable.value());
  object["queued"] = static_cast<double>(status.queued);
  object["written"] = static_cast<double>(status.written);
  object["bytes"] = static_cast<double>(status.bytes);
  object["gaps"] = static_cast<double>(status.gaps);
  object["lostEvents"] = static_cast<double>(status.lost_events);
  object["failedCommits"] = static_cast<double>(status.failed_commits);
  if (status.error) object["error"] = to_js(env, *status.error);
  Napi::Array buckets = Napi::Array::New(env);
  const auto& counts = status.commits.buckets;
  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    const bool bounded = i < CommitDurations::kBounds.size();
    Napi::Object bucket = Napi::Object::New(env);
    bucket["atMost"] = bounded ? milliseconds(CommitDurations::kBounds[i])
                               : std::numeric_limits<double>::infinity();
    bucket["count"] = static_cast<double>(counts[i]);
    buckets[i] = bucket;
  }
  Napi::Object commits = Napi::Object::New(env);
  commits["buckets"] = buckets;
  commits["sum"] = milliseconds(status.commits.sum);
  object["commits"] = commits;
  return object;
}

Napi::Object to_js(Napi::Env env, const Replayed& replayed) {
  Napi::Object object = to_js(env, Snapshot{.monotonic = replayed.monotonic,
                                            .wall = replayed.wall,
                                            .table = replayed.table});
  object["position"] = to_js(env, replayed.position);
  object["exact"] = replayed.exact;
  Napi::Object unknown = Napi::Object::New(env);
  for (const auto& [kind, count] : replayed.unknown) {
    unknown[kind] = static_cast<double>(count);
  }
  object["unknown"] = unknown;
  Napi::Array damage = Napi::Array::New(env);
  for (const JournalDamage& one : replayed.damage) {
    damage[damage.Length()] = to_js(env, one);
  }
  object["damage"] = damage;
  return object;
}

}  // namespace lksctp::node
