#include "journal_writer.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

#include "codec.h"
#include "journal_id.h"
#include "lksctp/reactor/event_json.h"
#include "recovery.h"

namespace lksctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Of one transaction: some milliseconds of work.
constexpr std::size_t kMostRows = 4096;
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{5000};
// A rotation that failed, and parts that have become too old.
constexpr seconds kRotateAgainAfter{5};
constexpr seconds kRetainEvery{60};
constexpr seconds kFastCheckpointEvery{1};
// Of events behind a snapshot before there is another, if four of its size are less.
constexpr std::uint64_t kSnapshotEvery = 16 * 1024 * 1024;
// Of a row, beside its texts and bytes.
constexpr std::uint64_t kRowBytes = 48;
// SQLite takes a little more.
constexpr std::size_t kLargestState = 255 * 1024 * 1024;
constexpr std::size_t kLeastCapacity = 64;
constexpr std::uint64_t kLeastPart = 64 * 1024;

Result<void> check(const JournalOptions& options) {
  if (options.queue_capacity < kLeastCapacity) {
    return tl::unexpected(Error::invalid_argument(
        "queue_capacity of a journal is at least 64 events"));
  }
  if (options.rotate_bytes < kLeastPart) {
    return tl::unexpected(
        Error::invalid_argument("rotate_bytes of a journal is at least 65536"));
  }
  if (options.rotate_after <= seconds::zero() ||
      (options.retain_for && *options.retain_for <= seconds::zero())) {
    return tl::unexpected(Error::invalid_argument(
        "rotate_after and retain_for of a journal are more than 0 s"));
  }
  return {};
}

// Its record has bytes of the user in it.
bool holds_user_data(const EventBody& body) {
  if (std::holds_alternative<ReceiveFailed>(body)) return true;
  const auto* notification = std::get_if<Notification>(&body);
  return notification != nullptr &&
         std::holds_alternative<SendFailed>(*notification);
}

}  // namespace

// What one transaction covers: so many batches whole, and of the next so many events.
struct JournalWriter::Group {
  std::size_t batches = 0;
  std::size_t offset = 0;
  std::size_t events = 0;
  std::uint64_t bytes = 0;
  std::optional<EventSeq> last;
  bool rotate = false;  // behind it, at the table of the next batch
};

Result<std::shared_ptr<Journal>> Journal::open(JournalOptions options) {
  return JournalWriter::open(std::move(options));
}

Result<std::shared_ptr<JournalWriter>> JournalWriter::open(
    JournalOptions options) {
  if (auto checked = check(options); !checked) {
    return tl::unexpected(checked.error());
  }
  auto id = make_journal_id(std::chrono::system_clock::now());
  if (!id) return tl::unexpected(id.error());
  auto files = JournalFiles::open(options.path);
  if (!files) return tl::unexpected(files.error());
  const auto there = files->parts();
  if (!there) return tl::unexpected(there.error());
  auto recovered = recovered_from(*there);
  auto parts = JournalParts::begin(std::move(*files), options, *id);
  if (!parts) return tl::unexpected(parts.error());
  // Not make_shared: the constructor is private.
  return std::shared_ptr<JournalWriter>(new JournalWriter(
      options, std::move(*id), std::move(recovered), std::move(*parts)));
}

JournalWriter::JournalWriter(const JournalOptions& options, std::string id,
                             std::optional<LogRecovered> recovered,
                             JournalParts parts)
    : options_(options),
      id_(std::move(id)),
      recovered_(std::move(recovered)),
      queue_(options.queue_capacity),
      parts_(std::move(parts)) {
  status_.id = id_;
  publish();
  thread_ = std::thread([this] { run(); });
}

JournalWriter::~JournalWriter() { static_cast<void>(close()); }

Result<void> JournalWriter::close() {
  queue_.close();
  const std::lock_guard lock(close_mutex_);
  if (thread_.joinable()) thread_.join();
  return closed_;
}

JournalStatus JournalWriter::status() const {
  const JournalQueue::Status queue = queue_.status();
  const std::lock_guard lock(status_mutex_);
  JournalStatus status = status_;
  status.queued = queue.waiting;
  status.gaps = queue.gaps;
  status.lost_events = queue.lost;
  status.failed_commits = queue.failures;
  status.error = queue.error ? queue.error : trouble_;
  return status;
}

// ---- the thread ---------------------------------------------------------------

void JournalWriter::run() {
  for (;;) {
    pending_ = queue_.take(next_checkpoint());
    if (pending_.empty() && queue_.closing()) break;
    write_pending();
    look_after(Clock::now());
    if (!closed_) break;
  }
  const std::uint64_t untold = queue_.status().untold;
  if (closed_ && untold != 0) {
    closed_ = tl::unexpected(Error::system(
        ENOBUFS, "close", {},
        std::to_string(untold) +
            " events came when the queue was full and are not in the journal"));
  }
  if (closed_) closed_ = parts_.close();
  // Not as if it were all: the next journal tells where this one ended.
  if (!closed_) parts_.abandon();
  publish();
  queue_.end();
}

void JournalWriter::write_pending() {
  milliseconds pause = kFirstPause;
  while (!pending_.empty()) {
    auto done = write_some();
    if (done) {
      queue_.succeed();
      pause = kFirstPause;
      continue;
    }
    parts_.current().roll_back();
    place_known_ = false;
    if (is_damage(done.error()) || parts_.current().lost()) {
      part_usable_ = false;
    }
    queue_.fail(done.error());
    if (queue_.closing()) {
      closed_ = done;
      return;
    }
    queue_.pause(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

Result<void> JournalWriter::write_some() {
  if (!place_known_) {
    if (auto found = find_place(); !found) return found;
    if (pending_.empty()) return {};
  }
  const Clock::time_point begun = Clock::now();
  if (auto done = parts_.current().begin(); !done) return done;
  Group group;
  if (auto done = insert(group); !done) return done;
  if (auto done = parts_.current().commit(); !done) return done;
  written(group, Clock::now() - begun);
  return group.rotate ? rotate() : Result<void>();
}

Result<void> JournalWriter::insert(Group& group) {
  group.offset = offset_;
  const bool rotate =
      parts_.rotation_due() && Clock::now() >= rotate_not_before_;
  for (const JournalBatch& batch : pending_) {
    const std::size_t end =
        std::min(batch.events.size(), group.offset + kMostRows - group.events);
    for (; group.offset < end; ++group.offset, ++group.events) {
      const Event& event = batch.events[group.offset];
      if (auto done = insert(event); !done) return done;
      group.bytes += kRowBytes + body_.size() + event.raw.size();
      group.last = event.seq;
    }
    if (group.offset < batch.events.size()) return {};
    if (batch.table != nullptr) {
      if (rotate) {
        group.rotate = true;
        return {};
      }
      if (auto done = insert_snapshot(batch); !done) return done;
      group.bytes = 0;
    }
    ++group.batches;
    group.offset = 0;
  }
  return {};
}

Result<void> JournalWriter::insert(const Event& event) {
  body_.clear();
  write_body(body_, event.body, options_.user_data);
  EventRow row{.seq = event.seq.value(),
               .monotonic_ns = event.monotonic.time_since_epoch().count(),
               .wall_ns = event.wall.time_since_epoch().count(),
               .kind = event_kind_name(event.body),
               .version = kEventJsonVersion,
               .endpoint = event.endpoint.value(),
               .association = event.association.value(),
               .body = body_};
  const bool without_raw =
      event.raw.empty() || (options_.user_data != JournaledUserData::kFull &&
                            holds_user_data(event.body));
  if (!without_raw) row.raw = event.raw;
  return parts_.current().add(row);
}

Result<void> JournalWriter::insert_snapshot(const JournalBatch& batch) {
  const std::string state = write_state(*batch.table);
  snapshot_bytes_ = state.size();
  if (state.size() > kLargestState) {
    // Without it readers take longer, or say that they do not know; with it nothing behind
    // it would ever be written.
    const std::lock_guard lock(status_mutex_);
    trouble_ = Error::system(EFBIG, "snapshot");
    return {};
  }
  return parts_.current().add(
      SnapshotRow{.seq = batch.table->seq().value(),
                  .required = batch.required || table_required_,
                  .version = kEventJsonVersion,
                  .state = state});
}

void JournalWriter::written(const Group& group, Clock::duration took) {
  for (std::size_t i = 0; i < group.batches; ++i) {
    if (pending_.front().table != nullptr) {
      table_wanted_ = false;
      table_required_ = false;
      bytes_since_snapshot_ = 0;
    }
    pop_batch();
  }
  offset_ = group.offset;
  bytes_since_snapshot_ += group.bytes;
  if (group.last) last_ = group.last;
  unchecked_ = true;
  {
    const std::lock_guard lock(status_mutex_);
    status_.written += group.events;
    if (last_) status_.durable = *last_;
    status_.commits.add(took);
  }
  queue_.settle(group.events);
  publish();
  look_after(Clock::now());
}

void JournalWriter::pop_batch() {
  queue_.recycle(std::move(pending_.front().events));
  pending_.pop_front();
  offset_ = 0;
}

Result<void> JournalWriter::find_place() {
  if (!part_usable_) {
    // What it has of what waits, if that can be told.
    const auto last = parts_.current().last();
    if (last && !parts_.current().lost()) skip_until(*last);
    if (auto replaced = parts_.replace(); !replaced) return replaced;
    part_usable_ = true;
    table_required_ = true;
    table_wanted_ = true;
    queue_.want_table();
    publish();
  } else {
    const auto last = parts_.current().last();
    if (!last) return tl::unexpected(last.error());
    skip_until(*last);
  }
  place_known_ = true;
  return {};
}

void JournalWriter::skip_until(EventSeq last) {
  std::size_t skipped = 0;
  for (JournalBatch& batch : pending_) {
    const auto begin =
        batch.events.begin() +
        static_cast<std::ptrdiff_t>(&batch == &pending_.front() ? offset_ : 0);
    const auto next =
        std::find_if(begin, batch.events.end(),
                     [last](const Event& event) { return event.seq > last; });
    skipped += static_cast<std::size_t>(next - begin);
    batch.events.erase(batch.events.begin(), next);
  }
  offset_ = 0;
  // Those that have a table stay for it: it is written again in place of itself.
  std::erase_if(pending_, [](const JournalBatch& batch) {
    return batch.events.empty() && batch.table == nullptr;
  });
  if (skipped == 0) return;
  last_ = last;
  {
    const std::lock_guard lock(status_mutex_);
    status_.written += skipped;
    status_.durable = last;
  }
  queue_.settle(skipped);
}

Result<void> JournalWriter::rotate() {
  const JournalBatch& batch = pending_.front();
  const std::string state = write_state(*batch.table);
  auto done = parts_.rotate({.seq = batch.table->seq().value(),
                             .required = true,
                             .version = kEventJsonVersion,
                             .state = state});
  {
    const std::lock_guard lock(status_mutex_);
    trouble_ = done ? std::nullopt : std::optional(done.error());
  }
  if (!done) {
    // The table goes into this part then.
    rotate_not_before_ = Clock::now() + kRotateAgainAfter;
    return {};
  }
  snapshot_bytes_ = state.size();
  bytes_since_snapshot_ = 0;
  table_wanted_ = false;
  pop_batch();
  publish();
  return {};
}

std::optional<JournalWriter::Clock::time_point> JournalWriter::next_checkpoint()
    const {
  if (options_.mode != JournalMode::kFast || !unchecked_) return std::nullopt;
  return checkpointed_ + kFastCheckpointEvery;
}

// What is due now and then, behind a commit that has been told.
void JournalWriter::look_after(Clock::time_point now) {
  const auto second_passed = next_checkpoint();
  if (parts_.current().wants_checkpoint() ||
      (second_passed && now >= *second_passed)) {
    // One that fails is tried again behind the next commit; the WAL has everything.
    const auto done = parts_.current().checkpoint();
    if (!done && is_damage(done.error())) part_usable_ = false;
    checkpointed_ = now;
    unchecked_ = false;
  }
  // A deleted file takes rows as before.
  if (parts_.current().lost()) part_usable_ = false;
  if (!part_usable_) place_known_ = false;
  if (now - retained_ >= kRetainEvery) {
    retained_ = now;
    const auto done = parts_.retain();
    const std::lock_guard lock(status_mutex_);
    trouble_ = done ? std::nullopt : std::optional(done.error());
  }
  if (table_wanted_) return;
  const bool rotates = parts_.rotation_due() && now >= rotate_not_before_;
  if (rotates ||
      bytes_since_snapshot_ > std::max(kSnapshotEvery, 4 * snapshot_bytes_)) {
    table_wanted_ = true;
    queue_.want_table();
  }
}

void JournalWriter::publish() {
  const std::uint64_t bytes = parts_.bytes();
  const std::string& part = parts_.current().file();
  const std::lock_guard lock(status_mutex_);
  status_.bytes = bytes;
  if (status_.part != part) status_.part = part;
}

}  // namespace lksctp
