// The files of one path, as who writes it has them: the directory, the lock, the parts
// and the link. See docs/journal-format.md, "Names".
//
// Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "file_descriptor.h"
#include "lksctp/reactor/error.h"
#include "schema.h"

namespace lksctp {

class JournalFiles {
 public:
  // Makes the directory if it is not there, checks and locks. Errors: kInvalidArgument
  // (`path` names no file), kSystem: EEXIST (something else than a link has the path),
  // EPERM (others may write to the directory), EBUSY (another process has the lock).
  static Result<JournalFiles> open(const std::string& path);

  // Oldest first. Errors: kSystem.
  [[nodiscard]] Result<std::vector<PartFile>> parts() const {
    return list_parts(path_);
  }
  [[nodiscard]] std::string part(std::uint64_t number) const {
    return part_path(path_, number);
  }
  // Where a part is made, so that there is never one that is made by half.
  [[nodiscard]] std::string unfinished() const { return path_ + ".new"; }
  // Removes what an earlier attempt left there.
  void discard_unfinished() const;
  // Gives it the name of that part and points the link at it, for good. Errors: kSystem.
  Result<void> publish(std::uint64_t number) const;

  // Deletes old parts but never `current`. Errors: kSystem, of the first that remains.
  Result<void> retain(std::uint64_t current, std::optional<std::uint64_t> bytes,
                      std::optional<std::chrono::seconds> age) const;

 private:
  std::string path_;  // without links in its directory
  FileDescriptor directory_;
  FileDescriptor lock_;
};

// Of a part with its WAL; 0 when it is not there.
[[nodiscard]] std::uint64_t part_bytes(const std::string& file);
// Whether a file has that name. Another with the same name is another file.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
[[nodiscard]] std::optional<FileIdentity> identity_of(const std::string& file);

}  // namespace lksctp
