// The ends as plain C loops: what a careful programmer gets out of the kernel, and
// nothing else: no events, no queues, no handlers.
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "kernel/end.h"
#include "kernel/raw_socket.h"

namespace lksctp {
namespace {

constexpr std::size_t kBatch = 64;
// Receive buffers beyond what a cache holds only make it slower.
constexpr std::size_t kReceiveBytes = 256 * 1024;

int accept_one(const EndOrders& orders) {
  const int listener = listen_on_loopback(orders, 1);
  Readiness(listener, EPOLLIN).wait();
  const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
  if (fd < 0) fail("accept4");
  ::close(listener);
  return fd;
}

int connect_one(const EndOrders& orders) {
  const int fd = open_socket(orders.buffers);
  const sockaddr_in remote = loopback(orders.port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&remote),
                sizeof remote) != 0) {
    if (errno != EINPROGRESS) fail("connect");
    Readiness(fd, EPOLLOUT).wait();
  }
  return fd;
}

// Messages to send: the same bytes again and again, and attributes set up once.
class Outgoing {
 public:
  explicit Outgoing(std::size_t size) : payload_(size, std::byte{0x5a}) {
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(sizeof(sctp_sndinfo));
    header.cmsg_level = IPPROTO_SCTP;
    header.cmsg_type = SCTP_SNDINFO;
    std::memcpy(control_.data(), &header, sizeof header);
    vector_ = {.iov_base = payload_.data(), .iov_len = size};
    for (mmsghdr& one : headers_) {
      one.msg_hdr.msg_iov = &vector_;
      one.msg_hdr.msg_iovlen = 1;
      one.msg_hdr.msg_control = control_.data();
      one.msg_hdr.msg_controllen = control_.size();
    }
  }

  // Each returns how many the kernel took; 0: there is no room.
  std::size_t send_one(int fd) {
    if (::sendmsg(fd, &headers_[0].msg_hdr, MSG_NOSIGNAL) >= 0) return 1;
    if (errno != EAGAIN) fail("sendmsg");
    return 0;
  }
  std::size_t send_more(int fd, std::size_t count) {
    const int taken =
        ::sendmmsg(fd, headers_.data(), static_cast<unsigned>(count),
                   MSG_NOSIGNAL | MSG_MORE);
    if (taken >= 0) return static_cast<std::size_t>(taken);
    if (errno != EAGAIN) fail("sendmmsg");
    return 0;
  }

 private:
  std::vector<std::byte> payload_;
  iovec vector_{};
  alignas(cmsghdr)
      std::array<std::byte, CMSG_SPACE(sizeof(sctp_sndinfo))> control_{};
  std::array<mmsghdr, kBatch> headers_{};
};

// Counts whole messages, which the kernel may give in pieces.
class Incoming {
 public:
  Incoming(Meter& meter, std::size_t size, std::size_t batch)
      : meter_(meter),
        size_(size),
        batch_(batch),
        memory_(batch * size),
        vectors_(batch),
        headers_(batch),
        control_(batch) {
    for (std::size_t i = 0; i < batch; ++i) {
      vectors_[i] = {.iov_base = &memory_[i * size], .iov_len = size};
      headers_[i].msg_hdr.msg_iov = &vectors_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
      headers_[i].msg_hdr.msg_control = control_[i].bytes.data();
      headers_[i].msg_hdr.msg_controllen = sizeof control_[i].bytes;
    }
  }

  // One recvmsg. False: nothing more is there now.
  bool receive_one(int fd) {
    const ssize_t size = ::recvmsg(fd, &headers_[0].msg_hdr, 0);
    if (size < 0) return nothing_there("recvmsg");
    take(0, static_cast<std::size_t>(size));
    return true;
  }
  // One recvmmsg.
  bool receive_many(int fd) {
    const int got = ::recvmmsg(fd, headers_.data(),
                               static_cast<unsigned>(batch_), 0, nullptr);
    if (got < 0) return nothing_there("recvmmsg");
    const auto filled = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < filled && !ended_; ++i) {
      take(i, headers_[i].msg_len);
    }
    return filled == batch_;
  }

  [[nodiscard]] bool ended() const { return ended_; }
  // Whole messages so far.
  [[nodiscard]] std::uint64_t messages() const { return messages_; }

 private:
  struct alignas(cmsghdr) Control {
    std::array<std::byte, CMSG_SPACE(sizeof(sctp_rcvinfo))> bytes;
  };

  static bool nothing_there(const char* operation) {
    if (errno != EAGAIN && errno != EINTR) fail(operation);
    return false;
  }

  void take(std::size_t i, std::size_t size) {
    if (size == 0) {
      ended_ = true;  // no message is empty
      return;
    }
    msghdr& header = headers_[i].msg_hdr;
    sctp_rcvinfo info{};
    std::memcpy(&info, control_[i].bytes.data() + CMSG_LEN(0), sizeof info);
    header.msg_controllen = sizeof control_[i].bytes;
    pieces_ += size;
    if ((header.msg_flags & MSG_EOR) == 0) return;
    if (pieces_ != size_ ||
        info.rcv_ssn != static_cast<std::uint16_t>(messages_)) {
      meter_.bad();
    }
    pieces_ = 0;
    ++messages_;
    meter_.count();
  }

  Meter& meter_;
  std::size_t size_;
  std::size_t batch_;
  std::vector<std::byte> memory_;
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> headers_;
  std::vector<Control> control_;
  std::size_t pieces_ = 0;
  std::uint64_t messages_ = 0;
  bool ended_ = false;
};

// Everything sent arrives before this returns.
void shut_down(int fd) {
  const linger wait{.l_onoff = 1, .l_linger = 10};
  if (::setsockopt(fd, SOL_SOCKET, SO_LINGER, &wait, sizeof wait) != 0) {
    fail("setsockopt");
  }
  ::close(fd);
}

void send_plain(int fd, Meter& meter, Outgoing& messages,
                Readiness& readiness) {
  while (!meter.over()) {
    if (messages.send_one(fd) != 0) {
      meter.count();
    } else {
      readiness.wait();
    }
  }
}

// Batches of 64: 63 with MSG_MORE, which the kernel holds until a packet is full,
// and one without that lets them go. A batch that did not fit is ended so, too:
// held messages with nothing behind them would wait for ever.
void send_batched(int fd, Meter& meter, Outgoing& messages,
                  Readiness& readiness) {
  while (!meter.over()) {
    const auto batch = std::min<std::uint64_t>(kBatch, meter.left());
    if (batch > 1) {
      meter.count(messages.send_more(fd, static_cast<std::size_t>(batch - 1)));
    }
    while (messages.send_one(fd) == 0) readiness.wait();
    meter.count();
  }
}

void run_source(const EndOrders& orders, Meter& meter) {
  const int fd = connect_one(orders);
  Outgoing messages(orders.size);
  Readiness readiness(fd, EPOLLOUT);
  if (orders.program == Program::kRawBatched) {
    send_batched(fd, meter, messages, readiness);
  } else {
    send_plain(fd, meter, messages, readiness);
  }
  shut_down(fd);
}

void run_sink(const EndOrders& orders, Meter& meter) {
  const int fd = accept_one(orders);
  const bool batched = orders.program == Program::kRawBatched;
  Incoming messages(
      meter, orders.size,
      batched ? std::clamp<std::size_t>(kReceiveBytes / orders.size, 1, kBatch)
              : 1);
  Readiness readiness(fd, EPOLLIN);
  while (!messages.ended()) {
    const bool more =
        batched ? messages.receive_many(fd) : messages.receive_one(fd);
    if (!more) readiness.wait();
  }
}

void run_ping(const EndOrders& orders, Meter& meter) {
  const int fd = connect_one(orders);
  Outgoing question(orders.size);
  Incoming answer(meter, orders.size, 1);
  Readiness readiness(fd, EPOLLIN);
  while (!meter.over() && !answer.ended()) {
    const std::uint64_t before = answer.messages();
    if (question.send_one(fd) == 0) fail("sendmsg");  // one is always room for
    while (answer.messages() == before && !answer.ended()) {
      readiness.wait();
      answer.receive_one(fd);
    }
  }
  shut_down(fd);
}

void run_echo(const EndOrders& orders, Meter& meter) {
  const int fd = accept_one(orders);
  Outgoing answer(orders.size);
  Incoming question(meter, orders.size, 1);
  Readiness readiness(fd, EPOLLIN);
  for (;;) {
    const std::uint64_t before = question.messages();
    readiness.wait();
    question.receive_one(fd);
    if (question.ended()) return;
    if (question.messages() != before && answer.send_one(fd) == 0) {
      fail("sendmsg");
    }
  }
}

}  // namespace

void run_raw_end(const EndOrders& orders) {
  Meter meter(orders);
  switch (orders.role) {
    case Role::kSink:
      run_sink(orders, meter);
      break;
    case Role::kEcho:
      run_echo(orders, meter);
      break;
    case Role::kSource:
      run_source(orders, meter);
      break;
    case Role::kPing:
      run_ping(orders, meter);
      break;
    case Role::kAccept:
    case Role::kConnect:
      break;  // many_ends.cc
  }
  meter.finish();
  meter.write_report();
  std::_Exit(0);
}

}  // namespace lksctp
