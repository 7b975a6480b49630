// The engine under the sockets of the usrsctp stack: packets in and out,
// timers, and telling sockets that they are ready.
//
// usrsctp reports readiness by upcalls at the end of packet input, and not at
// all for what its timers or our own calls queue. So:
//   upcall, own call   -> socket goes on the ready list, nothing more
//   end of UDP batch,
//   timer, later turn  -> the list is drained: observers are called
//   every tick         -> sockets are swept with get_events: those active since
//                         the last tick, and a slice of all others in turn
// Nothing calls usrsctp from inside an upcall or the output callback.
//
// Threads: loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "loop.h"
#include "stack/usrsctp/flow_table.h"
#include "stack/usrsctp/udp_socket.h"
#include "stack/usrsctp/usrsctp_library.h"
#include "stack/usrsctp/usrsctp_stack.h"

namespace lksctp {

class UsrsctpSocket;

// Why packets went no further than here.
struct PacketDrops {
  std::uint64_t malformed = 0;  // no SCTP packet
  std::uint64_t unwanted = 0;   // INIT for a listener on another UDP socket
  std::uint64_t no_flow = 0;    // output for a flow that is gone
};

class UsrsctpEngine final : public UdpReceiver, public UsrsctpOutput {
 public:
  static Result<std::unique_ptr<UsrsctpEngine>> create(
      Loop& loop, UsrsctpStackOptions options);
  // Closes what is open: see `UsrsctpSocket::detach`.
  ~UsrsctpEngine();
  UsrsctpEngine(const UsrsctpEngine&) = delete;
  UsrsctpEngine& operator=(const UsrsctpEngine&) = delete;

  [[nodiscard]] const UsrsctpApi& api() const { return lease_->api(); }

  // UDP sockets, shared by everything bound to the same address and port. An
  // ephemeral port (0) shares one socket per address among clients and is new
  // for every listener.
  enum class UdpUse { kListen, kConnect };
  Result<std::shared_ptr<UdpSocket>> udp_socket(const Address& local,
                                                UdpUse use);

  // Flows with users. `acquire_flow` registers the handle with usrsctp.
  Flow* acquire_flow(UdpSocket& udp, const Address& remote);
  // The flow of an association that usrsctp accepted; null when it is gone.
  Flow* acquire_accepted_flow(std::uintptr_t handle);
  void release_flow(Flow& flow);
  [[nodiscard]] std::size_t flow_count() const { return flows_.size(); }

  // Sockets. Listeners are found by their SCTP port.
  void add(UsrsctpSocket& socket);
  void remove(UsrsctpSocket& socket);
  void add_listener(UsrsctpSocket& socket, std::uint16_t port);
  void remove_listener(std::uint16_t port);

  // Looks at the socket's events before the turn after the current callback
  // ends, and tells its observer.
  void mark_ready(UsrsctpSocket& socket);
  // The socket was used: sweep it at the next tick.
  void mark_active(UsrsctpSocket& socket);
  // Packets may be queued: asks for the turn's end, which flushes.
  void request_flush() { loop_.request_turn_end(); }

  void flush();
  [[nodiscard]] const PacketDrops& drops() const { return drops_; }

  // UdpReceiver, UsrsctpOutput.
  void on_udp_packet(UdpSocket& udp, const Address& source,
                     const Address& local,
                     std::span<const std::byte> packet) override;
  void on_udp_refused(UdpSocket& udp, const Address& remote) override;
  void on_udp_batch_end() override;
  void on_output(std::uintptr_t handle,
                 std::span<const std::byte> packet) override;

 private:
  // Sets a flag for a scope.
  class Scope {
   public:
    explicit Scope(bool& flag)
        : flag_(flag), before_(std::exchange(flag, true)) {}
    ~Scope() { flag_ = before_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    bool& flag_;
    const bool before_;
  };

  // A packet the filter holds back.
  struct Held {
    std::weak_ptr<UdpSocket> udp;
    Address remote;
    Address local;
    std::vector<std::byte> bytes;
  };

  UsrsctpEngine(Loop& loop, UsrsctpStackOptions options);
  void input(UdpSocket& udp, const Address& source, const Address& local,
             std::span<const std::byte> packet);
  void output(UdpSocket& udp, const Address& remote, const Address& local,
              std::span<const std::byte> packet);
  [[nodiscard]] bool wanted(const UdpSocket& udp, const PacketPeek& peek) const;
  void on_new_association(Flow& flow, std::uint16_t destination_port);
  [[nodiscard]] bool backlog_full() const;
  void refuse(std::uintptr_t handle);
  void on_tick();
  void sweep();
  void expire_flows(MonotonicTime now);
  void drain();
  void schedule_drain();
  void start_ticking();

  Loop& loop_;
  const UsrsctpStackOptions options_;
  std::optional<UsrsctpLease> lease_;

  std::vector<std::weak_ptr<UdpSocket>> udp_sockets_;
  // Ephemeral client sockets live as long as the engine: a peer that repeats
  // the last packet of an association still gets its answer.
  std::map<Address, std::shared_ptr<UdpSocket>> client_udp_;
  FlowTable flows_;
  std::vector<std::uintptr_t> unclaimed_;  // accepted flows without a user
  std::vector<std::uintptr_t> refused_;    // flows an ICMP error named
  std::vector<Held> held_in_;
  std::vector<Held> held_out_;
  PacketDrops drops_;

  std::vector<UsrsctpSocket*> sockets_;
  std::map<std::uint16_t, UsrsctpSocket*> listeners_;
  std::vector<UsrsctpSocket*> ready_;     // null where one was removed
  std::vector<UsrsctpSocket*> draining_;  // the list in hand, likewise
  std::vector<UsrsctpSocket*> active_;    // likewise
  std::size_t sweep_next_ = 0;

  std::unique_ptr<LoopTimer> tick_;
  std::unique_ptr<LoopTimer> drain_soon_;
  MonotonicTime last_tick_{};
  MonotonicTime next_expiry_{};
  int idle_ticks_ = 0;
  bool ticking_ = false;
  bool drain_scheduled_ = false;
  bool in_callback_ = false;
};

}  // namespace lksctp
