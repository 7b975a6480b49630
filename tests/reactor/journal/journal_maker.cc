#include "journal_maker.h"

#include <stdexcept>
#include <utility>

#include "journal/codec.h"
#include "journal/row.h"
#include "lksctp/reactor/event_json.h"

namespace lksctp::test {
namespace {

// A test cannot go on without its files.
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::int64_t nanoseconds(auto time) { return time.time_since_epoch().count(); }

}  // namespace

std::string journal_id(unsigned number) {
  const std::string digits = std::to_string(number);
  return "018f0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') +
         digits;
}

OpenPart::OpenPart(const std::string& file, const std::string& journal,
                   std::uint64_t number)
    : database_(must(Sqlite::open(file, SqliteAccess::kCreate))) {
  must(database_.run("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL"));
  must(create_part(
      database_,
      {.journal = journal,
       .part = number,
       .created = WallTime(std::chrono::seconds(1'700'000'000 + number)),
       .host = "host",
       .writer = "lksctp 1.2.3"}));
}

void OpenPart::write(std::span<const Event> events,
                     JournaledUserData user_data) {
  must(database_.run("BEGIN IMMEDIATE"));
  SqliteStatement insert = must(database_.prepare(kInsertEvent));
  for (const Event& event : events) {
    std::string body;
    write_body(body, event.body, user_data);
    EventRow row{.seq = event.seq.value(),
                 .monotonic_ns = nanoseconds(event.monotonic),
                 .wall_ns = nanoseconds(event.wall),
                 .kind = event_kind_name(event.body),
                 .version = kEventJsonVersion,
                 .endpoint = event.endpoint.value(),
                 .association = event.association.value(),
                 .body = body};
    if (!event.raw.empty()) row.raw = std::span(event.raw);
    bind(insert, row);
    must(insert.step());
    insert.reset();
    last_ = event.seq.value();
  }
  must(database_.run("COMMIT"));
}

void OpenPart::write_row(std::uint64_t seq, const std::string& kind,
                         int version, const std::string& body) {
  SqliteStatement insert = must(database_.prepare(kInsertEvent));
  bind(insert,
       EventRow{.seq = seq, .kind = kind, .version = version, .body = body});
  must(insert.step());
  last_ = seq;
}

void OpenPart::write_snapshot(const AssociationTable& table, bool required) {
  const std::string state = write_state(table);
  SqliteStatement insert = must(database_.prepare(kInsertSnapshot));
  bind(insert, SnapshotRow{.seq = table.seq().value(),
                           .required = required,
                           .version = kEventJsonVersion,
                           .state = state});
  must(insert.step());
}

void OpenPart::close() {
  must(mark_closed(database_, WallTime(std::chrono::seconds(1'800'000'000)),
                   EventSeq(last_)));
  must(database_.run("PRAGMA journal_mode = DELETE"));
  database_ = {};
}

void OpenPart::run(const std::string& statements) {
  must(database_.run(statements));
}

void JournalMaker::begin_journal() {
  ++journals_;
  table_ = {};
}

void JournalMaker::add_part(std::span<const Event> events,
                            std::size_t snapshot_every) {
  ++parts_;
  OpenPart part(part_path(path_, parts_), journal_id(journals_), parts_);
  if (table_.seq() != EventSeq()) part.write_snapshot(table_, true);
  while (!events.empty()) {
    const auto group = events.first(
        snapshot_every == 0 ? events.size()
                            : std::min(snapshot_every, events.size()));
    part.write(group);
    for (const Event& event : group) table_.apply(event);
    if (group.size() == snapshot_every) part.write_snapshot(table_, false);
    events = events.subspan(group.size());
  }
  part.close();
}

void run_sql(const std::string& file, const std::string& statements) {
  must(must(Sqlite::open(file, SqliteAccess::kReadWrite)).run(statements));
}

std::vector<Event> ReadJournal::events() const {
  std::vector<Event> events;
  events.reserve(entries.size());
  for (const JournalEntry& entry : entries) events.push_back(entry.event);
  return events;
}

std::vector<std::uint64_t> ReadJournal::numbers() const {
  std::vector<std::uint64_t> numbers;
  for (const JournalEntry& entry : entries) {
    numbers.push_back(entry.event.seq.value());
  }
  return numbers;
}

ReadJournal read_journal(const std::string& path, JournalReadOptions options) {
  const auto reader = must(JournalReader::open(path, std::move(options)));
  ReadJournal read;
  read_on(*reader, read);
  return read;
}

void read_on(JournalReader& reader, ReadJournal& into) {
  while (auto entry = must(reader.next())) {
    into.entries.push_back(std::move(*entry));
  }
  into.damage = reader.damage();
}

}  // namespace lksctp::test
