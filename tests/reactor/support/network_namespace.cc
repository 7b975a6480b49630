#include "network_namespace.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace lksctp::test {
namespace {

int current_namespace() {
  return ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

// Who is not root becomes root of a user namespace first.
bool unshare_network() {
  if (::unshare(CLONE_NEWNET) == 0) return true;
  const uid_t user = ::geteuid();
  if (errno != EPERM || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return false;
  }
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  return true;
}

}  // namespace

NetworkNamespace::NetworkNamespace() {
  EXPECT_TRUE(unshare_network()) << std::strerror(errno);
  fd_ = current_namespace();
  EXPECT_GE(fd_, 0) << std::strerror(errno);
  run_command("ip link set lo up");
}

NetworkNamespace::~NetworkNamespace() {
  if (fd_ < 0) return;
  // The kernel's UDP sockets outlive their namespace and turn up in a later one
  // that happens to get the same memory, where the port is then taken.
  inside([] { set_sctp_sysctl("udp_port", 0); });
  ::close(fd_);
}

void NetworkNamespace::inside(const std::function<void()>& work) const {
  const int before = current_namespace();
  ASSERT_EQ(::setns(fd_, CLONE_NEWNET), 0) << std::strerror(errno);
  work();
  ASSERT_EQ(::setns(before, CLONE_NEWNET), 0) << std::strerror(errno);
  ::close(before);
}

std::string NetworkNamespace::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd_);
}

void run_command(const std::string& command) {
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

void set_sctp_sysctl(const std::string& name, int value) {
  std::ofstream file("/proc/sys/net/sctp/" + name);
  file << value << std::flush;
  EXPECT_TRUE(file.good()) << "net.sctp." << name << ": "
                           << std::strerror(errno);
}

}  // namespace lksctp::test
