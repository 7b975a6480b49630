// Values from JSON by their description (`description/`). The text may be hostile: whatever
// it is, reading ends in a value or an error.
//
// Members that are not there leave their value as it is, since newer writers add some;
// unknown ones, and names that follow from numbers, are not looked at.
//
// Threads: an object belongs to one thread.
#pragma once

#include <rapidjson/document.h>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "description/value_members.h"
#include "lksctp/reactor/error.h"

namespace lksctp {

// A text as a tree, with as much depth as anything of ours has.
class JsonDocument {
 public:
  // Errors: kInvalidArgument, when it is no JSON object in UTF-8, or too deep. The text is
  // not needed afterwards.
  Result<void> parse(std::string_view text);
  // REQUIRES: parsed.
  [[nodiscard]] const rapidjson::Value& root() const { return document_; }
  rapidjson::Document& document() { return document_; }

 private:
  static constexpr std::size_t kFirstBytes = 4096;  // enough for most bodies

  alignas(std::max_align_t) std::array<char, kFirstBytes> first_;
  rapidjson::MemoryPoolAllocator<> pool_{first_.data(), first_.size()};
  rapidjson::Document document_{&pool_};
};

// What is wrong, once something is.
struct JsonProblem {
  std::string where;  // the member
  std::string wanted;

  [[nodiscard]] bool found() const { return !wanted.empty(); }
};

// A visitor of `members` that fills one value from one object.
class JsonReader {
 public:
  // REQUIRES: `object` is one.
  JsonReader(const rapidjson::Value& object, JsonProblem& problem)
      : object_(object), next_(object.MemberBegin()), problem_(problem) {}

  // Of user data that is not in the text.
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

  // ---- a visitor of `members`

  template <typename T>
  void operator()(std::string_view name, T& member) {
    if (const rapidjson::Value* json = find(name)) take(name, *json, member);
  }
  template <typename T>
  void operator()(std::string_view name, std::optional<T>& member) {
    const rapidjson::Value* json = find(name);
    if (json == nullptr || json->IsNull()) {
      member.reset();
    } else {
      take(name, *json, member.emplace());
    }
  }
  template <typename T>
  void whole(std::string_view name, T& member) {
    (*this)(name, member);
  }
  template <typename T, typename Absent>
  void unless(std::string_view name, T& member, const Absent&) {
    (*this)(name, member);
  }
  template <typename T, typename Name>
  void named(std::string_view name, std::string_view, T& member, Name) {
    (*this)(name, member);
  }
  template <typename Store, typename Name>
  void number(std::string_view name, std::string_view, std::uint64_t,
              Store store, Name) {
    std::uint64_t number = 0;
    const rapidjson::Value* json = find(name);
    if (json == nullptr || !take(name, *json, number)) return;
    if (!store(number)) fail(name, "a number that fits the field");
  }
  template <typename Write, typename Read>
  void text(std::string_view name, Write, Read read) {
    const rapidjson::Value* json = find(name);
    if (json == nullptr) return;
    if (!json->IsString() || !read(view(*json))) fail(name, "a known name");
  }
  template <typename Make>
  void derived(std::string_view, Make) {}
  template <typename Make>
  void derived_unless_empty(std::string_view, Make) {}
  void cause(std::string_view name, CauseCode& code, CausePresence);
  void ip(std::string_view name, Address& address);
  void address(std::string_view name, std::string_view port_name,
               Address& address) {
    ip(name, address);
    (*this)(port_name, address.port);
    if (address.family == AddressFamily::kNone) address.port = 0;
  }
  void user_data(std::string_view name, std::string_view size_name,
                 std::string_view digest_name, Bytes& bytes);

 private:
  static std::string_view view(const rapidjson::Value& json) {
    return {json.GetString(), json.GetStringLength()};
  }

  const rapidjson::Value* find(std::string_view name);

  // False, and the problem told, when it is none of that type.
  template <typename T>
  bool take(std::string_view name, const rapidjson::Value& json, T& member) {
    const std::string wanted = read(json, member);
    if (wanted.empty()) return true;
    fail(name, wanted);
    return false;
  }
  void fail(std::string_view name, std::string_view wanted);

  // ---- one value, by its type: what was wanted when it is none, else empty

  std::string read(const rapidjson::Value& json, bool& v);
  std::string read(const rapidjson::Value& json, std::string& text);
  std::string read(const rapidjson::Value& json, Bytes& bytes);
  template <std::integral T>
  std::string read(const rapidjson::Value& json, T& v) {
    if constexpr (std::is_signed_v<T>) {
      if (json.IsInt64() && std::in_range<T>(json.GetInt64())) {
        v = static_cast<T>(json.GetInt64());
        return {};
      }
    } else if (json.IsUint64() && std::in_range<T>(json.GetUint64())) {
      v = static_cast<T>(json.GetUint64());
      return {};
    }
    return "a whole number from " +
           std::to_string(std::numeric_limits<T>::min()) + " to " +
           std::to_string(std::numeric_limits<T>::max());
  }
  template <typename Tag, typename T>
  std::string read(const rapidjson::Value& json, StrongType<Tag, T>& v) {
    T plain{};
    std::string wanted = read(json, plain);
    v = StrongType<Tag, T>(plain);
    return wanted;
  }
  template <typename Rep, typename Period>
  std::string read(const rapidjson::Value& json,
                   std::chrono::duration<Rep, Period>& v) {
    Rep count{};
    std::string wanted = read(json, count);
    v = std::chrono::duration<Rep, Period>(count);
    return wanted;
  }
  template <typename Clock, typename Duration>
  std::string read(const rapidjson::Value& json,
                   std::chrono::time_point<Clock, Duration>& v) {
    Duration since{};
    std::string wanted = read(json, since);
    v = std::chrono::time_point<Clock, Duration>(since);
    return wanted;
  }
  template <typename T>
  requires std::is_enum_v<T> std::string read(const rapidjson::Value& json,
                                              T& v) {
    if constexpr (kNamedValues<T> != 0) {
      if (json.IsString()) {
        for (std::size_t i = 0; i < kNamedValues<T>; ++i) {
          v = static_cast<T>(i);
          if (text_name(v) == view(json)) return {};
        }
        return "a known name";
      }
    }
    std::underlying_type_t<T> number{};
    std::string wanted = read(json, number);
    v = static_cast<T>(number);
    return wanted;
  }
  template <typename T>
  std::string read(const rapidjson::Value& json, std::vector<T>& values) {
    values.clear();
    if (!json.IsArray()) return "an array";
    values.reserve(json.Size());
    for (const rapidjson::Value& each : json.GetArray()) {
      std::string wanted = read(each, values.emplace_back());
      if (!wanted.empty()) return wanted;
    }
    return {};
  }
  template <typename T, std::size_t kSize>
  std::string read(const rapidjson::Value& json, std::array<T, kSize>& values) {
    if (!json.IsArray() || json.Size() != kSize) {
      return "an array of " + std::to_string(kSize);
    }
    for (rapidjson::SizeType i = 0; i < kSize; ++i) {
      std::string wanted = read(json[i], values[i]);
      if (!wanted.empty()) return wanted;
    }
    return {};
  }
  template <typename Key, typename T, typename Less>
  std::string read(const rapidjson::Value& json,
                   std::map<Key, T, Less>& entries) {
    entries.clear();
    if (!json.IsArray()) return "an array of pairs";
    for (const rapidjson::Value& each : json.GetArray()) {
      std::pair<Key, T> entry;
      std::string wanted = read(each, entry);
      if (!wanted.empty()) return wanted;
      if (!entries.insert(std::move(entry)).second) return "one of each key";
    }
    return {};
  }
  template <typename A, typename B>
  std::string read(const rapidjson::Value& json, std::pair<A, B>& pair) {
    if (!json.IsArray() || json.Size() != 2) return "a pair";
    std::string wanted = read(json[0], pair.first);
    return wanted.empty() ? read(json[1], pair.second) : wanted;
  }
  template <typename T>
  requires std::is_class_v<T> std::string read(const rapidjson::Value& json,
                                               T& described) {
    if (!json.IsObject()) return "an object";
    JsonReader reader(json, problem_);
    members(described, reader);
    left_out_ += reader.left_out_;
    // Told already, with the name of the member.
    return {};
  }

  const rapidjson::Value& object_;
  // Members mostly come in the order of the description.
  rapidjson::Value::ConstMemberIterator next_;
  JsonProblem& problem_;
  std::size_t left_out_ = 0;
};

}  // namespace lksctp
