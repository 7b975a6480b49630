#include "json_writer.h"

#include <sha2.h>

#include <charconv>

#include "lksctp/decoder/error_cause.h"

namespace lksctp {
namespace {

using Digest = std::array<std::uint8_t, SHA256_DIGEST_LENGTH>;

Digest sha256(const Bytes& bytes) {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()),
               bytes.size());
  Digest digest{};
  SHA256Final(digest.data(), &context);
  return digest;
}

}  // namespace

double milliseconds(std::chrono::nanoseconds time) {
  // Apart, so that a whole number of them stays one.
  constexpr std::int64_t kNanoseconds = 1'000'000;
  return static_cast<double>(time.count() / kNanoseconds) +
         static_cast<double>(time.count() % kNanoseconds) / kNanoseconds;
}

void JsonWriter::value(double v) {
  std::array<char, 512> digits{};  // more than any double has
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), v,
                    std::chars_format::fixed);
  writer_.RawValue(digits.data(), static_cast<std::size_t>(end - digits.data()),
                   rapidjson::kNumberType);
}

void JsonWriter::value(std::string_view text) {
  const auto put = [this](std::string_view utf8) {
    writer_.String(utf8.data(), static_cast<rapidjson::SizeType>(utf8.size()));
  };
  if (is_utf8(text)) {
    put(text);
  } else {
    put(to_utf8(text));
  }
}

void JsonWriter::hexadecimal(std::span<const std::byte> bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  // Straight into the text: it may be large, and nothing in it needs escaping.
  writer_.RawValue("\"", 1, rapidjson::kStringType);
  stream_.reserve(2 * bytes.size() + 1);
  for (const std::byte byte : bytes) {
    const auto number = std::to_integer<unsigned>(byte);
    stream_.put(kDigits[number >> 4U]);
    stream_.put(kDigits[number & 0xfU]);
  }
  stream_.put('"');
}

void JsonWriter::cause(std::string_view name, CauseCode code,
                       CausePresence presence) {
  if (presence == CausePresence::kUnlessNone && code == CauseCode::kNone) {
    return;
  }
  key(name);
  begin_object();
  (*this)("code", code);
  (*this)("name", cause_name(code));
  end_object();
}

void JsonWriter::ip_value(const Address& address) {
  value(address.ip_string());
}

void JsonWriter::user_data(std::string_view name, std::string_view size_name,
                           std::string_view digest_name, const Bytes& bytes) {
  if (user_data_ == JournaledUserData::kFull) {
    (*this)(name, bytes);
    return;
  }
  (*this)(size_name, bytes.size() + left_out_);
  if (user_data_ != JournaledUserData::kHash) return;
  const Digest digest = sha256(bytes);
  key(digest_name);
  hexadecimal(std::as_bytes(std::span(digest)));
}

}  // namespace lksctp
