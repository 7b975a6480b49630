// Flows: what an AF_CONN address stands for.
//
// usrsctp sees a peer as an opaque pointer. Ours is a handle, never
// dereferenced by either side, that names a local UDP socket and a remote IP
// address and UDP port. Handles are a keyed hash of those: a packet's flow is
// known without having remembered its sender, so INITs with forged sources
// leave no trace, and the COOKIE ECHO that follows an INIT finds the same
// handle (usrsctp's cookie covers it).
//
// Threads: loop thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lksctp/decoder/address.h"
#include "lksctp/reactor/types.h"
#include "stack/usrsctp/sctp_packet.h"
#include "stack/usrsctp/udp_socket.h"

namespace lksctp {

struct Flow {
  std::uintptr_t handle = 0;
  std::shared_ptr<UdpSocket> udp;
  Address remote;  // IP address and UDP port
  // The address of ours that the peer talks to, port 0; kNone while unknown.
  Address local;
  std::uint32_t users = 0;  // sockets with an association on it
  bool registered = false;  // usrsctp knows it as a local address too
  // The packet in hand set up an association (usrsctp sent a COOKIE ACK).
  bool new_association = false;
  MonotonicTime last_packet{};
  // INITs sent and not answered yet, to turn ICMP errors into refusals.
  std::vector<PacketPeek> unanswered_inits;
};

class FlowTable {
 public:
  FlowTable();

  [[nodiscard]] std::uintptr_t handle_of(const UdpSocket& udp,
                                         const Address& remote) const;
  [[nodiscard]] Flow* find(std::uintptr_t handle);
  // The flow, made if there is none. Null when its handle belongs to another
  // one: a collision of 64-bit hashes.
  Flow* obtain(UdpSocket& udp, const Address& remote);
  void erase(std::uintptr_t handle);

  [[nodiscard]] std::size_t size() const { return flows_.size(); }

 private:
  std::array<std::uint64_t, 2> key_;
  // Flows keep their addresses while others come and go.
  std::unordered_map<std::uintptr_t, std::unique_ptr<Flow>> flows_;
};

}  // namespace lksctp
