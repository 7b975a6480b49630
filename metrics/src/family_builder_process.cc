// The families of the whole process, its host and the exporter itself.
#include <cstddef>
#include <string_view>

#include "family_builder.h"
#include "label_values.h"
#include "lksctp/decoder/table.h"

namespace lksctp {

void FamilyBuilder::fill_notifications() {
  const auto& counts = snapshot_.table.notifications();
  for (const NotificationRow& row : notification_rows()) {
    put({row.label}, count_of(counts, std::string_view(row.label)));
  }
  const char* unknown = notification_label(UnknownNotification{});
  put({unknown}, count_of(counts, std::string_view(unknown)));
}

void FamilyBuilder::fill_events() {
  const auto& counts = snapshot_.table.events();
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    put({event_kind_name(static_cast<EventKind>(kind))}, counts[kind]);
  }
}

void FamilyBuilder::fill_poll_errors() {
  for (std::size_t i = 0; i < kSampleOperationNames.size(); ++i) {
    put({kSampleOperationNames[i]}, snapshot_.loop.sampling_errors[i]);
  }
}

void FamilyBuilder::fill_journal() {
  if (!snapshot_.journal) return;
  const JournalStatus& journal = *snapshot_.journal;
  switch (series_.id) {
    case SeriesId::kJournalUp:
      return put({}, journal.error ? 0 : 1);
    case SeriesId::kJournalQueuedEvents:
      return put({}, journal.queued);
    case SeriesId::kJournalDurableSeq:
      return put({}, journal.durable.value());
    case SeriesId::kJournalWrittenEvents:
      return put({}, journal.written);
    case SeriesId::kJournalSize:
      return put({}, journal.bytes);
    case SeriesId::kJournalGaps:
      return put({}, journal.gaps);
    case SeriesId::kJournalLostEvents:
      return put({}, journal.lost_events);
    case SeriesId::kJournalFailedCommits:
      return put({}, journal.failed_commits);
    default:
      return put_histogram({}, CommitDurations::kBounds,
                           journal.commits.buckets, journal.commits.sum);
  }
}

// In the order of the kernel's counters; what this kernel does not count is
// absent.
void FamilyBuilder::fill_host() {
  if (!scrape_.facts.host) return;
  for (const HostSample& sample : host_samples()) {
    if (sample.series != series_.id) continue;
    const auto counter = scrape_.facts.host->find(sample.counter);
    if (counter == scrape_.facts.host->end()) continue;
    const auto text = [](const char* label) {
      return label != nullptr ? std::string_view(label) : std::string_view();
    };
    put({text(sample.labels[0]), text(sample.labels[1])}, counter->second);
  }
}

void FamilyBuilder::fill_last_scrape() {
  const auto& last = scrape_.facts.last;
  if (!last) return;
  if (series_.id == SeriesId::kExporterSeries) put({}, last->series);
  if (series_.id == SeriesId::kExporterScrapeSize) put({}, last->bytes);
  if (series_.id == SeriesId::kExporterScrapeDuration) {
    put({}, seconds(last->duration));
  }
}

}  // namespace lksctp
