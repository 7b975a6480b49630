#include "screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace demo {
namespace {

constexpr std::chrono::seconds kPlainInterval{2};

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return 80;
  }
  return size.ws_col;
}

}  // namespace

Screen::Screen() {
  const char* term = std::getenv("TERM");
  terminal_ = ::isatty(STDOUT_FILENO) == 1 && term != nullptr &&
              std::string_view(term) != "dumb";
}

void Screen::line(const std::string& text) {
  const bool again = drawn_ > 0;
  erase();
  std::printf("%s\n", text.c_str());
  if (again) draw();
  std::fflush(stdout);
}

void Screen::status(std::vector<std::string> lines) {
  block_ = std::move(lines);
  if (terminal_) {
    erase();
    draw();
    std::fflush(stdout);
    return;
  }
  const auto now = Clock::now();
  if (block_.empty() || now - last_plain_ < kPlainInterval) return;
  last_plain_ = now;
  std::printf("%s\n", block_.front().c_str());
  std::fflush(stdout);
}

void Screen::erase() {
  if (drawn_ == 0) return;
  std::printf("\x1b[%zuA\x1b[J", drawn_);
  drawn_ = 0;
}

void Screen::draw() {
  // A line that wraps would be taken away only in part.
  const std::size_t width = terminal_width();
  for (const std::string& line : block_) {
    std::printf("\x1b[36m%s\x1b[0m\n", line.substr(0, width - 1).c_str());
  }
  drawn_ = block_.size();
}

}  // namespace demo
