#include "journal_entries.h"

#include <string_view>
#include <utility>

namespace lksctp::node {
namespace {

// What one call of JS is given at most, and what is read for it: filters may leave
// nothing of thousands.
constexpr std::size_t kMaxItems = 256;
constexpr std::size_t kMaxBytes = 1024 * 1024;
constexpr std::size_t kMaxRead = 16 * 1024;

// The name of the peer that the event makes an association with, or is about.
const std::string* named_peer(const EventBody& body) {
  if (const auto* one = std::get_if<ConnectRequested>(&body)) return &one->peer;
  if (const auto* one = std::get_if<AssociationAccepted>(&body)) {
    return &one->peer;
  }
  if (const auto* one = std::get_if<PeerExpected>(&body)) return &one->peer;
  if (const auto* one = std::get_if<PeerForgotten>(&body)) return &one->peer;
  return nullptr;
}

std::size_t size_of(const JournalEntry& entry) {
  std::size_t size = entry.event.raw.size();
  if (const auto* failed = std::get_if<ReceiveFailed>(&entry.event.body)) {
    size += failed->raw.size();
  }
  if (const auto* told = std::get_if<Notification>(&entry.event.body)) {
    if (const auto* failed = std::get_if<SendFailed>(told)) {
      size += failed->data.size();
    }
  }
  return entry.unknown ? size + entry.unknown->body.size() : size;
}

}  // namespace

Result<std::shared_ptr<JournalEntries>> JournalEntries::open(
    std::string path, std::optional<JournalPosition> after,
    EntryFilter filter) {
  auto reader = JournalReader::open(path, {.after = after});
  if (!reader) return tl::unexpected(reader.error());
  std::shared_ptr<JournalEntries> entries(
      new JournalEntries(std::move(path), std::move(filter)));
  entries->reader_ = std::move(*reader);
  if (after) {
    entries->position_ = *after;
    if (entries->filter_.peer) entries->find_peer(after->journal, after->seq);
  }
  return entries;
}

Result<JournalEntries::Batch> JournalEntries::next() {
  Batch batch;
  std::size_t bytes = 0;
  for (std::size_t read = 0;
       read < kMaxRead && bytes < kMaxBytes && batch.items.size() < kMaxItems;
       ++read) {
    auto entry = reader_->next();
    if (!entry) return tl::unexpected(entry.error());
    tell_damage(batch);
    if (!*entry) {
      batch.at_end = true;
      break;
    }
    const bool wanted = is_wanted(**entry);
    position_ = {(*entry)->journal, (*entry)->event.seq};
    if (!wanted) continue;
    bytes += size_of(**entry);
    batch.items.emplace_back(std::move(**entry));
  }
  return batch;
}

// Before the event that was found behind it.
void JournalEntries::tell_damage(Batch& batch) {
  const auto& damage = reader_->damage();
  while (damage_told_ < damage.size()) {
    batch.items.emplace_back(damage[damage_told_++]);
  }
}

bool JournalEntries::is_wanted(const JournalEntry& entry) {
  // Of every one: it keeps account of the peer's associations.
  if (filter_.peer && !is_of_peer(entry)) return false;
  if (!filter_.kinds) return true;
  const std::string_view kind = entry.unknown
                                    ? std::string_view(entry.unknown->kind)
                                    : event_kind_name(entry.event.body);
  return filter_.kinds->contains(std::string(kind));
}

bool JournalEntries::is_of_peer(const JournalEntry& entry) {
  const Event& event = entry.event;
  if (entry.journal != position_.journal) {
    find_peer(entry.journal, EventSeq{event.seq.value() - 1});
  }
  if (entry.unknown) return of_peer_.contains(event.association);
  // What is told of the log itself concerns everybody.
  if (std::holds_alternative<LogRecovered>(event.body)) return true;
  if (std::holds_alternative<LogGap>(event.body)) {
    find_peer(entry.journal, event.seq);
    return true;
  }
  if (const std::string* peer = named_peer(event.body)) {
    if (*peer != *filter_.peer) return false;
    if (event.association.value() != 0) of_peer_.insert(event.association);
    return true;
  }
  if (std::holds_alternative<AssociationClosed>(event.body)) {
    return of_peer_.erase(event.association) != 0;
  }
  return of_peer_.contains(event.association);
}

// Associations that are older than what is read: where the events of their beginning are
// not there, a snapshot may be.
void JournalEntries::find_peer(const std::string& journal, EventSeq at) {
  of_peer_.clear();
  if (at.value() == 0) return;
  const auto state = replay(path_, {.journal = journal, .seq = at});
  if (!state) return;
  for (const auto& [id, association] : state->table.associations()) {
    if (association->peer == *filter_.peer) of_peer_.insert(id);
  }
}

}  // namespace lksctp::node
