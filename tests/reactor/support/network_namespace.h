// Network namespaces for tests on kernel SCTP: what one test does to the network
// no other sees, and two of them are two hosts.
#pragma once

#include <functional>
#include <string>

namespace lksctp::test {

// A network namespace of the calling process. Sockets belong to the one their
// thread is in when they are made; so do the commands that are run.
class NetworkNamespace {
 public:
  // Makes a new one with its loopback interface up; the caller is in it from now
  // on. Fails the test when that is not allowed.
  NetworkNamespace();
  ~NetworkNamespace();
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  // Runs `work` inside it.
  void inside(const std::function<void()>& work) const;

  // Where `ip link set … netns` finds it.
  [[nodiscard]] std::string path() const;

 private:
  int fd_ = -1;
};

// Runs a shell command in the current namespace; it must succeed.
void run_command(const std::string& command);

// Sets net.sctp.<name> in the current namespace.
void set_sctp_sysctl(const std::string& name, int value);

}  // namespace lksctp::test
