// Scenarios on real associations: both peers on one reactor, over the loopback
// interface, or the other peer in a process of its own (`Peer`). On usrsctp
// faults are made between it and its UDP sockets, on the kernel stack with netem,
// in a network namespace of the test's own.
//
// Every scenario asserts event sequences and delivery counts, and is run twice:
// live, and as the replay of what was recorded and of the journal that was written
// meanwhile (checked when the fixture ends).
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal_check.h"
#include "network_namespace.h"
#include "reactor_impl.h"
#include "recorder.h"
#include "stack/usrsctp/usrsctp_stack.h"
#include "stack_under_test.h"

namespace lksctp::test {

using Strings = std::vector<std::string>;

// What one end of an association was told.
struct End {
  std::shared_ptr<Association> association;
  std::vector<std::string> calls;  // every handler but on_message
  std::vector<Message> messages;
  std::size_t message_count = 0;
  std::vector<std::pair<MessageFailed, std::string>> failed;
  std::optional<AssociationClosed> closed;
  bool up = false;
  bool echo = false;  // sends every message back as it came
  bool keep_messages = true;
  std::deque<Message> to_echo;  // did not fit into the send queue

  AssociationHandlers handlers();
  void send_echo(Association& self, Message message);
};

inline Address loopback(std::uint16_t port) {
  return *Address::parse("127.0.0.1", port);
}

class Scenario : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // A listening endpoint; every accepted end goes to `accepted`.
  std::shared_ptr<Endpoint> listen(ListenOptions options = {},
                                   bool echo = false);
  // Connects to a listening endpoint of this process, with encapsulation ports
  // filled in.
  End& connect(const Endpoint& to, ConnectOptions options = {});
  // Connects and waits until both ends are up: `client` and `server`.
  void connect_pair(ConnectOptions connect = {}, ListenOptions listen = {},
                    bool echo = false);

  bool wait(const std::function<bool()>& done) {
    return run_until(*reactor_, done);
  }
  // Lets the packets that are on their way arrive.
  void settle();

  // Sends `count` messages `make(i)`, waiting for room where needed.
  void send_all(End& from, std::size_t count,
                const std::function<Bytes(std::size_t)>& make,
                const SendOptions& options = {});

  Strings kinds(const End& end) const {
    return recorder_->kinds(end.association->id());
  }

  // What the network does, from now on, to every packet in both directions:
  void network_drops_everything();
  void network_drops_packets_to(const std::string& ip);
  void network_loses_and_reorders();
  void network_works();

  // Without a peer's UDP port on the kernel, with it on usrsctp.
  void set_peer(ConnectOptions& options, std::uint16_t sctp_port,
                std::uint16_t udp_port) const;

  // On the kernel stack.
  std::optional<NetworkNamespace> namespace_;

  std::unique_ptr<Reactor> reactor_;
  std::optional<Recorder> recorder_;
  std::optional<JournalCheck> journal_check_;
  std::deque<End> clients_;
  std::deque<End> accepted_;
  End* client = nullptr;  // of `connect_pair`
  End* server = nullptr;
  std::vector<std::shared_ptr<Endpoint>> endpoints_;

 private:
  // On usrsctp; asked for each packet, none passes everything.
  PacketFilter filter_;
};

// Short timers: failures show within a second. Values a LAN deployment would
// use.
SocketOptions fast_failure();
// The same, but for peers that answer late or never: on a busy machine any may.
SocketOptions never_gives_up();

Bytes pattern(std::size_t size, std::size_t seed = 0);

}  // namespace lksctp::test
