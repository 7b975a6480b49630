// A UDP socket that carries encapsulated SCTP packets (RFC 6951): nonblocking,
// batched both ways, on the loop.
//
// Sending queues; `flush` puts the queue on the wire with sendmmsg. What the
// kernel does not take waits for writability, within a bound, and is dropped
// beyond it as a network would: SCTP repairs loss.
//
// Threads: loop thread only. Re-entry: the receiver may release the socket from
// a callback.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lksctp/decoder/address.h"
#include "lksctp/reactor/error.h"
#include "loop.h"

namespace lksctp {

class UdpSocket;

// Called from the loop.
class UdpReceiver {
 public:
  // `source` is the sender; `local` the address it was sent to, family kNone
  // when the socket is bound to a single address.
  virtual void on_udp_packet(UdpSocket& socket, const Address& source,
                             const Address& local,
                             std::span<const std::byte> packet) = 0;
  // ICMP said that nobody listens on this remote UDP port. May come from inside
  // `send` and `flush`, so also from inside calls into usrsctp: only note it.
  virtual void on_udp_refused(UdpSocket& socket, const Address& remote) = 0;
  // The packets that were there have been handed over.
  virtual void on_udp_batch_end() = 0;

 protected:
  ~UdpReceiver() = default;
};

class UdpSocket : public std::enable_shared_from_this<UdpSocket> {
 public:
  // Binds to `local`, whose port is a UDP port (0 = ephemeral). An IPv6 socket
  // is IPv6 only. Errors: kSystem with the errno of socket or bind.
  static Result<std::shared_ptr<UdpSocket>> open(Loop& loop,
                                                 UdpReceiver& receiver,
                                                 const Address& local);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  // The bound address, with the UDP port.
  [[nodiscard]] const Address& local() const { return local_; }
  // Tells sockets of one stack apart; never reused within it.
  [[nodiscard]] std::uint64_t id() const { return id_; }

  // Copies a packet into the queue. `source` chooses the address it is sent
  // from on a socket bound to the wildcard; family kNone leaves it to routing.
  void send(const Address& remote, const Address& source,
            std::span<const std::byte> packet);
  void flush();

  // Stops calling the receiver; queued packets can still be flushed.
  void detach();

 private:
  struct Outgoing;
  struct Buffers;

  UdpSocket(UdpReceiver& receiver, int fd, const Address& local);
  void drop_sent();
  void on_ready(bool readable, bool writable);
  void receive_packets();
  void receive_errors();

  const int fd_;
  const std::uint64_t id_;
  const Address local_;
  UdpReceiver* receiver_;  // null when detached
  std::unique_ptr<FileWatch> watch_;

  // The queue: packets back to back in `bytes_`, from entry `first_` on.
  std::vector<Outgoing> entries_;
  std::size_t first_ = 0;
  std::vector<std::byte> bytes_;
  bool blocked_ = false;  // waiting for writability
};

// The address a packet to `remote` would leave from, with port 0. Errors:
// kSystem (ENETUNREACH, EHOSTUNREACH …) when there is no route.
[[nodiscard]] Result<Address> route_source(const Address& remote);

}  // namespace lksctp
