#include "lksctp/decoder/send_failure_joiner.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lksctp {
namespace {

// Bits of the DATA chunk (RFC 9260 §3.3.1).
constexpr unsigned kEnd = 1;
constexpr unsigned kBegin = 2;

FailedMessage message_of(const SendFailed& record) {
  FailedMessage message;
  message.stream = record.stream;
  message.ppid = record.ppid;
  message.context = record.context;
  message.association = record.association;
  message.error = record.error;
  message.kind = record.kind;
  return message;
}

}  // namespace

void SendFailureJoiner::add(SendFailed record,
                            std::vector<FailedMessage>& out) {
  const bool begin = (record.flags & kBegin) != 0;
  const bool end = (record.flags & kEnd) != 0;
  if (begin && end) {
    FailedMessage message = message_of(record);
    message.bytes = record.data.size();
    message.data = std::move(record.data);
    message.complete = true;
    out.push_back(std::move(message));
    return;
  }
  auto found = std::find_if(open_.begin(), open_.end(), [&](const Open& open) {
    return open.message.context == record.context &&
           open.message.stream == record.stream &&
           open.message.association == record.association;
  });
  if (begin && found != open_.end()) {
    finish(static_cast<std::size_t>(found - open_.begin()), /*ended=*/false,
           out);
    found = open_.end();
  }
  if (found == open_.end()) {
    if (open_.size() >= max_messages_ && !open_.empty()) {
      finish(0, /*ended=*/false, out);
    }
    open_.push_back({message_of(record), /*whole=*/begin});
    found = std::prev(open_.end());
  }
  append(*found, record);
  if (end) {
    finish(static_cast<std::size_t>(found - open_.begin()), /*ended=*/true,
           out);
  }
}

void SendFailureJoiner::flush(std::vector<FailedMessage>& out) {
  while (!open_.empty()) finish(0, /*ended=*/false, out);
}

void SendFailureJoiner::finish(std::size_t index, bool ended,
                               std::vector<FailedMessage>& out) {
  Open& open = open_[index];
  held_bytes_ -= open.message.data.size();
  open.message.complete = ended && open.whole;
  out.push_back(std::move(open.message));
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
}

void SendFailureJoiner::append(Open& open, SendFailed& record) {
  FailedMessage& message = open.message;
  message.bytes += record.data.size();
  if (message.error == CauseCode::kNone) message.error = record.error;
  if (record.kind == SendFailedKind::kSent) message.kind = record.kind;
  const bool lost_before =
      message.data.size() + record.data.size() != message.bytes;
  if (lost_before || record.data.size() > max_bytes_ - held_bytes_) {
    held_bytes_ -= message.data.size();
    message.data = {};
    open.whole = false;
    return;
  }
  held_bytes_ += record.data.size();
  if (message.data.empty()) {
    message.data = std::move(record.data);
  } else {
    message.data.insert(message.data.end(), record.data.begin(),
                        record.data.end());
  }
}

}  // namespace lksctp
