#include "json_reader.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace lksctp {
namespace {

constexpr int kMostDepth = 24;

// As RapidJSON's parser calls it; ends it when the text is too deep.
class Bounded {
 public:
  explicit Bounded(rapidjson::Document& document) : document_(document) {}

  [[nodiscard]] bool too_deep() const { return depth_ > kMostDepth; }

  bool Null() { return document_.Null(); }
  bool Bool(bool v) { return document_.Bool(v); }
  bool Int(int v) { return document_.Int(v); }
  bool Uint(unsigned v) { return document_.Uint(v); }
  bool Int64(std::int64_t v) { return document_.Int64(v); }
  bool Uint64(std::uint64_t v) { return document_.Uint64(v); }
  bool Double(double v) { return document_.Double(v); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
    return document_.RawNumber(text, size, copy);
  }
  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    return document_.String(text, size, copy);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    return document_.Key(text, size, copy);
  }
  bool StartObject() {
    return ++depth_ <= kMostDepth && document_.StartObject();
  }
  bool EndObject(rapidjson::SizeType count) {
    --depth_;
    return document_.EndObject(count);
  }
  bool StartArray() { return ++depth_ <= kMostDepth && document_.StartArray(); }
  bool EndArray(rapidjson::SizeType count) {
    --depth_;
    return document_.EndArray(count);
  }

 private:
  rapidjson::Document& document_;
  int depth_ = 0;
};

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Result<void> JsonDocument::parse(std::string_view text) {
  // Sizes of RapidJSON have 32 bits.
  if (text.size() > std::numeric_limits<rapidjson::SizeType>::max()) {
    return tl::unexpected(
        Error::invalid_argument("JSON of more than 4 GiB is not read"));
  }
  rapidjson::MemoryStream memory(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream>
      stream(memory);
  rapidjson::Reader reader;
  bool too_deep = false;
  const auto generate = [&](rapidjson::Document& document) {
    Bounded handler(document);
    const bool parsed =
        !reader.Parse<rapidjson::kParseValidateEncodingFlag>(stream, handler)
             .IsError();
    too_deep = handler.too_deep();
    return parsed;
  };
  document_.Populate(generate);
  if (reader.HasParseError()) {
    const std::string place =
        " at byte " + std::to_string(reader.GetErrorOffset());
    return tl::unexpected(Error::invalid_argument(
        too_deep ? "JSON is too deep" + place
                 : std::string("not JSON: ") +
                       rapidjson::GetParseError_En(reader.GetParseErrorCode()) +
                       place));
  }
  if (!document_.IsObject()) {
    return tl::unexpected(Error::invalid_argument("not a JSON object"));
  }
  return {};
}

const rapidjson::Value* JsonReader::find(std::string_view name) {
  const auto end = object_.MemberEnd();
  if (next_ != end && view(next_->name) == name) return &(next_++)->value;
  for (auto member = object_.MemberBegin(); member != end; ++member) {
    if (view(member->name) != name) continue;
    next_ = member + 1;
    return &member->value;
  }
  return nullptr;
}

void JsonReader::fail(std::string_view name, std::string_view wanted) {
  if (problem_.found()) return;
  problem_.where = name;
  problem_.wanted = wanted;
}

std::string JsonReader::read(const rapidjson::Value& json, bool& v) {
  if (!json.IsBool()) return "true or false";
  v = json.GetBool();
  return {};
}

std::string JsonReader::read(const rapidjson::Value& json, std::string& text) {
  if (!json.IsString()) return "a text";
  text = view(json);
  return {};
}

std::string JsonReader::read(const rapidjson::Value& json, Bytes& bytes) {
  constexpr const char* kWanted = "hexadecimal digits, two for a byte";
  if (!json.IsString() || json.GetStringLength() % 2 != 0) return kWanted;
  const std::string_view digits = view(json);
  bytes.resize(digits.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit_value(digits[2 * i]);
    const int low = digit_value(digits[2 * i + 1]);
    if (high < 0 || low < 0) return kWanted;
    bytes[i] = static_cast<std::byte>(16 * high + low);
  }
  return {};
}

void JsonReader::cause(std::string_view name, CauseCode& code, CausePresence) {
  const rapidjson::Value* json = find(name);
  if (json == nullptr) {
    code = CauseCode::kNone;
  } else if (!json->IsObject()) {
    fail(name, "an object");
  } else {
    JsonReader reader(*json, problem_);
    reader("code", code);
  }
}

void JsonReader::ip(std::string_view name, Address& address) {
  const rapidjson::Value* json = find(name);
  const std::uint16_t port = address.port;
  address = {};
  if (json != nullptr && !(json->IsString() && json->GetStringLength() == 0)) {
    const auto parsed =
        json->IsString() ? Address::parse(view(*json), port) : std::nullopt;
    if (parsed) {
      address = *parsed;
    } else {
      fail(name, "an IP address");
    }
  }
  address.port = port;
}

void JsonReader::user_data(std::string_view name, std::string_view size_name,
                           std::string_view, Bytes& bytes) {
  if (const rapidjson::Value* json = find(name)) {
    take(name, *json, bytes);
  } else {
    bytes.clear();
    (*this)(size_name, left_out_);
  }
}

}  // namespace lksctp
