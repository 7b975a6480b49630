// A program of somebody else's, run beside the test in its network namespace.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lksctp::test {

class Program {
 public:
  // Starts `words[0]`, found in PATH, with its output in lines.
  explicit Program(std::vector<std::string> words);
  ~Program();  // kills it if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Its standard input.
  void write(std::string_view text) const;
  void close_input();

  // What it has written to standard output and standard error so far.
  const std::string& output();
  bool printed(std::string_view text) {
    return output().find(text) != std::string::npos;
  }

  // How it has ended: its exit status, or the negative number of a signal.
  std::optional<int> status();

  void kill(int signal) const;

 private:
  std::string name_;
  pid_t pid_ = -1;
  int input_ = -1;
  int output_fd_ = -1;
  std::string output_;
  std::optional<int> status_;
};

// Whether a kernel socket of this network namespace listens on the SCTP port.
bool listens_on(std::uint16_t port);

}  // namespace lksctp::test
