#include "exposition.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <sstream>

namespace lksctp::test {
namespace {

// "# HELP name text" without the keyword: name and text.
std::pair<std::string, std::string> split(const std::string& line,
                                          std::size_t start) {
  const std::size_t space = line.find(' ', start);
  if (space == line.npos) return {line.substr(start), ""};
  return {line.substr(start, space - start), line.substr(space + 1)};
}

// Where the value begins: after the last `}` or, without labels, the name.
std::size_t end_of_key(const std::string& line) {
  const std::size_t brace = line.rfind("} ");
  return brace != line.npos ? brace + 1 : line.find(' ');
}

class Parser {
 public:
  Exposition run(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("# HELP ")) {
        const auto [name, help] = split(line, 7);
        check(!result_.families.contains(name), "family twice: " + name);
        check(!help.empty(), "no help: " + name);
        result_.families[name].help = help;
        family_ = name;
      } else if (line.starts_with("# TYPE ")) {
        const auto [name, type] = split(line, 7);
        check(name == family_, "TYPE without HELP: " + name);
        check(name.ends_with("_total") == (type == "counter"),
              "_total and counter disagree: " + name);
        result_.families[name].type = type;
      } else {
        sample(line);
      }
    }
    return std::move(result_);
  }

 private:
  void check(bool holds, std::string sentence) {
    if (!holds) result_.problems.push_back(std::move(sentence));
  }

  void sample(const std::string& line) {
    const std::size_t end = end_of_key(line);
    check(end != line.npos, "not a sample: " + line);
    if (end == line.npos) return;
    const std::string key = line.substr(0, end);
    ExposedFamily& family = result_.families[family_];
    std::string name = key.substr(0, key.find('{'));
    for (const char* suffix : {"_bucket", "_sum", "_count"}) {
      if (family.type == "histogram" && name == family_ + suffix)
        name = family_;
    }
    check(name == family_, "sample outside its family: " + key);
    char* rest = nullptr;
    const double value = std::strtod(line.c_str() + end, &rest);
    check(*rest == '\0', "not a number: " + line);
    check(family.samples.emplace(key, value).second, "sample twice: " + key);
  }

  Exposition result_;
  std::string family_;
};

}  // namespace

double Exposition::value(const std::string& sample) const {
  for (const auto& [name, family] : families) {
    const auto found = family.samples.find(sample);
    if (found != family.samples.end()) return found->second;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

Exposition parse_exposition(const std::string& text) {
  return Parser().run(text);
}

}  // namespace lksctp::test
