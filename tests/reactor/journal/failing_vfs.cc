#include "failing_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <new>

namespace lksctp::test {
namespace {

std::atomic<std::int64_t> calls_left = -1;  // below 0: none fails
std::atomic<bool> fails_on = false;
std::atomic<std::uint64_t> failures = 0;

bool fails() {
  if (calls_left < 0) return false;
  const std::int64_t left = --calls_left;
  if (left > 0) return false;
  if (left < 0 && !fails_on) return false;
  if (fails_on) calls_left = 1;
  ++failures;
  return true;
}

struct File : sqlite3_file {
  sqlite3_file* real = nullptr;
};

sqlite3_file* real(sqlite3_file* file) {
  return static_cast<File*>(file)->real;
}

const sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose =
        [](sqlite3_file* file) {
          return real(file)->pMethods->xClose(real(file));
        },
    .xRead =
        [](sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
          return real(file)->pMethods->xRead(real(file), to, size, at);
        },
    .xWrite =
        [](sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
          if (!fails()) {
            return real(file)->pMethods->xWrite(real(file), from, size, at);
          }
          real(file)->pMethods->xWrite(real(file), from, size / 2, at);
          return SQLITE_IOERR_WRITE;
        },
    .xTruncate =
        [](sqlite3_file* file, sqlite3_int64 size) {
          if (fails()) return SQLITE_IOERR_TRUNCATE;
          return real(file)->pMethods->xTruncate(real(file), size);
        },
    .xSync =
        [](sqlite3_file* file, int flags) {
          if (fails()) return SQLITE_IOERR_FSYNC;
          return real(file)->pMethods->xSync(real(file), flags);
        },
    .xFileSize =
        [](sqlite3_file* file, sqlite3_int64* size) {
          return real(file)->pMethods->xFileSize(real(file), size);
        },
    .xLock =
        [](sqlite3_file* file, int kind) {
          return real(file)->pMethods->xLock(real(file), kind);
        },
    .xUnlock =
        [](sqlite3_file* file, int kind) {
          return real(file)->pMethods->xUnlock(real(file), kind);
        },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* result) {
          return real(file)->pMethods->xCheckReservedLock(real(file), result);
        },
    .xFileControl =
        [](sqlite3_file* file, int what, void* argument) {
          return real(file)->pMethods->xFileControl(real(file), what, argument);
        },
    .xSectorSize =
        [](sqlite3_file* file) {
          return real(file)->pMethods->xSectorSize(real(file));
        },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) {
          return real(file)->pMethods->xDeviceCharacteristics(real(file));
        },
    .xShmMap =
        [](sqlite3_file* file, int page, int size, int extend,
           void volatile** to) {
          return real(file)->pMethods->xShmMap(real(file), page, size, extend,
                                               to);
        },
    .xShmLock =
        [](sqlite3_file* file, int offset, int count, int flags) {
          return real(file)->pMethods->xShmLock(real(file), offset, count,
                                                flags);
        },
    .xShmBarrier =
        [](sqlite3_file* file) {
          real(file)->pMethods->xShmBarrier(real(file));
        },
    .xShmUnmap =
        [](sqlite3_file* file, int remove) {
          return real(file)->pMethods->xShmUnmap(real(file), remove);
        },
};

sqlite3_vfs* original = nullptr;

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
              int* flags_out) {
  auto* opened = new (file) File();
  opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
  if ((flags & SQLITE_OPEN_CREATE) != 0 && fails()) return SQLITE_CANTOPEN;
  const int code =
      original->xOpen(original, name, opened->real, flags, flags_out);
  if (opened->real->pMethods != nullptr) opened->pMethods = &kMethods;
  return code;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_directory) {
  if (fails()) return SQLITE_IOERR_DELETE;
  return original->xDelete(original, name, sync_directory);
}

}  // namespace

void install_failing_vfs() {
  static sqlite3_vfs failing = [] {
    original = sqlite3_vfs_find(nullptr);
    sqlite3_vfs vfs = *original;
    vfs.pNext = nullptr;
    vfs.zName = "failing";
    vfs.szOsFile += static_cast<int>(sizeof(File));
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    return vfs;
  }();
  sqlite3_vfs_register(&failing, /*makeDflt=*/1);
}

void fail_call(std::uint64_t n, bool lasting) {
  failures = 0;
  fails_on = lasting;
  calls_left = static_cast<std::int64_t>(n);
}

void stop_failing() { calls_left = -1; }

std::uint64_t failed_calls() { return failures; }

}  // namespace lksctp::test
