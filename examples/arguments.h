// Command lines of the examples: `--name value`, `--flag` and `--help`.
#pragma once

#include <lksctp/reactor/capabilities.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

class Arguments {
 public:
  // Prints `usage` and ends the program for --help (status 0) and, once
  // `finish` is called, for anything not asked for (status 2).
  Arguments(int argc, char** argv, std::string_view usage)
      : values_(argv + 1, argv + argc), usage_(usage) {
    if (flag("--help")) {
      std::printf("%.*s", static_cast<int>(usage_.size()), usage_.data());
      std::exit(0);
    }
  }

  // True when `name` was given; takes it.
  bool flag(std::string_view name) {
    for (auto it = values_.begin(); it != values_.end(); ++it) {
      if (*it == name) {
        values_.erase(it);
        return true;
      }
    }
    return false;
  }

  // The word after `name`; takes both.
  std::optional<std::string> text(std::string_view name) {
    for (auto it = values_.begin(); it != values_.end(); ++it) {
      if (*it != name) continue;
      if (it + 1 == values_.end()) fail(*it + " needs a value");
      std::string value = *(it + 1);
      values_.erase(it, it + 2);
      return value;
    }
    return std::nullopt;
  }

  // The number after `name`, at most `max`; takes both.
  std::optional<std::uint32_t> number(std::string_view name,
                                      std::uint32_t max) {
    const auto word = text(name);
    if (!word) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(word->data(), word->data() + word->size(), value);
    if (error != std::errc{} || end != word->data() + word->size() ||
        value > max) {
      fail(std::string(name) + " takes a number up to " + std::to_string(max) +
           ", not '" + *word + "'");
    }
    return value;
  }

  std::optional<std::uint16_t> port(std::string_view name) {
    const auto value = number(name, /*max=*/65535);
    if (!value) return std::nullopt;
    return static_cast<std::uint16_t>(*value);
  }

  void finish() {
    if (!values_.empty()) fail("unknown argument '" + values_.front() + "'");
  }

  [[noreturn]] void fail(const std::string& message) const {
    std::fprintf(stderr, "%s\n\n%.*s", message.c_str(),
                 static_cast<int>(usage_.size()), usage_.data());
    std::exit(2);
  }

 private:
  std::vector<std::string> values_;
  std::string_view usage_;
};

// The stack of that name: auto, kernel or usrsctp.
inline std::optional<lksctp::StackChoice> stack_choice(std::string_view name) {
  if (name == "auto") return lksctp::StackChoice::kAuto;
  if (name == "kernel") return lksctp::StackChoice::kKernel;
  if (name == "usrsctp") return lksctp::StackChoice::kUsrsctp;
  return std::nullopt;
}

}  // namespace examples
