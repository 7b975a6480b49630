// Plain UDP sockets beside the stack: a port that is free, taken or hostile,
// and a relay that can go away and come back.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "lksctp/decoder/address.h"
#include "loop.h"
#include "stack/socket_address.h"

namespace lksctp::testing {

class UdpProbe {
 public:
  explicit UdpProbe(const char* ip, std::uint16_t port = 0) {
    const Address local = Address::parse(ip, port).value();
    const SocketAddress name = to_socket_address(local);
    fd_ = ::socket(name.generic.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_GE(fd_, 0);
    EXPECT_EQ(::bind(fd_, &name.generic, name.length), 0);
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &length),
              0);
    port_ = to_address(bound).port;
  }
  ~UdpProbe() { close(); }
  UdpProbe(const UdpProbe&) = delete;
  UdpProbe& operator=(const UdpProbe&) = delete;

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void send(const Address& to, std::span<const std::byte> bytes) const {
    const SocketAddress name = to_socket_address(to);
    EXPECT_EQ(::sendto(fd_, bytes.data(), bytes.size(), 0, &name.generic,
                       name.length),
              static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

// Passes datagrams between `target` and whoever else sends to its port.
class UdpRelay {
 public:
  UdpRelay(Loop& loop, const Address& target) : loop_(loop), target_(target) {
    open(0);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void close() {
    watch_.reset();
    probe_.reset();
  }
  void reopen() { open(port_); }

 private:
  void open(std::uint16_t port) {
    probe_ = std::make_unique<UdpProbe>("127.0.0.1", port);
    port_ = probe_->port();
    watch_ = loop_.watch(probe_->fd(), [this](bool, bool) { pass(); }).value();
    watch_->want(true, false);
  }
  void pass() {
    std::array<std::byte, 65536> bytes;
    sockaddr_storage source{};
    socklen_t length = sizeof source;
    const ssize_t size =
        ::recvfrom(probe_->fd(), bytes.data(), bytes.size(), MSG_DONTWAIT,
                   reinterpret_cast<sockaddr*>(&source), &length);
    if (size < 0) return;
    const Address from = to_address(source);
    if (from != target_) client_ = from;
    probe_->send(from == target_ ? client_ : target_,
                 std::span(bytes).first(static_cast<std::size_t>(size)));
  }

  Loop& loop_;
  const Address target_;
  Address client_;
  std::uint16_t port_ = 0;
  std::unique_ptr<UdpProbe> probe_;
  std::unique_ptr<FileWatch> watch_;
};

}  // namespace lksctp::testing
