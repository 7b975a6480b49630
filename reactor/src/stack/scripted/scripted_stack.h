// A stack that plays a script: what sockets receive, accept and refuse is laid
// out by the program that tests itself, byte by byte, in any order a real stack
// might choose. Nothing touches a network.
//
// Threads: loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "loop.h"
#include "stack/stack.h"

namespace lksctp {

// One thing a scripted socket has to say, in order.
struct ScriptedPiece {
  Bytes bytes;
  bool notification = false;
  bool end_of_record = true;
  std::optional<ReceiveInfo> info;
};
struct ScriptedError {
  int error_number = 0;
};
struct ScriptedEndOfFile {};

// A message as the reactor handed it over.
struct ScriptedSent {
  Bytes data;
  StreamId stream{};
  Ppid ppid{};
  bool unordered = false;
  std::uint32_t context = 0;
  std::optional<Milliseconds> time_to_live;
  std::optional<std::uint32_t> max_retransmissions;
  bool sack_immediately = false;
  Address destination{};
  bool more = false;  // more was to follow in the turn
};

// Both sides of one scripted socket: the test writes what is received and reads
// what was done. Shared, so that it can be looked at after the socket has gone.
class ScriptedSocketState {
 public:
  using Input = std::variant<ScriptedPiece, ScriptedError, ScriptedEndOfFile>;

  // Each makes the socket readable from the next turn on.
  void receive(Input input);
  void notify(Bytes record) {
    receive(ScriptedPiece{.bytes = std::move(record),
                          .notification = true,
                          .info = std::nullopt});
  }
  // A peer waits to be accepted; the state of its socket-to-be.
  std::shared_ptr<ScriptedSocketState> incoming(const Address& remote);
  // `accept` fails with this until it is set to 0.
  void set_accept_error(int error_number);
  // Room for this many more messages, then EAGAIN; more room makes it writable.
  void set_room(std::size_t messages);

  // What the reactor did.
  std::vector<ScriptedSent> sent;
  bool shutdown_called = false;
  std::optional<std::string> abort_reason;
  bool destroyed = false;
  bool wants_read = true;
  SocketOptions options;
  // What it is told.
  StatusSampled status{.state = AssociationState::kEstablished};
  std::vector<PathInfo> paths;
  std::vector<Address> local;
  std::optional<AssociationStatistics> statistics;  // none: it does not count
  int status_error = 0;                             // `status` fails with it
  int send_error = 0;                      // every `send` fails with it
  std::uint16_t outbound_streams = 65535;  // beyond them: EINVAL

 private:
  friend class ScriptedSocket;
  friend class ScriptedStack;

  struct Waiting {
    Address remote;
    std::shared_ptr<ScriptedSocketState> state;
  };

  void report(bool readable, bool writable);

  std::shared_ptr<LoopTimer> timer_;  // reports readiness from the loop
  std::function<std::shared_ptr<ScriptedSocketState>()> make_;
  StackSocketObserver* observer_ = nullptr;
  bool readable_ = false;
  bool writable_ = false;
  std::deque<Input> input_;
  std::deque<Waiting> waiting_;
  std::optional<std::size_t> room_;
  int accept_error_ = 0;
};

class ScriptedStack final : public Stack {
 public:
  ScriptedStack(Loop& loop, Abi abi, Capabilities capabilities)
      : loop_(loop), abi_(abi), capabilities_(capabilities) {}

  const Capabilities& capabilities() const override { return capabilities_; }
  Abi abi() const override { return abi_; }
  bool sends_without_system_call() const override { return false; }
  std::size_t pieces_per_read() const override { return 16; }
  Result<std::unique_ptr<StackSocket>> listen(
      const StackListen& request, StackSocketObserver& observer) override;
  Result<std::unique_ptr<StackSocket>> connect(
      const StackConnect& request, StackSocketObserver& observer) override;
  void flush() override {}
  std::string advice(int, const StackConnect*) const override { return {}; }

  // Every socket opened by `listen` and `connect`, in order.
  std::vector<std::shared_ptr<ScriptedSocketState>> sockets;
  // What each `connect` was asked for.
  std::vector<StackConnect> connects;
  // The next `connect` or `listen` fails at once with this.
  std::optional<Error> next_error;

 private:
  std::shared_ptr<ScriptedSocketState> make_state();
  Result<std::unique_ptr<StackSocket>> open(StackSocketObserver& observer);

  Loop& loop_;
  Abi abi_;
  Capabilities capabilities_;
};

}  // namespace lksctp
