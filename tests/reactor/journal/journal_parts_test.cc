// The files of a path: rotation, retention, and who may write where.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "stored_journal.h"

namespace lksctp::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr std::uint64_t kSmall = 64 * 1024;

// Until there are so many parts.
void write_parts(OpenJournal& open, const std::string& path, std::size_t count,
                 int at_once = 50) {
  for (int i = 0; i < 10'000; ++i) {
    const auto parts = list_parts(path);
    if (parts && !parts->empty() && parts->back().number >= count) return;
    open.log.append(at_once, 200);
    open.flush();
  }
  FAIL() << "no part " << count;
}

TEST(JournalParts, RotateBySize) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path, .rotate_bytes = kSmall});
  write_parts(open, path, 4);
  open.close();
  const auto parts = stored_parts(path);
  ASSERT_GE(parts.size(), 4U);
  EXPECT_EQ(open.journal->status().part, parts.back().file);
  EXPECT_EQ(fs::read_symlink(path), fs::path(parts.back().file).filename());
  std::uint64_t next = 1;
  for (const StoredPart& part : parts) {
    EXPECT_EQ(part.meta.journal, open.journal->id());
    EXPECT_TRUE(part.meta.closed.has_value());
    if (next != 1) {
      ASSERT_EQ(part.snapshots.size(), 1U) << part.file;
      EXPECT_EQ(part.snapshots.begin()->first, next - 1);
      EXPECT_TRUE(part.snapshots.begin()->second) << "required";
    }
    for (const StoredEvent& event : part.events) EXPECT_EQ(event.seq, next++);
  }
  EXPECT_EQ(next - 1, open.log.last().value());
  std::uint64_t bytes = 0;
  for (const StoredPart& part : parts) bytes += fs::file_size(part.file);
  EXPECT_EQ(open.journal->status().bytes, bytes);
}

TEST(JournalParts, RotateByAge) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path, .rotate_after = seconds(1)});
  EXPECT_TRUE(wait_until([&] {
    open.log.append(1);
    return open.journal->status().part == path + ".2";
  }));
  open.close();
  EXPECT_EQ(numbers(stored_events(path)), from_to(1, open.log.last().value()));
}

TEST(JournalParts, TheOldestGoWhenAllAreTooLarge) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open(
      {.path = path, .rotate_bytes = kSmall, .retain_bytes = 4 * kSmall});
  write_parts(open, path, 10, /*at_once=*/20);
  open.close();
  const auto parts = stored_parts(path);
  ASSERT_GE(parts.size(), 2U);
  EXPECT_LT(parts.size(), 6U);
  EXPECT_GE(parts.back().meta.part, 10U) << "never used again";
  for (std::size_t i = 1; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].meta.part, parts[i - 1].meta.part + 1);
    EXPECT_EQ(parts[i].events.front().seq, parts[i - 1].events.back().seq + 1);
  }
  EXPECT_EQ(parts.front().snapshots.count(parts.front().events.front().seq - 1),
            1U)
      << "what is deleted is in a snapshot";
}

TEST(JournalParts, OldOnesGoWithTheirWal) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  for (int i = 0; i < 3; ++i) {
    OpenJournal open({.path = path});
    open.log.append(1);
    open.close();
  }
  std::ofstream(path + ".2-wal") << "left by a crash";
  const auto age = [&](const std::string& file) {
    const timespec times[2] = {{0, UTIME_OMIT}, {::time(nullptr) - 1000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  };
  age(path + ".1");
  age(path + ".2");
  OpenJournal open({.path = path, .retain_for = seconds(500)});
  open.close();
  const auto parts = list_parts(path).value();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].number, 3U);
  EXPECT_EQ(parts[1].number, 4U);
  EXPECT_FALSE(fs::exists(path + ".2-wal"));
}

TEST(JournalParts, OneWriterAtATime) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  OpenJournal open({.path = path});
  const auto second = Journal::open({.path = path});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().errno_value, EBUSY);
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())),
            std::string::npos)
      << second.error().message;
  EXPECT_EQ(list_parts(path)->size(), 1U);
  open.close();
  OpenJournal third({.path = path});
  EXPECT_NE(third.journal->id(), open.journal->id());
  EXPECT_EQ(third.journal->status().part, path + ".2");
  third.close();
}

void expect_refused(const std::string& path, int errno_value) {
  const auto opened = Journal::open({.path = path});
  ASSERT_FALSE(opened.has_value()) << path;
  EXPECT_EQ(opened.error().code, ErrorCode::kSystem);
  EXPECT_EQ(opened.error().errno_value, errno_value)
      << opened.error().to_string();
}

TEST(JournalParts, AFileWithThePathIsNotTouched) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  std::ofstream(path) << "mine";
  expect_refused(path, EEXIST);
  EXPECT_EQ(fs::file_size(path), 4U);
  EXPECT_FALSE(fs::exists(path + ".1"));
}

TEST(JournalParts, NoLinkIsFollowed) {
  const TemporaryDirectory directory;
  const std::string victim = directory.file("victim");
  std::ofstream(victim) << "mine";
  const std::string path = directory.file("a.journal");
  fs::create_symlink(victim, path);
  fs::create_symlink(victim, path + ".new");
  fs::create_symlink(victim, path + ".link");
  fs::create_symlink(victim, path + ".1");
  OpenJournal open({.path = path});
  open.log.append(1);
  open.close();
  EXPECT_EQ(fs::file_size(victim), 4U);
  EXPECT_EQ(fs::read_symlink(path), "a.journal.2");

  const std::string other = directory.file("b.journal");
  fs::create_symlink(victim, other + ".lock");
  expect_refused(other, ELOOP);
  EXPECT_EQ(fs::file_size(victim), 4U);
}

TEST(JournalParts, ADirectoryOfOthersIsRefused) {
  const TemporaryDirectory directory;
  const std::string shared = directory.file("shared");
  fs::create_directory(shared);
  for (const mode_t mode : {0777U, 0770U, 0702U}) {
    ASSERT_EQ(::chmod(shared.c_str(), mode), 0);
    expect_refused(shared + "/a.journal", EPERM);
  }
  ASSERT_EQ(::chmod(shared.c_str(), 01777), 0);
  OpenJournal sticky({.path = shared + "/a.journal"});
  sticky.close();
  // A link to a directory is a way there like any other.
  const std::string own = directory.file("own");
  fs::create_directory(own);
  ASSERT_EQ(::chmod(own.c_str(), 0700), 0);
  fs::create_directory_symlink(own, directory.file("way"));
  OpenJournal through({.path = directory.file("way/a.journal")});
  through.log.append(1);
  through.close();
  EXPECT_EQ(stored_events(own + "/a.journal").size(), 1U);
}

TEST(JournalParts, ADirectoryThatCannotBeWrittenIsAnError) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  ASSERT_EQ(::chmod(directory.path().c_str(), 0555), 0);
  // Root may write everywhere: a child is somebody else.
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(3);
    const auto opened = Journal::open({.path = path});
    ::_exit(!opened && opened.error().errno_value == EACCES ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  ASSERT_EQ(::chmod(directory.path().c_str(), 0700), 0);
}

TEST(JournalParts, OnesOfStrangersDoNoHarm) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  ASSERT_EQ(::mkfifo((path + ".3").c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((path + ".3-wal").c_str(), 0600), 0);
  std::ofstream(path + ".01") << "no part has that name";
  std::ofstream(path + ".new") << "left by a crash";
  OpenJournal open({.path = path});
  EXPECT_EQ(open.journal->status().part, path + ".4");
  open.close();
  std::ofstream(path + ".18446744073709551615") << "x";
  expect_refused(path, EOVERFLOW);
}

TEST(JournalParts, WhatIsNoPathIsAnError) {
  for (const char* path : {"", "/", "/tmp/", "/tmp/."}) {
    const auto opened = Journal::open({.path = path});
    ASSERT_FALSE(opened.has_value()) << path;
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument) << path;
  }
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.journal");
  for (const JournalOptions& options :
       {JournalOptions{.path = path, .queue_capacity = 63},
        JournalOptions{.path = path, .rotate_bytes = 1},
        JournalOptions{.path = path, .rotate_after = seconds(0)},
        JournalOptions{.path = path, .retain_for = seconds(0)}}) {
    const auto opened = Journal::open(options);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  }
  std::ofstream(directory.file("file")) << "x";
  expect_refused((directory.file("file")) + "/a.journal", ENOTDIR);
}

}  // namespace
}  // namespace lksctp::test
