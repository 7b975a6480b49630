// The events of `recorded_log` as a journal of two parts.
#pragma once

#include "journal_maker.h"

namespace lksctp::test {

// signalling.journal in a directory of its own, with the link that the writer makes.
class RecordedJournal {
 public:
  RecordedJournal();
  [[nodiscard]] const std::string& directory() const {
    return directory_.path();
  }
  [[nodiscard]] const std::string& path() const { return maker_.path(); }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

 private:
  const std::vector<Event> events_;
  TemporaryDirectory directory_;
  JournalMaker maker_{directory_.file("signalling.journal")};
};

}  // namespace lksctp::test
