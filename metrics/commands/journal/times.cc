#include "times.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace lksctp::journal_command {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

// A hundred thousand years: nanoseconds of more do not fit.
constexpr double kMostSeconds = 9.2e9;

// All of `text`, digits with a fraction perhaps.
std::optional<nanoseconds> parse_seconds(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(
      text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failure != std::errc() || end != text.data() + text.size() ||
      !(std::abs(value) < kMostSeconds)) {
    return std::nullopt;
  }
  const double whole = std::floor(value);
  return seconds(static_cast<std::int64_t>(whole)) +
         nanoseconds(
             static_cast<std::int64_t>(std::llround((value - whole) * 1e9)));
}

std::optional<nanoseconds> parse_ago(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t unit = 1;
  switch (text.back()) {
    case 's':
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86400;
      break;
    default:
      return std::nullopt;
  }
  text.remove_suffix(1);
  std::int64_t count = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), count);
  constexpr std::int64_t kMost = 100'000'000;
  if (failure != std::errc() || end != text.data() + text.size() || count < 0 ||
      count > kMost / unit * 60) {
    return std::nullopt;
  }
  return seconds(count * unit);
}

// "Z", "+01:00", "-0230"; what the clock there is ahead of UTC.
std::optional<seconds> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return seconds(0);
  if (text.size() == 6 && text[3] == ':') {
    return parse_offset(std::string(text.substr(0, 3)) +
                        std::string(text.substr(4)));
  }
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  int number = 0;
  for (const char c : text.substr(1)) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  const seconds ahead((number / 100) * 3600 + (number % 100) * 60);
  return text[0] == '-' ? -ahead : ahead;
}

// A fraction of seconds at the beginning of `text`, taken away.
std::optional<nanoseconds> take_fraction(std::string_view& text) {
  if (text.empty() || (text[0] != '.' && text[0] != ',')) {
    return nanoseconds(0);
  }
  text.remove_prefix(1);
  std::int64_t value = 0;
  int digits = 0;
  while (!text.empty() &&
         std::isdigit(static_cast<unsigned char>(text[0])) != 0) {
    if (digits < 9) value = value * 10 + (text[0] - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) value *= 10;
  return nanoseconds(value);
}

std::optional<WallTime> parse_calendar(const std::string& text) {
  for (const char* const form :
       {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* const behind = ::strptime(text.c_str(), form, &parts);
    if (behind == nullptr) continue;
    std::string_view rest(behind);
    const auto fraction = take_fraction(rest);
    if (!fraction) return std::nullopt;
    std::int64_t since_1970 = 0;
    if (rest.empty()) {
      parts.tm_isdst = -1;
      since_1970 = std::mktime(&parts);
    } else {
      const auto ahead = parse_offset(rest);
      if (!ahead) continue;
      since_1970 = ::timegm(&parts) - ahead->count();
    }
    if (std::abs(static_cast<double>(since_1970)) >= kMostSeconds) {
      return std::nullopt;
    }
    return WallTime(seconds(since_1970) + *fraction);
  }
  return std::nullopt;
}

}  // namespace

std::string to_text(WallTime time) {
  const auto whole = std::chrono::floor<seconds>(time);
  const std::time_t since_1970 = whole.time_since_epoch().count();
  const auto fraction =
      std::chrono::floor<std::chrono::milliseconds>(time - whole).count();
  std::tm parts{};
  ::gmtime_r(&since_1970, &parts);
  std::array<char, 40> day{};
  const std::size_t size =
      std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> rest{};
  (void)std::snprintf(rest.data(), rest.size(), ".%03dZ",
                      static_cast<int>(fraction));
  return std::string(day.data(), size) + rest.data();
}

std::string to_text(nanoseconds span) {
  const double value = std::chrono::duration<double>(span).count();
  std::array<char, 40> text{};
  const double size = std::abs(value);
  const auto print = [&](const char* form, double number) {
    (void)std::snprintf(text.data(), text.size(), form, number);
    return std::string(text.data());
  };
  if (size < 1) return print("%.0f ms", value * 1e3);
  if (size < 60) return print("%.1f s", value);
  if (size < 7200) return print("%.0f min", value / 60);
  if (size < 172'800) return print("%.0f h", value / 3600);
  return print("%.0f d", value / 86400);
}

std::optional<WallTime> parse_time(const std::string& text, WallTime now) {
  if (text == "now") return now;
  if (text.starts_with('@')) {
    const auto since_1970 = parse_seconds(std::string_view(text).substr(1));
    if (!since_1970) return std::nullopt;
    return WallTime(*since_1970);
  }
  if (text.starts_with('-')) {
    const auto ago = parse_ago(std::string_view(text).substr(1));
    if (!ago) return std::nullopt;
    return now - *ago;
  }
  return parse_calendar(text);
}

}  // namespace lksctp::journal_command
