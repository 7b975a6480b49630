// What lies in the files of a journal, row by row; and an event log that writes one.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "journal/journal_feed.h"
#include "journal/row.h"
#include "journal/schema.h"
#include "journal/sqlite.h"
#include "temporary_directory.h"

namespace lksctp::test {

struct StoredEvent {
  std::uint64_t seq = 0;
  std::string kind;
  std::string body;
  bool raw = false;
};

struct StoredPart {
  std::string file;
  PartMeta meta;
  std::vector<StoredEvent> events;
  std::map<std::uint64_t, bool> snapshots;  // by number: required
  std::uint64_t damaged = 0;                // rows with a bad checksum
};

inline StoredPart stored_part(const std::string& file) {
  StoredPart part{.file = file};
  auto database = Sqlite::open(file, SqliteAccess::kRead);
  if (!database) {
    ADD_FAILURE() << database.error().to_string();
    return part;
  }
  const auto meta = check_part(*database);
  if (!meta || !*meta) {
    ADD_FAILURE() << file << (meta ? "empty" : meta.error().to_string());
    return part;
  }
  part.meta = **meta;
  auto events = database->prepare(kSelectEvents);
  events->bind(1, std::int64_t{0});
  for (;;) {
    const auto more = events->step();
    if (!more) ADD_FAILURE() << more.error().to_string();
    if (!more || !*more) break;
    if (const auto row = event_row(*events)) {
      part.events.push_back({row->seq, std::string(row->kind),
                             std::string(row->body), row->raw.has_value()});
    } else {
      ++part.damaged;
    }
  }
  auto snapshots = database->prepare(
      "SELECT seq, required, version, crc, state FROM snapshot ORDER BY seq");
  while (snapshots->step().value_or(false)) {
    if (const auto row = snapshot_row(*snapshots)) {
      part.snapshots[row->seq] = row->required;
    } else {
      ++part.damaged;
    }
  }
  return part;
}

inline std::vector<StoredPart> stored_parts(const std::string& path) {
  std::vector<StoredPart> parts;
  const auto files = list_parts(path);
  if (!files) {
    ADD_FAILURE() << files.error().to_string();
    return parts;
  }
  for (const PartFile& file : *files) parts.push_back(stored_part(file.file));
  return parts;
}

// Of all parts, in order.
inline std::vector<StoredEvent> stored_events(const std::string& path) {
  std::vector<StoredEvent> events;
  for (StoredPart& part : stored_parts(path)) {
    EXPECT_EQ(part.damaged, 0U) << part.file;
    events.insert(events.end(), part.events.begin(), part.events.end());
  }
  return events;
}

inline std::vector<std::uint64_t> numbers(
    const std::vector<StoredEvent>& events) {
  std::vector<std::uint64_t> numbers;
  for (const StoredEvent& event : events) numbers.push_back(event.seq);
  return numbers;
}

inline std::vector<std::uint64_t> from_to(std::uint64_t from,
                                          std::uint64_t to) {
  std::vector<std::uint64_t> numbers;
  for (; from <= to; ++from) numbers.push_back(from);
  return numbers;
}

// Numbers from 1, none twice, none left out.
inline void expect_dense(const std::string& path, std::uint64_t at_least,
                         const std::string& when) {
  const auto there = numbers(stored_events(path));
  EXPECT_EQ(there, from_to(1, there.size())) << when;
  EXPECT_GE(there.size(), at_least) << when << ": acknowledged ones are gone";
}

// Waits for what another thread brings about. The deadline only ends a test that would
// hang.
inline bool wait_until(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// A loop's half without the loop: the test says when a turn ends.
class JournaledLog {
 public:
  JournaledLog() {
    log_.add_sink([this](const Event& event) {
      if (feed_ != nullptr) feed_->add(event);
    });
  }

  Result<void> attach(const std::shared_ptr<Journal>& journal) {
    auto feed = JournalFeed::attach(journal, log_, [this] { ++woken_; });
    if (!feed) return tl::unexpected(feed.error());
    feed_ = std::move(*feed);
    feed_->begin();
    return {};
  }

  // So many events with text of so many bytes, in one turn.
  void append(int count, std::size_t size = 10) {
    for (int i = 0; i < count; ++i) {
      log_.append(
          {}, {},
          PeerExpected{.endpoint = std::string(size, 'e'), .peer = "p"});
    }
    turn();
  }
  bool turn() { return feed_->hand_over(); }
  void detach() {
    feed_->finish();
    feed_.reset();
  }

  EventLog& log() { return log_; }
  [[nodiscard]] int woken() const { return woken_; }
  [[nodiscard]] EventSeq last() const { return log_.table().seq(); }

 private:
  EventLog log_;
  std::unique_ptr<JournalFeed> feed_;
  std::atomic<int> woken_ = 0;
};

// As a test wants it: attached, or a failure.
struct OpenJournal {
  explicit OpenJournal(JournalOptions options) {
    auto opened = Journal::open(std::move(options));
    if (!opened) {
      ADD_FAILURE() << opened.error().to_string();
      return;
    }
    journal = *opened;
    const auto attached = log.attach(journal);
    EXPECT_TRUE(attached.has_value()) << attached.error().to_string();
  }
  void flush() {
    const auto done = journal->flush();
    EXPECT_TRUE(done.has_value()) << done.error().to_string();
  }
  void close() {
    log.detach();
    const auto done = journal->close();
    EXPECT_TRUE(done.has_value()) << done.error().to_string();
  }

  std::shared_ptr<Journal> journal;
  JournaledLog log;
};

}  // namespace lksctp::test
