// Sockets of the C loops.
#pragma once

#include <netinet/in.h>

#include <cstdint>

#include "kernel/end.h"

namespace lksctp {

// One-to-one, non-blocking, with the buffers asked for. Ends the process when it
// cannot be had, as all of these do.
[[nodiscard]] int open_socket(const Buffers& buffers);
[[nodiscard]] sockaddr_in loopback(std::uint16_t port);

// Listens on loopback, and tells the parent where.
[[nodiscard]] int listen_on_loopback(const EndOrders& orders, int backlog);

// Waits for one socket.
class Readiness {
 public:
  Readiness(int fd, std::uint32_t events);
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;
  ~Readiness();

  void wait();

 private:
  int epoll_;
};

}  // namespace lksctp
