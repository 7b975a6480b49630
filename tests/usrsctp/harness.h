// A loop, a usrsctp stack on it, and sockets that record what they are told.
// Real associations through the seam; no sleeps: `run_until` turns the loop
// until a condition holds or a deadline passes.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lksctp/decoder/decode.h"
#include "loop.h"
#include "stack/usrsctp/usrsctp_stack.h"

namespace lksctp::testing {

// A received user message.
struct Message {
  std::string data;
  ReceiveInfo info;
};

// Owns a socket and reads everything at once; writes what is queued.
class Endpoint final : public StackSocketObserver {
 public:
  void attach(std::unique_ptr<StackSocket> socket);
  void on_ready(bool readable, bool writable) override;
  void send(std::string data, StreamId stream = {}, Ppid ppid = {});
  void write();
  void close() { socket_.reset(); }

  // How often a notification of the type with this state was seen.
  [[nodiscard]] int count(AssociationChangeState state) const;
  [[nodiscard]] int count(PeerAddressState state) const;
  [[nodiscard]] bool up() const {
    return count(AssociationChangeState::kCommUp) > 0;
  }
  template <typename T>
  [[nodiscard]] const T* find() const {
    for (const Notification& one : notifications) {
      if (const T* found = std::get_if<T>(&one)) return found;
    }
    return nullptr;
  }
  StackSocket* operator->() const { return socket_.get(); }
  [[nodiscard]] StackSocket* get() const { return socket_.get(); }

  std::vector<Notification> notifications;
  std::vector<Message> messages;
  std::vector<int> errors;
  bool ended = false;
  bool reading = true;
  bool echo = false;
  std::deque<OutgoingMessage> unsent;
  std::deque<std::string> unsent_data;
  std::optional<Milliseconds> time_to_live;
  int send_error = 0;

 private:
  void read();
  std::unique_ptr<StackSocket> socket_;
  std::string partial_;
};

// Accepts every association into an endpoint of its own.
class Listener final : public StackSocketObserver {
 public:
  void on_ready(bool readable, bool writable) override;
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t udp_port() const {
    return socket->udp_port().value();
  }

  std::unique_ptr<StackSocket> socket;
  std::vector<std::unique_ptr<Endpoint>> accepted;
  std::vector<Address> remotes;
  bool echo = false;
  bool accepting = true;
};

class UsrsctpTest : public ::testing::Test {
 protected:
  void SetUp() override { start({}); }
  void TearDown() override;
  void start(UsrsctpStackOptions options);

  // Turns the loop until `condition` or ten seconds have passed; true if it
  // held.
  [[nodiscard]] bool run_until(
      const std::function<bool()>& condition,
      std::chrono::milliseconds limit = std::chrono::seconds(10));

  // Listens on an ephemeral SCTP and UDP port of `ip`.
  std::unique_ptr<Listener> listen(const std::string& ip = "127.0.0.1",
                                   const SocketOptions& options = {});
  StackConnect to(const Listener& listener) const;
  std::unique_ptr<Endpoint> connect(const StackConnect& request);
  // Both ends of an association that is up.
  struct Pair {
    std::unique_ptr<Listener> listener;
    std::unique_ptr<Endpoint> client;
    Endpoint* server = nullptr;
  };
  Pair connected(const std::string& ip = "127.0.0.1",
                 const SocketOptions& options = {});

  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Stack> stack_;
};

// Retransmission quick enough for a test of losing a peer.
SocketOptions impatient();

}  // namespace lksctp::testing
