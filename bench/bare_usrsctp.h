// The least one can write on usrsctp, as the baseline of the reactor's benchmark:
// one association over UDP on loopback, a process per end, the same library,
// packets batched as the reactor batches them, and nothing else: no events, no
// queues, no handlers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lksctp {

// One way, one association.
struct OneWay {
  double messages_per_second = 0;  // 0 when anything failed
  // Processor time per message, both ends: firmer than the rate on a machine
  // that does other things as well.
  double cpu_microseconds = 0;
};

// As a receiver took `count` messages in, from the first to the last.
// REQUIRES: usrsctp has not been used in this process, which forks; no threads.
[[nodiscard]] OneWay measure_bare_usrsctp(std::size_t message_size,
                                          std::uint64_t count);

// Waits for a child's end; the processor time it took, in microseconds.
[[nodiscard]] double wait_for_child(int pid);

}  // namespace lksctp
