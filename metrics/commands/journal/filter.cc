#include "filter.h"

#include <utility>
#include <variant>

namespace lksctp::journal_command {
namespace {

bool allows(const Filter::Names& names, const std::string& name) {
  return names.empty() || names.contains(name);
}

}  // namespace

Result<NamedReader> NamedReader::open(const std::string& path, Filter filter,
                                      JournalReadOptions options) {
  auto reader = JournalReader::open(path, std::move(options));
  if (!reader) return tl::unexpected(reader.error());
  NamedReader named;
  named.path_ = path;
  named.filter_ = std::move(filter);
  named.reader_ = std::move(*reader);
  return named;
}

Result<std::optional<NamedEntry>> NamedReader::next() {
  for (;;) {
    auto entry = reader_->next();
    if (!entry) return tl::unexpected(entry.error());
    if (!*entry) return std::nullopt;
    NamedEntry named = name(std::move(**entry));
    if (is_wanted(named)) return named;
  }
}

NamedEntry NamedReader::name(JournalEntry entry) {
  NamedEntry named{.entry = std::move(entry)};
  const Event& event = named.entry.event;
  if (named.entry.journal != journal_) {
    journal_ = named.entry.journal;
    table_ = {};
    // What was before it, when it is not the first: without, names are missing.
    if (event.seq > EventSeq(1)) {
      auto before = replay(
          path_, {.journal = journal_, .seq = EventSeq(event.seq.value() - 1)});
      if (before) table_ = std::move(before->table);
    }
  }
  // An association that begins is known afterwards, one that ends before.
  find_names(named);
  if (named.entry.unknown) {
    named.kind = named.entry.unknown->kind;
    return named;
  }
  named.kind = event_kind_name(event.body);
  table_.apply(event);
  find_names(named);
  return named;
}

void NamedReader::find_names(NamedEntry& named) const {
  const Event& event = named.entry.event;
  EndpointId endpoint = event.endpoint;
  if (const auto* record = table_.association(event.association)) {
    named.peer = record->peer;
    named.state = record->state;
    endpoint = record->endpoint;
  } else {
    named.state.reset();
  }
  if (const auto* record = table_.endpoint(endpoint)) {
    named.endpoint = record->name;
  }
  const auto of_peer = [&](const auto& body) {
    named.endpoint = body.endpoint;
    named.peer = body.peer;
  };
  if (const auto* expected = std::get_if<PeerExpected>(&event.body)) {
    of_peer(*expected);
  } else if (const auto* forgotten = std::get_if<PeerForgotten>(&event.body)) {
    of_peer(*forgotten);
  }
}

bool NamedReader::is_wanted(const NamedEntry& named) const {
  const Event& event = named.entry.event;
  return allows(filter_.kinds, named.kind) &&
         allows(filter_.endpoints, named.endpoint) &&
         allows(filter_.peers, named.peer) &&
         (filter_.associations.empty() ||
          filter_.associations.contains(event.association.value())) &&
         (!filter_.since || event.wall >= *filter_.since) &&
         (!filter_.until || event.wall <= *filter_.until);
}

}  // namespace lksctp::journal_command
