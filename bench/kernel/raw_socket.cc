#include "kernel/raw_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace lksctp {
namespace {

void set_option(int fd, int level, int name, int value) {
  if (::setsockopt(fd, level, name, &value, sizeof value) != 0) {
    fail("setsockopt");
  }
}

// Beyond net.core.{w,r}mem_max where the process may.
void set_buffer(int fd, int beyond, int name, std::uint32_t bytes) {
  if (bytes == 0) return;
  const int value = static_cast<int>(bytes);
  if (::setsockopt(fd, SOL_SOCKET, beyond, &value, sizeof value) != 0) {
    set_option(fd, SOL_SOCKET, name, value);
  }
}

}  // namespace

int open_socket(const Buffers& buffers) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_SCTP);
  if (fd < 0) fail("socket");
  set_option(fd, IPPROTO_SCTP, SCTP_NODELAY, 1);
  set_option(fd, IPPROTO_SCTP, SCTP_RECVRCVINFO, 1);
  set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, buffers.send);
  set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, buffers.receive);
  return fd;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listen_on_loopback(const EndOrders& orders, int backlog) {
  const int fd = open_socket(orders.buffers);
  sockaddr_in local = loopback(0);
  socklen_t length = sizeof local;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&local), length) != 0 ||
      ::listen(fd, backlog) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &length) != 0) {
    fail("listen");
  }
  write_port(orders.report, ntohs(local.sin_port));
  return fd;
}

Readiness::Readiness(int fd, std::uint32_t events)
    : epoll_(::epoll_create1(0)) {
  epoll_event event{.events = events, .data = {}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

Readiness::~Readiness() { ::close(epoll_); }

void Readiness::wait() {
  epoll_event event{};
  if (::epoll_wait(epoll_, &event, 1, -1) < 0 && errno != EINTR) {
    fail("epoll_wait");
  }
}

}  // namespace lksctp
