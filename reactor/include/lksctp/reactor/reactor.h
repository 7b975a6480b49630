// The reactor: one loop, its SCTP endpoints and associations, and the event log
// that everything else is a projection of. Start here.
//
//   auto reactor = lksctp::Reactor::create().value();
//   reactor->listen({.local = {...}}, [](auto association) { ... });
//   reactor->run();
//
// One turn of the loop, in this order:
//   1. the stack's input: bytes are read, decoded, numbered, applied to the table;
//      messages go to their handlers, unless something was told before them
//   2. timers of the stack, sampling and time-outs
//   3. functions given to `post`
//   4. subscribers, in the order of the log; then the handlers, association by
//      association: established, messages, failed messages, peer shutdown,
//      writable, closed
//   5. messages queued during the turn go to the stack, its packets to the network
//   6. snapshots that were asked for are published, closed objects are released; the
//      journal gets the events of the turn
// Steps 1 to 3 come in the order libevent finds them. No handler runs inside a
// call into the library; none may throw, nor call `run` or `run_once`. Between associations no order is promised other than
// that of the event log.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lksctp/reactor/association.h"
#include "lksctp/reactor/capabilities.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/event_log.h"
#include "lksctp/reactor/journal.h"
#include "lksctp/reactor/options.h"
#include "lksctp/reactor/snapshot.h"

struct event_base;  // libevent's

namespace spdlog {
class logger;
}

namespace lksctp {

// UDP encapsulation (RFC 6951) ports.
struct UdpEncapsulation {
  // UDP port to receive on. Default on usrsctp: 9899 for a listener, ephemeral
  // for a connection. On the kernel it is the sysctl net.sctp.udp_port.
  std::optional<std::uint16_t> local_port;
  // UDP port of the peer. Default on usrsctp: 9899.
  std::optional<std::uint16_t> remote_port;
};

// Bounds and socket options of the associations of an endpoint.
struct AssociationSettings {
  SocketOptions options;
  // Bytes queued here before `send` says kWouldBlock. Default 1 MiB: a batch of
  // messages of 16 KiB.
  std::size_t send_high_water_mark = 1024 * 1024;
  // Bytes held while paused before the rest waits in the stack. Default 1 MiB.
  // Both marks count 128 bytes for a message beside its own.
  std::size_t receive_high_water_mark = 1024 * 1024;
  // Largest message that is reassembled; a larger one is dropped with a
  // `ReceiveFailed` event (kMessageTooLarge) and the association is aborted.
  // Also what the send buffer grows to for a large message, unless
  // `options.send_buffer` fixes it. Default 1 MiB.
  std::size_t max_message_size = 1024 * 1024;
};

// Names of endpoints and peers are text: bytes that are not UTF-8 are shown, logged and
// kept as U+FFFD.

struct ListenOptions {
  std::string name;            // default `listen:<ip>:<port>`
  std::vector<Address> local;  // at least one; port 0 lets the stack choose
  // Associations not yet accepted; net.core.somaxconn bounds it on the kernel
  // stack.
  int backlog = 511;
  AssociationSettings association;
  UdpEncapsulation udp;
  std::optional<StackChoice> stack;  // default: the reactor's
  // Observers' name of an accepted peer; default its IP address.
  std::function<std::string(const Address& remote)> peer_name;
  // The same for a name that takes time, instead of `peer_name`: `name` is to be called
  // once, now or in a later turn. Until then the association waits, unread, and is none
  // yet: no event, no handler; when the endpoint closes first it is aborted.
  std::function<void(const Address& remote,
                     std::function<void(std::string)> name)>
      peer_name_later;
  // IPv6 addresses take no IPv4 peers (IPV6_V6ONLY, RFC 3493 §5.3); not together with an
  // IPv4 address. Default: `::` takes both.
  bool ipv6_only = false;
};

struct ConnectOptions {
  std::string name = "connect";  // of the endpoint
  std::vector<Address> remote;  // at least one; see `Capabilities::multihoming`
  std::vector<Address> local;   // empty: the stack chooses
  std::string peer_name;        // default `ip:port` of the first remote
  // For the whole attempt. Addresses that are tried in turn get equal shares of
  // what is left. Default 30 s; zero: as long as the stack tries each.
  std::chrono::milliseconds timeout{30000};
  AssociationSettings association;
  UdpEncapsulation udp;
  std::optional<StackChoice> stack;  // default: the reactor's
};

struct ReactorOptions {
  // A libevent base to live on; borrowed, must outlive the reactor, and its
  // dispatching thread becomes the loop thread. Null: the reactor owns one.
  event_base* base = nullptr;
  // That of endpoints and associations which choose none.
  StackChoice stack = StackChoice::kAuto;
  // Diagnostics of the library itself, the warning of StackChoice::kAuto among
  // them. Null: silent.
  std::shared_ptr<spdlog::logger> logger;
  // Status and paths of every association are read once per this period, in
  // slices; zero: only at connect and on path events. Default 5 s.
  std::chrono::milliseconds sample_interval{5000};
  // The series of a peer that came by itself, or that this end has left, end when it
  // has been gone this long. Default 15 min.
  std::chrono::milliseconds forget_peers_after{15 * 60 * 1000};
};

// A listening endpoint. Loop thread only. Shared like `Association`.
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  [[nodiscard]] virtual EndpointId id() const = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;
  // Bound addresses with the port in use.
  [[nodiscard]] virtual const std::vector<Address>& local() const = 0;
  // UDP port it receives encapsulated packets on, if any.
  [[nodiscard]] virtual std::optional<std::uint16_t> udp_port() const = 0;
  // The stack it is on.
  [[nodiscard]] virtual StackKind stack() const = 0;
  // Stops accepting. Associations live on. Safe to call twice.
  virtual void close() = 0;

 protected:
  Endpoint() = default;
};

// One reactor is one loop and one thread: the one that runs the loop. Every
// method is for that thread (and, before the loop first runs, for the creating
// one) unless it says "any thread"; debug builds assert it.
class Reactor {
 public:
  // Gives the handlers of an association just accepted.
  using AcceptHandler =
      std::function<AssociationHandlers(const std::shared_ptr<Association>&)>;

  // Errors: kStackUnavailable, kStackInUse, kSystem (descriptors, memory).
  static Result<std::unique_ptr<Reactor>> create(ReactorOptions options = {});

  // Aborts what is still open, without calling handlers. On the loop thread, or
  // after the loop has ended; not inside a handler.
  virtual ~Reactor() = default;
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Binds and listens. `on_accept` runs at the end of a turn, before anything
  // else about that association is delivered. Errors: kInvalidArgument (no
  // address, mixed ports), kSystem (EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE
  // …), those of `create` when it is the first on its stack. A stack without multihoming binds several addresses one by one: an
  // association uses the one it came in on.
  virtual Result<std::shared_ptr<Endpoint>> listen(ListenOptions options,
                                                   AcceptHandler on_accept) = 0;

  // Starts to connect. What can be known at once is an error here; what the
  // network says arrives as `on_closed` with the `Error`.
  virtual Result<std::shared_ptr<Association>> connect(
      ConnectOptions options, AssociationHandlers handlers) = 0;

  // Declares a peer before it ever connects: its series exist, with `up 0`, and are
  // never forgotten.
  virtual void expect_peer(std::string endpoint_name,
                           std::string peer_name) = 0;

  // Runs the loop until `stop`. Only for an owned base.
  virtual void run() = 0;
  // Runs one turn; waits for something to do at most `wait`. Only for an owned
  // base.
  virtual void run_once(std::chrono::milliseconds wait) = 0;
  // Makes `run` return after the current turn. Any thread. A borrowed base is its
  // owner's to stop.
  virtual void stop() = 0;
  // Runs `task` on the loop thread in a later turn. Any thread; tasks of one
  // thread keep their order. The only method that crosses threads, with `stop`
  // and the snapshot calls.
  virtual void post(std::function<void()> task) = 0;

  // Events at the end of the turn that made them, in order. See
  // EventSubscriptions.
  virtual SubscriptionId subscribe(EventFilter filter,
                                   EventSubscriptions::Handler handler) = 0;
  virtual void unsubscribe(SubscriptionId id) = 0;

  // Every event from now on goes into the journal, with its `raw`; those before it are there
  // as a snapshot of the table. Until the journal is closed or the reactor destroyed, whose
  // last events it gets. `LogRecovered` is its first event when the journal before it on
  // the path was not closed. Errors: kInvalidArgument (the reactor has a journal, or the
  // journal a reactor), kClosed.
  virtual Result<void> attach_journal(std::shared_ptr<Journal> journal) = 0;

  // The live table; the reference is valid as long as the reactor, its contents
  // until control returns to the loop.
  [[nodiscard]] virtual const AssociationTable& table() const = 0;

  // The latest published snapshot, never null: that of the last `request_snapshot`
  // that was answered, before the first an empty one. Nothing else publishes one. Any
  // thread; never waits for the loop.
  [[nodiscard]] virtual SnapshotPtr snapshot() const = 0;
  // Asks for a snapshot with exact traffic totals; `ready` runs on the loop
  // thread at the end of a turn, or never if the reactor goes first. Requests of
  // one turn share one snapshot. Thousands of associations tell their totals in
  // several turns, each at its own moment after the request. Any thread.
  virtual void request_snapshot(std::function<void(SnapshotPtr)> ready) = 0;

  // Of the reactor's own stack.
  [[nodiscard]] virtual const Capabilities& capabilities() const = 0;
  // Of the one that `choice` gets here. Errors: those of `create`.
  [[nodiscard]] virtual Result<Capabilities> capabilities(
      StackChoice choice) = 0;

 protected:
  Reactor() = default;
};

}  // namespace lksctp
