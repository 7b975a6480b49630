// The least one can write on usrsctp, as the baseline of the reactor's benchmark:
// one association over UDP on loopback, a process per end, the same library,
// packets batched as the reactor batches them, and nothing else: no events, no
// queues, no handlers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lksctp {

// Messages per second that a receiver took in, one way, from the first to the
// last of `count`. 0 when anything failed.
// REQUIRES: usrsctp has not been used in this process, which forks; no threads.
[[nodiscard]] double bare_usrsctp_messages_per_second(std::size_t message_size,
                                                      std::uint64_t count);

}  // namespace lksctp
