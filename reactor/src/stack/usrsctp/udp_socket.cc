#include "stack/usrsctp/udp_socket.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "stack/socket_address.h"

namespace lksctp {
namespace {

constexpr int kSocketBuffer = 4 << 20;
constexpr std::size_t kBatch = 64;
constexpr std::size_t kBatchesPerTurn = 1;  // then the loop gets its turn
constexpr std::size_t kMaxDatagram = 65536;
// From one receive buffer to the next. Not a power of two: packets at equal
// offsets would compete for the same few cache lines.
constexpr std::size_t kStride = kMaxDatagram + 5 * 64;
// Beyond it packets are dropped: a full association window of many
// associations, and not so much that it would be late when it leaves.
constexpr std::size_t kQueueLimit = 8 << 20;
// Packets that are sent before the turn ends, to bound memory and latency.
constexpr std::size_t kFlushAt = 256 << 10;

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

union Control {
  cmsghdr align;
  std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
};

template <typename T>
void set_option(int fd, int level, int name, T value) {
  // Best effort: each of them tunes, none is needed.
  [[maybe_unused]] const int result =
      ::setsockopt(fd, level, name, &value, sizeof value);
}

void configure(int fd, const Address& local) {
  // FORCE passes the limit of rmem_max for privileged processes.
  set_option(fd, SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
  set_option(fd, SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
  set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, kSocketBuffer);
  set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, kSocketBuffer);
  // usrsctp does no path MTU discovery here: let IP fragment where a link is
  // narrower than the path MTU option says.
  if (local.family == AddressFamily::kIpv4) {
    set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
    if (local.is_any()) set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
  } else {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
    set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
    if (local.is_any()) set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  }
}

int family_of(const Address& address) {
  return address.family == AddressFamily::kIpv4 ? AF_INET : AF_INET6;
}

Address local_of(msghdr& header) {
  Address address;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr;
       item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      address.family = AddressFamily::kIpv4;
      std::memcpy(address.ip.data(), &info.ipi_addr, sizeof info.ipi_addr);
    } else if (item->cmsg_level == IPPROTO_IPV6 &&
               item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      address.family = AddressFamily::kIpv6;
      std::memcpy(address.ip.data(), &info.ipi6_addr, sizeof info.ipi6_addr);
    }
  }
  return address;
}

void set_source(msghdr& header, Control& control, const Address& source) {
  header.msg_control = &control;
  header.msg_controllen = sizeof control;
  cmsghdr* item = CMSG_FIRSTHDR(&header);
  if (source.family == AddressFamily::kIpv4) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, source.ip.data(), sizeof info.ipi_spec_dst);
    item->cmsg_level = IPPROTO_IP;
    item->cmsg_type = IP_PKTINFO;
    item->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(item), &info, sizeof info);
    header.msg_controllen = CMSG_SPACE(sizeof info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, source.ip.data(), sizeof info.ipi6_addr);
    item->cmsg_level = IPPROTO_IPV6;
    item->cmsg_type = IPV6_PKTINFO;
    item->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(item), &info, sizeof info);
    header.msg_controllen = CMSG_SPACE(sizeof info);
  }
}

// A descriptor that closes itself until it is released.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace

struct UdpSocket::Outgoing {
  Address remote;
  Address source;
  std::size_t offset = 0;
  std::size_t size = 0;
};

// Receive buffers, one set per thread that runs a loop: only one batch is in
// hand at a time. Set up once; what a call changes is put back after it.
struct UdpSocket::Buffers {
  Buffers() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {.iov_base = bytes.get() + i * kStride,
                    .iov_len = kMaxDatagram};
      msghdr& header = headers[i].msg_hdr;
      header.msg_name = &sources[i];
      header.msg_iov = &vectors[i];
      header.msg_iovlen = 1;
      header.msg_control = &controls[i];
      reset(i);
    }
  }
  void reset(std::size_t i) {
    headers[i].msg_hdr.msg_namelen = sizeof sources[i];
    headers[i].msg_hdr.msg_controllen = sizeof controls[i];
  }

  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_storage, kBatch> sources{};
  std::array<Control, kBatch> controls{};
  std::unique_ptr<std::byte[]> bytes{new std::byte[kBatch * kStride]};
};

Result<std::shared_ptr<UdpSocket>> UdpSocket::open(Loop& loop,
                                                   UdpReceiver& receiver,
                                                   const Address& local) {
  Descriptor fd(
      ::socket(family_of(local), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) {
    return tl::unexpected(Error::system(errno, "socket", local));
  }
  configure(fd.get(), local);
  const SocketAddress name = to_socket_address(local);
  if (::bind(fd.get(), &name.generic, name.length) != 0) {
    return tl::unexpected(Error::system(errno, "bind", local));
  }
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &length) !=
      0) {
    return tl::unexpected(Error::system(errno, "getsockname", local));
  }
  const Address bound_address = to_address(bound);
  std::shared_ptr<UdpSocket> socket(
      new UdpSocket(receiver, fd.release(), bound_address));
  auto watch = loop.watch(socket->fd_,
                          [raw = socket.get()](bool readable, bool writable) {
                            raw->on_ready(readable, writable);
                          });
  if (!watch) return tl::unexpected(watch.error());
  socket->watch_ = std::move(*watch);
  socket->watch_->want(true, false);
  return socket;
}

UdpSocket::UdpSocket(UdpReceiver& receiver, int fd, const Address& local)
    : fd_(fd), id_(next_id()), local_(local), receiver_(&receiver) {}

UdpSocket::~UdpSocket() {
  // The ABORT or SHUTDOWN COMPLETE of the last association may wait here.
  flush();
  watch_.reset();
  ::close(fd_);
}

void UdpSocket::detach() { receiver_ = nullptr; }

void UdpSocket::send(const Address& remote, const Address& source,
                     std::span<const std::byte> packet) {
  if (bytes_.size() + packet.size() > kQueueLimit) return;
  entries_.push_back({.remote = remote,
                      .source = local_.is_any() ? source : Address{},
                      .offset = bytes_.size(),
                      .size = packet.size()});
  bytes_.insert(bytes_.end(), packet.begin(), packet.end());
  if (bytes_.size() >= kFlushAt && !blocked_) flush();
}

void UdpSocket::flush() {
  std::array<mmsghdr, kBatch> headers;
  std::array<iovec, kBatch> vectors;
  std::array<Control, kBatch> controls;
  std::array<SocketAddress, kBatch> remotes;
  while (first_ < entries_.size()) {
    const std::size_t count = std::min(kBatch, entries_.size() - first_);
    for (std::size_t i = 0; i < count; ++i) {
      const Outgoing& entry = entries_[first_ + i];
      remotes[i] = to_socket_address(entry.remote);
      vectors[i] = {.iov_base = bytes_.data() + entry.offset,
                    .iov_len = entry.size};
      headers[i] = {};
      headers[i].msg_hdr.msg_name = &remotes[i];
      headers[i].msg_hdr.msg_namelen = remotes[i].length;
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      if (entry.source.family != AddressFamily::kNone) {
        set_source(headers[i].msg_hdr, controls[i], entry.source);
      }
    }
    const int sent = ::sendmmsg(fd_, headers.data(),
                                static_cast<unsigned>(count), MSG_DONTWAIT);
    if (sent > 0) {
      first_ += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EAGAIN || errno == ENOBUFS) {
      if (watch_) watch_->want(true, true);
      blocked_ = true;
      drop_sent();
      return;
    }
    // EINTR is retried. Anything else is either an ICMP error of an earlier
    // packet, cleared by reporting it, or about this packet (no route, refused
    // by a firewall): it is lost, as it would be on the way.
    if (errno == EINTR) continue;
    if (errno == ECONNREFUSED) {
      receive_errors();
    } else {
      ++first_;
    }
  }
  entries_.clear();
  bytes_.clear();
  first_ = 0;
  if (blocked_) {
    blocked_ = false;
    if (watch_) watch_->want(true, false);
  }
}

// Moves what is left to the front, so that the bound counts what waits.
void UdpSocket::drop_sent() {
  if (first_ == 0) return;
  const std::size_t gone = entries_[first_].offset;
  entries_.erase(entries_.begin(),
                 entries_.begin() + static_cast<std::ptrdiff_t>(first_));
  bytes_.erase(bytes_.begin(),
               bytes_.begin() + static_cast<std::ptrdiff_t>(gone));
  for (Outgoing& entry : entries_) entry.offset -= gone;
  first_ = 0;
}

void UdpSocket::on_ready(bool readable, bool writable) {
  const auto self = shared_from_this();  // a callback may drop the last owner
  if (writable) flush();
  if (readable) receive_packets();
  if (receiver_ != nullptr) receiver_->on_udp_batch_end();
}

void UdpSocket::receive_packets() {
  static thread_local Buffers buffers;
  for (std::size_t round = 0; round < kBatchesPerTurn; ++round) {
    const int received =
        ::recvmmsg(fd_, buffers.headers.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (received < 0) {
      if (errno == EINTR) continue;
      // Readable and no packet: the error queue it must be.
      if (errno != EAGAIN || round == 0) receive_errors();
      return;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
      const Address source = to_address(buffers.sources[i]);
      const Address local = local_of(buffers.headers[i].msg_hdr);
      buffers.reset(i);
      if (source.family == AddressFamily::kNone || receiver_ == nullptr) {
        continue;
      }
      receiver_->on_udp_packet(
          *this, source, local,
          {buffers.bytes.get() + i * kStride, buffers.headers[i].msg_len});
    }
    if (static_cast<std::size_t>(received) < kBatch) return;
  }
}

void UdpSocket::receive_errors() {
  for (;;) {
    sockaddr_storage remote{};
    std::array<std::byte, 64> packet;
    alignas(cmsghdr) std::array<char, 512> control;
    iovec vector{.iov_base = packet.data(), .iov_len = packet.size()};
    msghdr header{};
    header.msg_name = &remote;
    header.msg_namelen = sizeof remote;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    if (::recvmsg(fd_, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr;
         item = CMSG_NXTHDR(&header, item)) {
      const bool ipv4 =
          item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR;
      const bool ipv6 =
          item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR;
      if (!ipv4 && !ipv6) continue;
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(item), sizeof error);
      const Address address = to_address(remote);
      if (error.ee_errno == ECONNREFUSED && receiver_ != nullptr &&
          address.family != AddressFamily::kNone) {
        receiver_->on_udp_refused(*this, address);
      }
    }
  }
}

Result<Address> route_source(const Address& remote) {
  const Descriptor fd(
      ::socket(family_of(remote), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) {
    return tl::unexpected(Error::system(errno, "socket", remote));
  }
  const SocketAddress name = to_socket_address(remote);
  sockaddr_storage source{};
  socklen_t length = sizeof source;
  if (::connect(fd.get(), &name.generic, name.length) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&source), &length) !=
          0) {
    return tl::unexpected(Error::system(errno, "connect", remote));
  }
  return to_address(source).with_port(0);
}

}  // namespace lksctp
