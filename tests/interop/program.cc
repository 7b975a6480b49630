#include "program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

extern char** environ;

namespace lksctp::test {

Program::Program(std::vector<std::string> words) : name_(words.front()) {
  // Into a pipe the C library would write by the block.
  words.insert(words.begin(), {"stdbuf", "-oL"});
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  EXPECT_EQ(::pipe2(in.data(), O_CLOEXEC), 0);
  EXPECT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  EXPECT_EQ(
      ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ),
      0)
      << name_;
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  output_fd_ = out[0];
  ::fcntl(output_fd_, F_SETFL, O_NONBLOCK);
}

Program::~Program() {
  if (!status()) {
    kill(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (testing::Test::HasFailure()) {
    // Its end, which tells what went wrong.
    constexpr std::size_t kShown = 2000;
    const std::string& all = output();
    GTEST_LOG_(INFO) << name_ << " wrote:\n"
                     << (all.size() > kShown ? all.substr(all.size() - kShown)
                                             : all);
  }
  close_input();
  ::close(output_fd_);
}

void Program::write(std::string_view text) const {
  EXPECT_EQ(::write(input_, text.data(), text.size()),
            static_cast<ssize_t>(text.size()))
      << name_ << ": " << std::strerror(errno);
}

void Program::close_input() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

const std::string& Program::output() {
  std::array<char, 65536> piece{};
  ssize_t size = 0;
  while ((size = ::read(output_fd_, piece.data(), piece.size())) > 0) {
    output_.append(piece.data(), static_cast<std::size_t>(size));
  }
  return output_;
}

std::optional<int> Program::status() {
  int raw = 0;
  if (!status_ && ::waitpid(pid_, &raw, WNOHANG) == pid_) {
    status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : -WTERMSIG(raw);
  }
  return status_;
}

void Program::kill(int signal) const { ::kill(pid_, signal); }

bool listens_on(std::uint16_t port) {
  // "ENDPT SOCK STY SST HBKT LPORT …", and a state of 10 for those that listen.
  std::ifstream file("/proc/self/net/sctp/eps");
  file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string endpoint;
    std::string socket;
    int style = 0;
    int state = 0;
    std::string bucket;
    unsigned local_port = 0;
    words >> endpoint >> socket >> style >> state >> bucket >> local_port;
    if (state == 10 && local_port == port) return true;
  }
  return false;
}

}  // namespace lksctp::test
