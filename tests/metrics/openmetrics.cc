#include "openmetrics.h"

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace lksctp::test {
namespace {

bool is_name(std::string_view name, bool colons) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) {
    return false;
  }
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' &&
        !(colons && c == ':')) {
      return false;
    }
  }
  return true;
}

struct Sample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  std::string value;
};

// `name{label="value",…} number`; false when it is anything else.
bool read_sample(std::string_view line, Sample& sample) {
  const std::size_t end = line.find_first_of("{ ");
  if (end == line.npos) return false;
  sample.name = line.substr(0, end);
  line.remove_prefix(end);
  if (line[0] == '{') {
    line.remove_prefix(1);
    while (!line.starts_with('}')) {
      const std::size_t equals = line.find("=\"");
      if (equals == line.npos) return false;
      const std::string name(line.substr(0, equals));
      line.remove_prefix(equals + 2);
      std::string value;
      while (!line.empty() && line[0] != '"') {
        if (line[0] == '\\') {
          line.remove_prefix(1);
          if (line.empty() || std::string_view("n\\\"").find(line[0]) ==
                                  std::string_view::npos) {
            return false;
          }
          value += line[0] == 'n' ? '\n' : line[0];
        } else {
          value += line[0];
        }
        line.remove_prefix(1);
      }
      if (line.empty()) return false;
      line.remove_prefix(1);
      sample.labels.emplace_back(name, value);
      if (line.starts_with(',')) {
        line.remove_prefix(1);
        if (line.starts_with('}')) return false;
      } else if (!line.starts_with('}')) {
        return false;
      }
    }
    line.remove_prefix(1);
  }
  if (!line.starts_with(' ')) return false;
  sample.value = line.substr(1);
  return !sample.value.empty() && sample.value.find(' ') == line.npos;
}

class Parser {
 public:
  Exposition run(const std::string& text) {
    check(text.ends_with("# EOF\n"), "no # EOF at the end");
    std::size_t at = 0;
    bool ended = false;
    while (at < text.size()) {
      const std::size_t end = text.find('\n', at);
      if (end == text.npos) {
        check(false, "the last line has no end");
        break;
      }
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      check(!ended, "a line after # EOF: " + line);
      if (line == "# EOF") {
        ended = true;
      } else if (line.starts_with("# ")) {
        metadata(line);
      } else {
        sample(line);
      }
    }
    finish_histogram();
    return std::move(result_);
  }

 private:
  void check(bool holds, std::string sentence) {
    if (!holds) result_.problems.push_back(std::move(sentence));
  }

  void metadata(const std::string& line) {
    const std::size_t name_at = line.find(' ', 2) + 1;
    const std::size_t words_at = line.find(' ', name_at) + 1;
    check(name_at != 0 && words_at != 0, "incomplete metadata: " + line);
    const std::string keyword = line.substr(2, name_at - 3);
    const std::string name = line.substr(name_at, words_at - name_at - 1);
    const std::string words = line.substr(words_at);
    if (name != family_) {
      finish_histogram();
      check(!result_.families.contains(name), "family interleaved: " + name);
      family_ = name;
      seen_.clear();
      samples_seen_ = false;
    }
    check(is_name(name, true), "not a family name: " + name);
    check(!samples_seen_, "metadata after samples: " + line);
    check(seen_.insert(keyword).second, "metadata twice: " + line);
    ExposedFamily& family = result_.families[name];
    if (keyword == "TYPE") {
      check(words == "counter" || words == "gauge" || words == "histogram",
            "another type: " + line);
      check(words != "counter" || !name.ends_with("_total"),
            "a counter's family with the suffix: " + name);
      family.type = words;
    } else if (keyword == "UNIT") {
      check(is_name(words, false) && name.ends_with('_' + words),
            "the unit is not in the name: " + line);
    } else {
      check(keyword == "HELP", "unknown metadata: " + line);
      family.help = words;
    }
  }

  void sample(const std::string& line) {
    samples_seen_ = true;
    Sample sample;
    if (!read_sample(line, sample)) return check(false, "no sample: " + line);
    ExposedFamily& family = result_.families[family_];
    check(sample.name.starts_with(family_), "of another family: " + line);
    const std::string suffix =
        sample.name.substr(std::min(family_.size(), sample.name.size()));
    char* rest = nullptr;
    const double value = std::strtod(sample.value.c_str(), &rest);
    check(*rest == '\0', "not a number: " + line);
    std::set<std::string> names;
    std::string le;
    for (const auto& [name, label] : sample.labels) {
      check(is_name(name, false) && !name.starts_with("__"),
            "not a label name: " + line);
      check(names.insert(name).second, "label twice: " + line);
      if (name == "le") le = label;
    }
    if (family.type == "counter") {
      check(suffix == "_total", "a counter without _total: " + line);
      check(value >= 0, "a negative counter: " + line);
    } else if (family.type == "gauge") {
      check(suffix.empty(), "a gauge with a suffix: " + line);
    } else {
      histogram(line, suffix, le, value);
    }
    const std::string key =
        line.substr(0, line.size() - sample.value.size() - 1);
    check(family.samples.emplace(key, value).second, "sample twice: " + line);
  }

  // Of one metric after the other: buckets, sum, count.
  void histogram(const std::string& line, const std::string& suffix,
                 const std::string& le, double value) {
    if (suffix == "_bucket") {
      check(le == "+Inf" || le.find_first_of(".e") != le.npos,
            "not canonical: " + line);
      const double bound = le == "+Inf"
                               ? std::numeric_limits<double>::infinity()
                               : std::strtod(le.c_str(), nullptr);
      check(bound > bound_ && value >= bucket_, "buckets fall: " + line);
      bound_ = bound;
      bucket_ = value;
    } else if (suffix == "_sum") {
      check(value >= 0, "a negative sum: " + line);
    } else {
      check(suffix == "_count", "no sample of a histogram: " + line);
      check(std::isinf(bound_), "no +Inf bucket: " + line);
      check(value == bucket_, "the count is not the last bucket: " + line);
      bound_ = -std::numeric_limits<double>::infinity();
      bucket_ = 0;
    }
  }

  void finish_histogram() {
    check(std::isinf(bound_) && bound_ < 0, "no _count: " + family_);
    bound_ = -std::numeric_limits<double>::infinity();
  }

  Exposition result_;
  std::string family_;
  std::set<std::string> seen_;  // keywords of this family
  bool samples_seen_ = false;
  double bound_ = -std::numeric_limits<double>::infinity();
  double bucket_ = 0;
};

}  // namespace

Exposition parse_openmetrics(const std::string& text) {
  return Parser().run(text);
}

}  // namespace lksctp::test
