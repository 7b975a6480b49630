// The other peer in a process of its own, which can be killed: runs the program
// `lksctp_scenario_peer` beside the test and reads what it prints.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lksctp::test {

class PeerProcess {
 public:
  // See scenario_peer.cc for the arguments.
  explicit PeerProcess(const std::vector<std::string>& arguments);
  ~PeerProcess();  // kills it if it still runs
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;

  // The next line it prints; waits for it.
  std::string line();

  struct Ports {
    std::uint16_t sctp = 0;
    std::uint16_t udp = 0;
  };
  // Waits for the line that tells where it listens.
  Ports listening();

  // Sends the signal; waits for the end of the process when it is SIGKILL.
  void kill(int signal);

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

// A UDP port that was free a moment ago.
std::uint16_t free_udp_port();

}  // namespace lksctp::test
