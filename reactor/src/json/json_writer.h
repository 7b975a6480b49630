// JSON by the description of values (`description/`): one text, written from front to back.
//
// Threads: an object belongs to one thread.
#pragma once

#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "description/value_members.h"
#include "lksctp/reactor/journal.h"
#include "lksctp/reactor/shared_map.h"
#include "lksctp/reactor/utf8.h"

namespace lksctp {

// Appends to a text, which has room to spare until `finish`.
class StringStream {
 public:
  using Ch = char;

  explicit StringStream(std::string& out) : out_(out), size_(out.size()) {}

  void Put(char c) {
    reserve(1);
    put(c);
  }
  void Flush() {}

  void reserve(std::size_t count) {
    if (out_.size() - size_ < count) {
      out_.resize(
          std::max(out_.size() + count, size_ + (size_ - begin_) + 512));
    }
  }
  void put(char c) { out_[size_++] = c; }
  void finish() { out_.resize(size_); }

  // What RapidJSON's writer calls before it puts so many.
  friend void PutReserve(StringStream& stream, std::size_t count) {
    stream.reserve(count);
  }
  friend void PutUnsafe(StringStream& stream, char c) { stream.put(c); }

 private:
  std::string& out_;
  std::size_t begin_ = out_.size();
  std::size_t size_;
};

// Milliseconds, as precise as a double is; a whole number of them stays one.
[[nodiscard]] double milliseconds(std::chrono::nanoseconds time);

class JsonWriter {
 public:
  // Appends to `out`, which is whole when this object ends.
  explicit JsonWriter(std::string& out,
                      JournaledUserData user_data = JournaledUserData::kFull)
      : stream_(out), user_data_(user_data) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;
  ~JsonWriter() { finish(); }

  // The text is whole from here on.
  void finish() { stream_.finish(); }

  // Bytes that are not there any more, and count as user data that is left out.
  void set_left_out(std::size_t size) { left_out_ = size; }

  // ---- structure, for what has no description

  void begin_object() { writer_.StartObject(); }
  void end_object() { writer_.EndObject(); }
  void begin_array() { writer_.StartArray(); }
  void end_array() { writer_.EndArray(); }
  void key(std::string_view name) {
    // Names are ours: there is nothing to escape.
    stream_.reserve(name.size() + 4);
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  // ---- a visitor of `members`

  template <typename T>
  void operator()(std::string_view name, const T& member) {
    key(name);
    value(member);
  }
  template <typename T>
  void operator()(std::string_view name, const std::optional<T>& member) {
    if (member) (*this)(name, *member);
  }
  template <typename T>
  void whole(std::string_view name, const T& member) {
    (*this)(name, member);
  }
  template <typename T, typename Absent>
  void unless(std::string_view name, const T& member, const Absent& absent) {
    if (member != absent) (*this)(name, member);
  }
  template <typename T, typename Name>
  void named(std::string_view name, std::string_view name_of_name,
             const T& member, Name name_of) {
    (*this)(name, static_cast<std::uint64_t>(member));
    const std::string_view found = name_of(member);
    if (!found.empty()) (*this)(name_of_name, found);
  }
  template <typename Store, typename Name>
  void number(std::string_view name, std::string_view name_of_name,
              std::uint64_t number, const Store&, Name name_of) {
    named(name, name_of_name, number, name_of);
  }
  template <typename Write, typename Read>
  void text(std::string_view name, Write write, const Read&) {
    (*this)(name, write());
  }
  template <typename Make>
  void derived(std::string_view name, Make make) {
    (*this)(name, make());
  }
  template <typename Make>
  void derived_unless_empty(std::string_view name, Make make) {
    const auto made = make();
    if (!made.empty()) (*this)(name, made);
  }
  void cause(std::string_view name, CauseCode code, CausePresence presence);
  void ip(std::string_view name, const Address& address) {
    key(name);
    ip_value(address);
  }
  void address(std::string_view name, std::string_view port_name,
               const Address& address) {
    if (address.family == AddressFamily::kNone) return;
    ip(name, address);
    (*this)(port_name, address.port);
  }
  void user_data(std::string_view name, std::string_view size_name,
                 std::string_view digest_name, const Bytes& bytes);

  // ---- one value, by its type

  void value(bool v) { writer_.Bool(v); }
  template <std::unsigned_integral T>
  void value(T v) {
    writer_.Uint64(v);
  }
  template <std::signed_integral T>
  void value(T v) {
    writer_.Int64(v);
  }
  // The shortest digits that are this number, without an exponent.
  void value(double v);
  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(const char* text) { value(std::string_view(text)); }
  // Hexadecimal digits.
  void value(const Bytes& bytes) { hexadecimal(bytes); }
  template <typename Tag, typename T>
  void value(StrongType<Tag, T> v) {
    value(v.value());
  }
  template <typename Rep, typename Period>
  void value(std::chrono::duration<Rep, Period> v) {
    value(v.count());
  }
  template <typename Clock, typename Duration>
  void value(std::chrono::time_point<Clock, Duration> v) {
    value(v.time_since_epoch());
  }
  template <typename T>
  requires std::is_enum_v<T>
  void value(T v) {
    if constexpr (kNamedValues<T> != 0) {
      if (static_cast<std::size_t>(v) < kNamedValues<T>) {
        value(text_name(v));
        return;
      }
    }
    writer_.Uint64(static_cast<std::uint64_t>(v));
  }
  template <typename T>
  void value(const std::vector<T>& values) {
    array(values);
  }
  template <typename T, std::size_t kSize>
  void value(const std::array<T, kSize>& values) {
    array(values);
  }
  // Pairs, so that any key can be one.
  template <typename Key, typename T, typename Less>
  void value(const std::map<Key, T, Less>& entries) {
    array(entries);
  }
  template <typename Key, typename T>
  void value(const SharedMap<Key, T>& entries) {
    array(entries);
  }
  template <typename T>
  void value(const std::shared_ptr<const T>& record) {
    value(*record);
  }
  template <typename A, typename B>
  void value(const std::pair<A, B>& pair) {
    begin_array();
    value(pair.first);
    value(pair.second);
    end_array();
  }
  template <typename T>
  requires std::is_class_v<T>
  void value(const T& described) {
    begin_object();
    members(described, *this);
    end_object();
  }

 private:
  template <typename Values>
  void array(const Values& values) {
    begin_array();
    for (const auto& each : values) value(each);
    end_array();
  }
  void ip_value(const Address& address);
  void hexadecimal(std::span<const std::byte> bytes);

  static constexpr std::size_t kLevelBytes =
      1024;  // nothing of ours is as deep
  using Pool = rapidjson::MemoryPoolAllocator<>;

  StringStream stream_;
  alignas(std::max_align_t) std::array<char, kLevelBytes> levels_;
  Pool pool_{levels_.data(), levels_.size()};
  rapidjson::Writer<StringStream, rapidjson::UTF8<>, rapidjson::UTF8<>, Pool>
      writer_{stream_, &pool_};
  JournaledUserData user_data_;
  std::size_t left_out_ = 0;
};

}  // namespace lksctp
