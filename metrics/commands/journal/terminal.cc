#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace lksctp::journal_command {
namespace {

bool is_terminal() {
  static const bool terminal = ::isatty(STDOUT_FILENO) != 0;
  return terminal;
}

bool has_colours() {
  static const bool colours = [] {
    const char* const no_colour = std::getenv("NO_COLOR");
    const char* const kind = std::getenv("TERM");
    return is_terminal() && (no_colour == nullptr || *no_colour == '\0') &&
           (kind == nullptr || std::string_view(kind) != "dumb");
  }();
  return colours;
}

// 0: as long as it likes.
std::size_t width() {
  if (!is_terminal()) return 0;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Characters, each taken for one column.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !continues(c); }));
}

// At most so many columns, an ellipsis for what is left out.
std::string cut(std::string_view text, std::size_t most) {
  if (most == 0 || columns(text) <= most) return std::string(text);
  std::size_t bytes = 0;
  for (std::size_t seen = 0; bytes < text.size(); ++bytes) {
    if (continues(text[bytes])) continue;
    if (++seen == most) break;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

// Bytes of the character of UTF-8 that `text` begins with; 0: it is none.
std::size_t character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xc2 ? 0
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                           : lead < 0xf5 ? 4
                                         : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(text[i])) return 0;
  }
  return size;
}

bool is_control(std::string_view one) {
  const auto lead = static_cast<unsigned char>(one[0]);
  if (lead < 0x20 || lead == 0x7f) return true;
  // U+0080 to U+009F.
  return lead == 0xc2 && static_cast<unsigned char>(one[1]) < 0xa0;
}

long milliseconds_now() {
  return static_cast<long>(
      std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character(text);
    if (size == 0 || is_control(text.substr(0, size))) {
      safe += '?';
    } else {
      safe += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return safe;
}

std::string in_colour(std::string_view text, Colour colour) {
  if (colour == Colour::kPlain || !has_colours()) return std::string(text);
  const char* begin = "";
  switch (colour) {
    case Colour::kDim:
      begin = "\x1b[2m";
      break;
    case Colour::kBold:
      begin = "\x1b[1m";
      break;
    case Colour::kGreen:
      begin = "\x1b[32m";
      break;
    case Colour::kYellow:
      begin = "\x1b[33m";
      break;
    case Colour::kRed:
      begin = "\x1b[31m";
      break;
    case Colour::kPlain:
      break;
  }
  return begin + std::string(text) + "\x1b[0m";
}

void print_line(std::string_view line, Colour colour) {
  std::puts(in_colour(cut(line, width()), colour).c_str());
}

TextTable::TextTable(std::vector<std::string> head) {
  rows_.push_back({std::move(head), Colour::kBold, false});
}

void TextTable::add(std::vector<std::string> cells, Colour colour) {
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back({std::move(cells), colour, false});
}

void TextTable::note(std::string text, Colour colour) {
  rows_.push_back({{printable(text)}, colour, true});
}

void TextTable::print() const {
  std::vector<std::size_t> widths(rows_.front().cells.size());
  for (const Row& row : rows_) {
    if (row.note) continue;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], columns(row.cells[i]));
    }
  }
  for (const Row& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (i > 0) line += "  ";
      line += row.cells[i];
      if (i + 1 < row.cells.size()) {
        line.append(widths[i] - columns(row.cells[i]), ' ');
      }
    }
    print_line(line, row.colour);
  }
}

Progress::~Progress() {
  if (shown_) (void)std::fputs("\r\x1b[K", stderr);
}

std::function<void(double)> Progress::function() {
  if (::isatty(STDERR_FILENO) == 0) return {};
  begun_ = milliseconds_now();
  return [this](double share) { show(share); };
}

void Progress::show(double share) {
  constexpr long kShortWork = 500;  // milliseconds
  if (milliseconds_now() - begun_ < kShortWork) return;
  shown_ = true;
  (void)std::fprintf(stderr, "\r%s %3.0f %%", what_, share * 100);
  (void)std::fflush(stderr);
}

}  // namespace lksctp::journal_command
