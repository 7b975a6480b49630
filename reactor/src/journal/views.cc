// The views of a part: columns by the description of bodies.
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "../description/event_members.h"
#include "codec.h"

namespace lksctp {
namespace {

// What every view begins with.
constexpr std::array kCommonColumns{"seq", "time", "endpoint", "association"};
constexpr const char* kTime =
    "strftime('%Y-%m-%dT%H:%M:%S', wall_ns / 1000000000, 'unixepoch')"
    " || printf('.%06dZ', wall_ns / 1000 % 1000000) AS time";

// "outboundStreams" as "outbound_streams".
std::string snake_case(std::string_view name) {
  std::string result;
  for (const char c : name) {
    // Names are ASCII.
    if (c >= 'A' && c <= 'Z') {
      result += '_';
      result += static_cast<char>(c - 'A' + 'a');
    } else {
      result += c;
    }
  }
  return result;
}

// A visitor of `members` that makes a column of each.
class Columns {
 public:
  Columns() {
    for (const char* name : kCommonColumns) taken_.insert(name);
  }

  [[nodiscard]] const std::string& sql() const { return sql_; }

  template <typename T>
  void operator()(std::string_view name, T&) {
    using Value = std::remove_const_t<T>;
    if constexpr (std::is_same_v<Value, Address>) {
      add(snake_case(name), address(path(name)));
    } else {
      add(snake_case(name), text(path(name)));
    }
  }
  template <typename T>
  void operator()(std::string_view name, std::optional<T>&) {
    T value{};
    (*this)(name, value);
  }
  // Its members are the columns.
  template <typename T>
  void whole(std::string_view name, T& member) {
    const std::string outer = std::exchange(object_, path(name));
    members(member, *this);
    object_ = outer;
  }
  template <typename T, typename Absent>
  void unless(std::string_view name, T& member, const Absent&) {
    (*this)(name, member);
  }
  template <typename T, typename Name>
  void named(std::string_view name, std::string_view name_of_name, T&, Name) {
    add_named(snake_case(name), path(name_of_name), path(name));
  }
  template <typename Store, typename Name>
  void number(std::string_view name, std::string_view name_of_name,
              std::uint64_t number, const Store&, Name name_of) {
    // A field without names of values has none for any of them.
    (void)number;
    if (has_names(name_of)) {
      add_named(snake_case(name), path(name_of_name), path(name));
    } else {
      add(snake_case(name), text(path(name)));
    }
  }
  template <typename Write, typename Read>
  void text(std::string_view name, Write, Read) {
    add(snake_case(name), text(path(name)));
  }
  template <typename Make>
  void derived(std::string_view name, Make) {
    add(snake_case(name), text(path(name)));
  }
  template <typename Make>
  void derived_unless_empty(std::string_view name, Make make) {
    derived(name, make);
  }
  void cause(std::string_view name, CauseCode&, CausePresence) {
    add_named(snake_case(name), path(name) + ".name", path(name) + ".code");
  }
  void ip(std::string_view name, Address&) {
    add(snake_case(name), text(path(name)));
  }
  void address(std::string_view name, std::string_view port_name, Address&) {
    add(snake_case(name), text(path(name)));
    add(snake_case(port_name), text(path(port_name)));
  }
  void user_data(std::string_view name, std::string_view size_name,
                 std::string_view digest_name, Bytes&) {
    add(snake_case(name), text(path(name)));
    // Bytes are two digits each.
    add(snake_case(size_name), "coalesce(" + text(path(size_name)) +
                                   ", length(" + text(path(name)) + ") / 2)");
    add(snake_case(digest_name), text(path(digest_name)));
  }

 private:
  // Enumerations of the table count from 0, its flags are bits of the low byte.
  template <typename Name>
  static bool has_names(Name name_of) {
    for (std::uint64_t number = 0; number < 256; ++number) {
      if (!name_of(number).empty()) return true;
    }
    return false;
  }

  [[nodiscard]] std::string path(std::string_view name) const {
    return object_ + '.' + std::string(name);
  }
  static std::string text(const std::string& path) {
    return "body ->> '" + path + '\'';
  }
  // As `Address::to_string`.
  static std::string address(const std::string& path) {
    const std::string ip = text(path + ".address");
    const std::string port = " || ':' || (" + text(path + ".port") + ')';
    return "CASE " + text(path + ".family") + " WHEN 'IPv4' THEN (" + ip + ')' +
           port + " WHEN 'IPv6' THEN '[' || (" + ip + ") || ']'" + port +
           " END";
  }
  void add_named(const std::string& column, const std::string& name,
                 const std::string& number) {
    add(column, "coalesce(" + text(name) + ", " + text(number) + ')');
    add(column + "_number", text(number));
  }
  void add(std::string column, const std::string& expression) {
    while (!taken_.insert(column).second) column = "body_" + column;
    sql_ += ",\n  " + expression + " AS \"" + column + '"';
  }

  std::string object_ = "$";
  std::set<std::string, std::less<>> taken_;
  std::string sql_;
};

std::string view(std::string_view kind, const std::string& columns) {
  const std::string name(kind);
  return "CREATE VIEW \"" + name + "\" AS SELECT\n  seq,\n  " + kTime +
         ",\n  endpoint,\n  association" + columns +
         "\n  FROM event WHERE kind = '" + name + "';\n";
}

template <typename Body>
std::string columns_of(Body body) {
  Columns columns;
  members(body, columns);
  return columns.sql();
}

// Every alternative of a variant but for the first `kFrom`, by `add(value)`.
template <typename Variant, std::size_t kFrom, typename Add>
void for_each_alternative(Add add) {
  [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    (add(std::variant_alternative_t<kFrom + kIndex, Variant>{}), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Variant> - kFrom>());
}

}  // namespace

std::string view_statements() {
  std::string statements;
  const auto add = [&](const Notification& notification) {
    statements +=
        view(notification_label(notification), columns_of(notification));
  };
  for_each_alternative<Notification, 0>([&](auto value) { add(value); });
  add(SendFailed{.deprecated = true});
  for_each_alternative<EventBody, 1>([&](auto body) {
    statements += view(event_kind_name(EventBody(body)), columns_of(body));
  });
  return statements + "CREATE VIEW events AS SELECT seq, " + kTime +
         ", kind, endpoint, association, body FROM event;\n";
}

}  // namespace lksctp
