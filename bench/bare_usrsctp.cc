#include "bare_usrsctp.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "stack/usrsctp/usrsctp_library.h"

namespace lksctp {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kPort = 2905;
constexpr std::uintptr_t kHandle = 1;
constexpr std::size_t kBatch = 64;
constexpr std::size_t kPacket = 2048;
constexpr auto kTick = std::chrono::milliseconds(10);
constexpr auto kLimit = std::chrono::seconds(120);

// One UDP socket and the usrsctp sockets on it.
class Process final : public UsrsctpOutput {
 public:
  Process() {
    const int buffer = 4 << 20;
    fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&local), sizeof local);
    auto lease = UsrsctpLease::acquire(*this);
    if (!lease) std::_Exit(1);
    lease_.emplace(std::move(*lease));
    api().register_address(reinterpret_cast<void*>(kHandle));
    out_.resize(kBatch * kPacket);
    in_.resize(kBatch * kPacket);
  }

  const UsrsctpApi& api() const { return lease_->api(); }

  std::uint16_t udp_port() const {
    sockaddr_in local{};
    socklen_t length = sizeof local;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&local), &length);
    return ntohs(local.sin_port);
  }
  void set_peer(std::uint16_t port) {
    peer_.sin_family = AF_INET;
    peer_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer_.sin_port = htons(port);
  }

  UsrsctpHandle* socket() {
    UsrsctpHandle* one = api().socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP,
                                      nullptr, nullptr, 0, nullptr);
    const int on = 1;
    api().setsockopt(one, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof on);
    sctp_paddrparams path{};
    path.spp_address.ss_family = AF_CONN;
    path.spp_flags = SPP_PMTUD_DISABLE;
    path.spp_pathmtu = 1460;
    api().setsockopt(one, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &path,
                     sizeof path);
    api().set_non_blocking(one, 1);
    return one;
  }

  void on_output(std::uintptr_t, std::span<const std::byte> packet) override {
    std::memcpy(out_.data() + queued_ * kPacket, packet.data(), packet.size());
    sizes_[queued_++] = packet.size();
    if (queued_ == kBatch) flush();
  }

  void flush() {
    std::array<mmsghdr, kBatch> headers{};
    std::array<iovec, kBatch> vectors{};
    for (std::size_t i = 0; i < queued_; ++i) {
      vectors[i] = {out_.data() + i * kPacket, sizes_[i]};
      headers[i].msg_hdr.msg_name = &peer_;
      headers[i].msg_hdr.msg_namelen = sizeof peer_;
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    std::size_t sent = 0;
    while (sent < queued_) {
      const int done = ::sendmmsg(fd_, headers.data() + sent,
                                  static_cast<unsigned>(queued_ - sent), 0);
      if (done <= 0) break;  // full: lost, and sent again by SCTP
      sent += static_cast<std::size_t>(done);
    }
    queued_ = 0;
  }

  // Waits for packets no longer than a tick, and hands them and the time over.
  void turn() {
    flush();
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, static_cast<int>(kTick.count()));
    std::array<mmsghdr, kBatch> headers{};
    std::array<iovec, kBatch> vectors{};
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {in_.data() + i * kPacket, kPacket};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &peer_;
      headers[i].msg_hdr.msg_namelen = sizeof peer_;
    }
    const int received =
        ::recvmmsg(fd_, headers.data(), kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < received; ++i) {
      const auto at = static_cast<std::size_t>(i);
      api().conninput(reinterpret_cast<void*>(kHandle),
                      in_.data() + at * kPacket, headers[at].msg_len, 0);
    }
    const auto elapsed = Clock::now() - last_tick_;
    if (elapsed >= kTick) {
      last_tick_ += elapsed;
      api().handle_timers(static_cast<std::uint32_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(elapsed)
              .count()));
    }
    if (Clock::now() - begin_ > kLimit) std::_Exit(1);
  }

 private:
  std::optional<UsrsctpLease> lease_;
  int fd_ = -1;
  sockaddr_in peer_{};
  std::vector<std::byte> out_;
  std::array<std::size_t, kBatch> sizes_{};
  std::size_t queued_ = 0;
  std::vector<std::byte> in_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point last_tick_ = begin_;
};

sockaddr_conn address(std::uintptr_t handle) {
  sockaddr_conn result{};
  result.sconn_family = AF_CONN;
  result.sconn_port = htons(kPort);
  result.sconn_addr = reinterpret_cast<void*>(handle);
  return result;
}

[[noreturn]] void run_receiver(int report, std::uint64_t count) {
  Process process;
  UsrsctpHandle* listener = process.socket();
  sockaddr_conn local = address(0);
  process.api().bind(listener, reinterpret_cast<sockaddr*>(&local),
                     sizeof local);
  process.api().listen(listener, 1);
  const std::uint16_t port = process.udp_port();
  if (::write(report, &port, sizeof port) != sizeof port) std::_Exit(1);

  UsrsctpHandle* peer = nullptr;
  while (peer == nullptr) {
    process.turn();
    peer = process.api().accept(listener, nullptr, nullptr);
  }
  std::vector<std::byte> buffer(1 << 16);
  std::uint64_t received = 0;
  Clock::time_point first;
  process.api().set_non_blocking(peer, 1);
  for (;;) {
    sctp_rcvinfo info{};
    socklen_t info_length = sizeof info;
    unsigned info_type = 0;
    int flags = 0;
    const ssize_t size =
        process.api().recvv(peer, buffer.data(), buffer.size(), nullptr,
                            nullptr, &info, &info_length, &info_type, &flags);
    if (size < 0 && errno == EAGAIN) {
      process.turn();
      continue;
    }
    if (size <= 0) std::_Exit(1);
    if ((flags & MSG_EOR) == 0) continue;
    if (received++ == 0) first = Clock::now();
    if (received == count) break;
  }
  const std::chrono::duration<double> seconds = Clock::now() - first;
  const double rate = static_cast<double>(count - 1) / seconds.count();
  if (::write(report, &rate, sizeof rate) != sizeof rate) std::_Exit(1);
  std::_Exit(0);
}

[[noreturn]] void run_sender(std::uint16_t port, std::size_t size,
                             std::uint64_t count) {
  Process process;
  process.set_peer(port);
  UsrsctpHandle* socket = process.socket();
  sockaddr_conn remote = address(kHandle);
  process.api().connect(socket, reinterpret_cast<sockaddr*>(&remote),
                        sizeof remote);
  const std::vector<std::byte> message(size, std::byte{0x5a});
  sctp_sndinfo info{};
  for (std::uint64_t sent = 0; sent < count;) {
    if (process.api().sendv(socket, message.data(), size, nullptr, 0, &info,
                            sizeof info, SCTP_SENDV_SNDINFO, 0) >= 0) {
      ++sent;
    } else if (errno == EAGAIN) {
      process.turn();
    } else {
      std::_Exit(1);
    }
  }
  for (;;) process.turn();  // until the parent ends it
}

}  // namespace

double wait_for_child(int pid) {
  rusage used{};
  if (::wait4(pid, nullptr, 0, &used) != pid) return 0;
  const auto microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 +
           static_cast<double>(time.tv_usec);
  };
  return microseconds(used.ru_utime) + microseconds(used.ru_stime);
}

OneWay measure_bare_usrsctp(std::size_t message_size, std::uint64_t count) {
  std::array<int, 2> report{};
  if (count < 2 || ::pipe(report.data()) != 0) return {};
  OneWay result;
  const pid_t receiver = ::fork();
  if (receiver == 0) {
    ::close(report[0]);
    run_receiver(report[1], count);
  }
  ::close(report[1]);
  double cpu = 0;
  std::uint16_t port = 0;
  if (receiver > 0 && ::read(report[0], &port, sizeof port) == sizeof port) {
    const pid_t sender = ::fork();
    if (sender == 0) run_sender(port, message_size, count);
    if (sender > 0) {
      double& rate = result.messages_per_second;
      if (::read(report[0], &rate, sizeof rate) != sizeof rate) rate = 0;
      ::kill(sender, SIGTERM);
      cpu += wait_for_child(sender);
    }
  }
  if (receiver > 0) cpu += wait_for_child(receiver);
  ::close(report[0]);
  result.cpu_microseconds = cpu / static_cast<double>(count);
  return result;
}

}  // namespace lksctp
