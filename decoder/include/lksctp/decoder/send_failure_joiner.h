// Makes messages of SEND_FAILED records, which the stacks send per DATA chunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lksctp/decoder/notification.h"

namespace lksctp {

// A message that was not delivered, or not known to be.
struct FailedMessage {
  StreamId stream{};
  Ppid ppid{};
  std::uint32_t context = 0;  // as given when the message was sent
  StackAssociationId association{};
  CauseCode error{};      // first one that a record had
  SendFailedKind kind{};  // kSent when any part was on the wire
  std::size_t bytes = 0;  // that the records reported, kept or not
  Bytes data;             // empty when not kept
  // False when a part is missing: its chunks were acknowledged, its records did
  // not come, or the bound was reached. `bytes` then is a lower limit.
  bool complete = false;

  friend bool operator==(const FailedMessage&, const FailedMessage&) = default;
};

// Joins the records of one socket by association, stream and context, from the
// one with the begin bit to the one with the end bit. Linux reports each
// fragment; usrsctp each fragment that was sent, then the unsent rest as one.
// Messages in flight together need different contexts to be told apart.
//
// Threads: thread-compatible.
// Ownership: holds the data of unfinished messages, at most `max_bytes` in
// total, and at most `max_messages` of them.
class SendFailureJoiner {
 public:
  static constexpr std::size_t kDefaultMaxBytes = 16 * 1024 * 1024;
  static constexpr std::size_t kDefaultMaxMessages = 1024;

  explicit SendFailureJoiner(std::size_t max_bytes = kDefaultMaxBytes,
                             std::size_t max_messages = kDefaultMaxMessages)
      : max_bytes_(max_bytes), max_messages_(max_messages) {}

  // Adds one record and appends to `out` the messages that end with it: usually
  // none or one; two when a message begins anew before it ended, or when the
  // oldest has to make room. A record that exceeds `max_bytes` leaves its
  // message without data and incomplete.
  void add(SendFailed record, std::vector<FailedMessage>& out);

  // Appends what is unfinished, as at the end of the association, where Linux
  // reports the failures after COMM_LOST and usrsctp before it.
  void flush(std::vector<FailedMessage>& out);

  // Messages held.
  [[nodiscard]] std::size_t pending() const { return open_.size(); }

 private:
  struct Open {
    FailedMessage message;
    bool whole = true;  // nothing is missing so far
  };

  void finish(std::size_t index, bool ended, std::vector<FailedMessage>& out);
  void append(Open& open, SendFailed& record);

  std::size_t max_bytes_;
  std::size_t max_messages_;
  std::size_t held_bytes_ = 0;
  std::vector<Open> open_;  // oldest first
};

}  // namespace lksctp
