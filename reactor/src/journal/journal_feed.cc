#include "journal_feed.h"

#include <cerrno>
#include <utility>

namespace lksctp {

Result<std::unique_ptr<JournalFeed>> JournalFeed::attach(
    const std::shared_ptr<Journal>& journal, EventLog& log,
    std::function<void()> wake) {
  auto writer = std::dynamic_pointer_cast<JournalWriter>(journal);
  if (writer == nullptr) {
    return tl::unexpected(
        Error::invalid_argument("a journal is what Journal::open made"));
  }
  if (writer->queue().closing()) {
    return tl::unexpected(Error::make(
        ErrorCode::kClosed, "the journal is closed: open another", EBADF));
  }
  if (!writer->queue().attach(std::move(wake))) {
    return tl::unexpected(Error::invalid_argument(
        "the journal belongs to another reactor: one journal is of one log"));
  }
  std::unique_ptr<JournalFeed> feed(new JournalFeed(std::move(writer), log));
  if (log.table().seq() != EventSeq{}) feed->put_table(/*required=*/true);
  return feed;
}

void JournalFeed::begin() {
  if (journal_->recovered()) log_.append({}, {}, *journal_->recovered());
}

JournalFeed::~JournalFeed() { journal_->queue().detach(); }

bool JournalFeed::hand_over(bool last) {
  const JournalQueue::Answer answer = journal_->queue().offer(events_, last);
  if (answer.closed) return false;
  // It gives its own event to `add`.
  if (answer.gap) log_.append({}, {}, *answer.gap);
  if (answer.gap || answer.table) put_table(answer.gap.has_value());
  return true;
}

std::optional<JournalStatus> JournalFeed::status() const {
  if (journal_->queue().closing()) return std::nullopt;
  return journal_->status();
}

void JournalFeed::put_table(bool required) {
  journal_->queue().put(
      {.events = std::exchange(events_, {}),
       .table = std::make_shared<const AssociationTable>(log_.table()),
       .required = required});
}

}  // namespace lksctp
