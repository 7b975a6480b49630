// SQLite's files with a fault: of the calls that change something, the n-th fails, once or
// from then on. A write that fails has written half.
#pragma once

#include <cstdint>

namespace lksctp::test {

// The default VFS of the process from now on. Any thread.
void install_failing_vfs();
// The n-th call from now, from 1; `lasting`: all behind it too, until `stop_failing`.
void fail_call(std::uint64_t n, bool lasting);
void stop_failing();
// How many calls have failed since `fail_call`.
std::uint64_t failed_calls();

}  // namespace lksctp::test
