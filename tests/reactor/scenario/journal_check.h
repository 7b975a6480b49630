// A journal of everything an event log says, and the proof that it leads to what the live
// process had: in every scenario, and for made-up events.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "lksctp/reactor/event.h"
#include "lksctp/reactor/journal.h"
#include "temporary_directory.h"

namespace lksctp::test {

class JournalCheck {
 public:
  // Opens one with small parts and all user data, in a directory of its own.
  JournalCheck();
  JournalCheck(const JournalCheck&) = delete;
  JournalCheck& operator=(const JournalCheck&) = delete;

  // To be attached; null when it could not be opened, and the test has failed.
  [[nodiscard]] const std::shared_ptr<Journal>& journal() { return journal_; }

  // Closes it. What it has must be `events`, all that the log has said; and the state at
  // its end and at random places must be theirs: the table, and byte for byte its JSON
  // and its metrics. The first `before` of them were told before it was attached.
  void expect_replay_equal(const std::vector<Event>& events,
                           std::size_t before = 0);

  // Files that it has.
  [[nodiscard]] std::size_t parts() const;

 private:
  TemporaryDirectory directory_;
  const std::string path_ = directory_.file("journal");
  std::shared_ptr<Journal> journal_;
};

}  // namespace lksctp::test
