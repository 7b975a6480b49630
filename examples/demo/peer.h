// The answering half of the demo, in a process of its own.
#pragma once

#include <lksctp/reactor/reactor.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace demo {

// Settings both halves use, so that a dead path is noticed in about a second
// instead of the minutes of the defaults.
lksctp::AssociationSettings impatient_settings();

// Where the peer is to be reached.
struct PeerAddress {
  std::uint16_t port = 0;      // SCTP port
  std::uint16_t udp_port = 0;  // of encapsulation; 0: none
};

// Runs the peer until SIGTERM: listens on 127.0.0.1 (ports of 0 are chosen),
// tells the address on `report_fd`, answers every M3UA message. Returns the
// process's exit status.
int run_peer(PeerAddress wanted, lksctp::StackChoice stack, int report_fd);

// The process that runs it, as its parent sees it.
class PeerProcess {
 public:
  // Where the peer finds the pipe to report on.
  static constexpr int kReportFd = 3;

  explicit PeerProcess(std::string stack) : stack_(std::move(stack)) {}
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;
  ~PeerProcess();  // kills

  // Starts this program once more as the peer and waits until it listens. The
  // second start takes the ports of the first. False, with words on stderr,
  // when it could not.
  bool start();
  // Makes the peer silent without closing anything, as a cut cable would.
  void freeze();
  void thaw();
  // As a crash would: no ABORT, no goodbye.
  void kill();
  // Asks it to end by itself; kills it when it does not within 2 s.
  void end();

  [[nodiscard]] const PeerAddress& address() const { return address_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  std::string stack_;
  PeerAddress address_;
  pid_t pid_ = -1;
};

}  // namespace demo
