#include "lksctp/reactor/journal_reader.h"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "part_reader.h"
#include "reading.h"

namespace lksctp {
namespace {

std::uint64_t bytes_of(const std::string& file) {
  std::uint64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(file + suffix, failure);
    if (!failure) bytes += size;
  }
  return bytes;
}

Result<void> describe(PartReader& reader, JournalPart& part) {
  const PartMeta& meta = reader.meta();
  part.journal = meta.journal;
  part.host = meta.host;
  part.writer = meta.writer;
  part.created = meta.created;
  part.closed = meta.closed;
  const auto first = reader.first_event();
  if (!first) return tl::unexpected(first.error());
  const auto last = reader.last_event();
  if (!last) return tl::unexpected(last.error());
  part.first = EventSeq(*first);
  part.last = EventSeq(*last);
  return {};
}

}  // namespace

Result<std::unique_ptr<JournalReader>> JournalReader::open(
    const std::string& path, JournalReadOptions options) {
  auto reader = std::make_unique<JournalReading>(path);
  if (auto started = reader->start(options.after); !started) {
    return tl::unexpected(started.error());
  }
  return reader;
}

Result<std::vector<JournalPart>> journal_parts(const std::string& path) {
  const auto files = files_of(path);
  if (!files) return tl::unexpected(files.error());
  std::vector<JournalPart> parts;
  for (const PartFile& file : *files) {
    JournalPart part{
        .file = file.file, .number = file.number, .bytes = bytes_of(file.file)};
    auto reader = PartReader::open(file.file);
    if (reader && !*reader) continue;
    const auto described = reader
                               ? describe(**reader, part)
                               : Result<void>(tl::unexpected(reader.error()));
    if (!described) {
      if (!PartReader::is_unreadable(described.error())) {
        if (described.error().errno_value == ENOENT) continue;
        return tl::unexpected(described.error());
      }
      part.error = described.error();
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace lksctp
