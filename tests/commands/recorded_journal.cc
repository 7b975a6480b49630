#include "recorded_journal.h"

#include <filesystem>

#include "recorded_log.h"

namespace lksctp::test {

RecordedJournal::RecordedJournal() : events_(recorded_log()) {
  maker_.add_part(std::span(events_).first(20), 8);
  maker_.add_part(std::span(events_).subspan(20), 8);
  std::filesystem::create_symlink("signalling.journal.2", maker_.path());
}

}  // namespace lksctp::test
