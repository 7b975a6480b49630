// The demo's output: lines that stay, and below them, on a terminal, a block
// that is drawn anew; elsewhere the block is one line now and then.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace demo {

class Screen {
 public:
  Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen() { erase(); }

  // Prints a line for good.
  void line(const std::string& text);
  // Shows what is so now; the first line is the summary.
  void status(std::vector<std::string> lines);
  // Takes the block away until the next `status`.
  void erase();

 private:
  void draw();

  using Clock = std::chrono::steady_clock;
  bool terminal_ = false;
  std::vector<std::string> block_;
  std::size_t drawn_ = 0;
  Clock::time_point last_plain_{};
};

}  // namespace demo
