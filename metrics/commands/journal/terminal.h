// What a terminal gets and a pipe does not: colours, widths, progress.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lksctp::journal_command {

enum class Colour { kPlain, kDim, kBold, kGreen, kYellow, kRed };

// Text of a peer or a file: control characters, which could command the terminal, and
// broken UTF-8 become `?`.
[[nodiscard]] std::string printable(std::string_view text);

// The text in that colour, on a terminal without NO_COLOR in its environment.
[[nodiscard]] std::string in_colour(std::string_view text, Colour colour);

// Writes to stdout; a line is cut at the width of the terminal.
void print_line(std::string_view line, Colour colour = Colour::kPlain);

// Columns as wide as their widest cell, two spaces between.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> head);
  void add(std::vector<std::string> cells, Colour colour = Colour::kPlain);
  // A line of its own below the row before it.
  void note(std::string text, Colour colour = Colour::kPlain);
  [[nodiscard]] bool empty() const { return rows_.size() == 1; }
  void print() const;

 private:
  struct Row {
    std::vector<std::string> cells;  // one alone: a note
    Colour colour{};
    bool note = false;
  };
  std::vector<Row> rows_;
};

// A line on stderr, when that is a terminal and the work lasts.
class Progress {
 public:
  explicit Progress(const char* what) : what_(what) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  [[nodiscard]] std::function<void(double)> function();

 private:
  void show(double share);

  const char* const what_;
  long begun_ = 0;
  bool shown_ = false;
};

}  // namespace lksctp::journal_command
