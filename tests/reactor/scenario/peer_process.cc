#include "peer_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>

extern char** environ;

namespace lksctp::test {

PeerProcess::PeerProcess(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string program = LKSCTP_SCENARIO_PEER;
  std::vector<std::string> words = arguments;
  std::vector<char*> argv = {program.data()};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  EXPECT_EQ(::posix_spawn(&pid_, program.c_str(), &actions, nullptr,
                          argv.data(), environ),
            0)
      << program;
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  output_ = ends[0];
}

PeerProcess::~PeerProcess() {
  kill(SIGKILL);
  ::close(output_);
}

std::string PeerProcess::line() {
  std::string line;
  char byte = 0;
  while (::read(output_, &byte, 1) == 1 && byte != '\n') line += byte;
  return line;
}

PeerProcess::Ports PeerProcess::listening() {
  const std::string line = this->line();
  unsigned sctp = 0;
  unsigned udp = 0;
  EXPECT_EQ(std::sscanf(line.c_str(), "listening %u %u", &sctp, &udp), 2)
      << line;
  return {static_cast<std::uint16_t>(sctp), static_cast<std::uint16_t>(udp)};
}

void PeerProcess::kill(int signal) {
  if (pid_ < 0) return;
  ::kill(pid_, signal);
  if (signal != SIGKILL) return;
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::uint16_t free_udp_port() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

}  // namespace lksctp::test
