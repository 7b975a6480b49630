#include "journal_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace lksctp {
namespace {

namespace fs = std::filesystem;

FileDescriptor open_directory(const fs::path& directory) {
  return FileDescriptor(
      ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// Missing ones, from the outermost; each is there after a loss of power too.
Result<void> make_directories(const fs::path& directory) {
  if (::access(directory.c_str(), F_OK) == 0) return {};
  const fs::path parent = directory.parent_path();
  if (!parent.empty() && parent != directory) {
    if (auto made = make_directories(parent); !made) return made;
  }
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return tl::unexpected(Error::system(errno, "mkdir " + directory.string()));
  }
  const FileDescriptor in = open_directory(parent);
  if (in.get() < 0 || ::fsync(in.get()) != 0) {
    return tl::unexpected(Error::system(errno, "fsync " + parent.string()));
  }
  return {};
}

Result<void> check_directory(const FileDescriptor& directory,
                             const fs::path& name) {
  struct stat status {};
  if (::fstat(directory.get(), &status) != 0) {
    return tl::unexpected(Error::system(errno, "stat " + name.string()));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
      (status.st_mode & S_ISVTX) == 0) {
    return tl::unexpected(Error::system(
        EPERM, "open " + name.string(), {},
        "others may write to the directory: take their right away (chmod "
        "go-w), or give the journal a directory of its own"));
  }
  return {};
}

Result<void> check_link(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return tl::unexpected(Error::system(errno, "open " + path));
  }
  if (S_ISLNK(status.st_mode)) return {};
  return tl::unexpected(Error::system(
      EEXIST, "open " + path, {},
      "a journal makes a symbolic link there, to its newest part: give it "
      "another path, or move what is there away"));
}

// What the process that has the lock wrote into it: its id.
std::string holder(const FileDescriptor& lock) {
  std::array<char, 32> text{};
  const auto size = ::pread(lock.get(), text.data(), text.size(), 0);
  std::string process;
  for (ssize_t i = 0; i < size; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') break;
    process += c;
  }
  return process.empty() ? "another process" : "process " + process;
}

Result<FileDescriptor> lock_file(const std::string& file) {
  FileDescriptor lock(
      ::open(file.c_str(),
             O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (lock.get() < 0)
    return tl::unexpected(Error::system(errno, "open " + file));
  struct stat status {};
  if (::fstat(lock.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return tl::unexpected(Error::system(EINVAL, "open " + file, {},
                                        "it must be an ordinary file"));
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    const int failure = errno == EWOULDBLOCK ? EBUSY : errno;
    return tl::unexpected(Error::system(
        failure, "flock " + file, {},
        failure == EBUSY ? holder(lock) + " writes a journal there: end it, or "
                                          "give this one another path"
                         : std::string()));
  }
  // For people and for the message above; the lock itself does not need it.
  const std::string process = std::to_string(::getpid()) + '\n';
  if (::ftruncate(lock.get(), 0) != 0 ||
      ::pwrite(lock.get(), process.data(), process.size(), 0) < 0) {
    return tl::unexpected(Error::system(errno, "write " + file));
  }
  return lock;
}

struct OldPart {
  std::string file;
  std::uint64_t bytes = 0;
  std::chrono::system_clock::time_point written;
};

OldPart look_at(const std::string& file) {
  OldPart part{.file = file, .bytes = part_bytes(file)};
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0) {
    part.written = std::chrono::system_clock::from_time_t(status.st_mtime);
  }
  return part;
}

void remove_with_wal(const std::string& file) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    ::unlink((file + suffix).c_str());
  }
}

}  // namespace

Result<JournalFiles> JournalFiles::open(const std::string& path) {
  std::error_code failure;
  const fs::path whole = fs::absolute(path, failure);
  if (path.empty() || failure || !whole.has_filename() ||
      whole.filename() == "." || whole.filename() == "..") {
    return tl::unexpected(Error::invalid_argument(
        "the path of a journal names a file in a directory, not '" + path +
        "'"));
  }
  if (auto made = make_directories(whole.parent_path()); !made) {
    return tl::unexpected(made.error());
  }
  JournalFiles files;
  const fs::path directory = fs::canonical(whole.parent_path(), failure);
  if (failure) {
    return tl::unexpected(Error::system(failure.value(), "open " + path));
  }
  files.path_ = (directory / whole.filename()).string();
  files.directory_ = open_directory(directory);
  if (files.directory_.get() < 0) {
    return tl::unexpected(Error::system(errno, "open " + directory.string()));
  }
  if (auto checked = check_directory(files.directory_, directory); !checked) {
    return tl::unexpected(checked.error());
  }
  if (auto checked = check_link(files.path_); !checked) {
    return tl::unexpected(checked.error());
  }
  auto lock = lock_file(files.path_ + ".lock");
  if (!lock) return tl::unexpected(lock.error());
  files.lock_ = std::move(*lock);
  return files;
}

void JournalFiles::discard_unfinished() const { remove_with_wal(unfinished()); }

Result<void> JournalFiles::publish(std::uint64_t number) const {
  const std::string file = part(number);
  // Not renameat2(RENAME_NOREPLACE), which not every file system has: with the lock nobody
  // else makes parts.
  if (identity_of(file)) {
    return tl::unexpected(Error::system(EEXIST, "rename " + file));
  }
  if (::rename(unfinished().c_str(), file.c_str()) != 0) {
    return tl::unexpected(Error::system(errno, "rename " + file));
  }
  // A link cannot be changed, only replaced.
  const std::string link = path_ + ".link";
  ::unlink(link.c_str());
  if (::symlink(fs::path(file).filename().c_str(), link.c_str()) != 0 ||
      ::rename(link.c_str(), path_.c_str()) != 0) {
    return tl::unexpected(Error::system(errno, "symlink " + path_));
  }
  if (::fsync(directory_.get()) != 0) {
    return tl::unexpected(Error::system(errno, "fsync " + path_));
  }
  return {};
}

Result<void> JournalFiles::retain(
    std::uint64_t current, std::optional<std::uint64_t> bytes,
    std::optional<std::chrono::seconds> age) const {
  if (!bytes && !age) return {};
  const auto found = parts();
  if (!found) return tl::unexpected(found.error());
  std::vector<OldPart> old;
  std::uint64_t total = 0;
  for (const PartFile& file : *found) {
    const OldPart part = look_at(file.file);
    total += part.bytes;
    if (file.number < current) old.push_back(part);
  }
  const auto now = std::chrono::system_clock::now();
  for (const OldPart& part : old) {
    const bool too_many = bytes && total > *bytes;
    const bool too_old = age && now - part.written > *age;
    if (!too_many && !too_old) break;
    remove_with_wal(part.file);
    if (::access(part.file.c_str(), F_OK) == 0) {
      return tl::unexpected(Error::system(EACCES, "unlink " + part.file));
    }
    total -= part.bytes;
  }
  return {};
}

std::uint64_t part_bytes(const std::string& file) {
  std::uint64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    struct stat status {};
    if (::stat((file + suffix).c_str(), &status) == 0) {
      bytes += static_cast<std::uint64_t>(status.st_size);
    }
  }
  return bytes;
}

std::optional<FileIdentity> identity_of(const std::string& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{static_cast<std::uint64_t>(status.st_dev),
                      static_cast<std::uint64_t>(status.st_ino)};
}

}  // namespace lksctp
