// One row of the table of series, and what makes a row sound.
//
// Threads: immutable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lksctp {

enum class SeriesType : std::uint8_t { kCounter, kGauge, kHistogram };

// As both text formats and the clients of Prometheus call it.
constexpr const char* type_name(SeriesType type) {
  switch (type) {
    case SeriesType::kCounter:
      return "counter";
    case SeriesType::kGauge:
      return "gauge";
    case SeriesType::kHistogram:
      return "histogram";
  }
  return "unknown";
}

enum class SeriesId : std::uint8_t;  // in `series.h`

struct Series {
  SeriesId id{};
  const char* name = "";
  SeriesType type{};
  const char* unit = "";  // "seconds", "bytes"; "" for a plain number
  const char* help = "";  // one sentence; goes out unescaped
  std::span<const char* const> labels;
  const char* source = "";  // the field it mirrors
};

namespace series_checks {

constexpr bool is_name(std::string_view name) {
  for (const char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
      return false;
    }
  }
  return name.starts_with("sctp_");
}

// Both formats escape these, each in its own way, and prometheus-cpp writes the
// text as it is.
constexpr bool is_help(std::string_view help) {
  return help.ends_with('.') && help.find_first_of("\\\n\"") == help.npos;
}

constexpr bool has_unit_suffix(const Series& series) {
  std::string_view name = series.name;
  if (name.ends_with("_total")) name.remove_suffix(6);
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (name.ends_with(unit) != (unit == series.unit)) return false;
  }
  return true;
}

// The name that OpenMetrics gives the family, and that must be no other's.
constexpr std::string_view family_name(const Series& series) {
  std::string_view name = series.name;
  if (series.type == SeriesType::kCounter) name.remove_suffix(6);
  return name;
}

constexpr bool is_sound(std::span<const Series> table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Series& series = table[i];
    const std::string_view name = series.name;
    const bool counter = series.type == SeriesType::kCounter;
    if (static_cast<std::size_t>(series.id) != i || !is_name(name) ||
        !is_help(series.help) || !has_unit_suffix(series) ||
        name.ends_with("_total") != counter) {
      return false;
    }
  }
  return true;
}

// By itself and with each name taken once: a compiler takes only so many steps for
// one assertion.
template <std::size_t kRows>
constexpr bool has_unique_names(const std::array<Series, kRows>& table) {
  std::array<std::string_view, kRows> names{};
  for (std::size_t i = 0; i < kRows; ++i) {
    names[i] = family_name(table[i]);
    for (std::size_t j = 0; j < i; ++j) {
      if (names[i] == names[j]) return false;
    }
  }
  return true;
}

}  // namespace series_checks

}  // namespace lksctp
