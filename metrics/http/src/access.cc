#include "access.h"

#include <algorithm>
#include <cctype>

#include "http_request.h"

namespace lksctp {
namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits <<= 8U;
      if (i < group.size()) bits |= static_cast<unsigned char>(group[i]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= group.size() ? kDigits[bits >> (18 - 6 * i) & 0x3fU] : '=';
    }
  }
  return text;
}

// Takes as long wherever the first difference is.
bool equal_in_constant_time(std::string_view given, std::string_view wanted) {
  unsigned difference = given.size() == wanted.size() ? 0U : 1U;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const char c = i < given.size() ? given[i] : '\0';
    difference |= static_cast<unsigned char>(c) ^
                  static_cast<unsigned>(static_cast<unsigned char>(wanted[i]));
  }
  return difference == 0;
}

// The credentials of "Basic <credentials>", the scheme in any case.
std::string_view basic_credentials(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() < kScheme.size() ||
      !std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                  [](char a, char b) {
                    return a == std::tolower(static_cast<unsigned char>(b));
                  })) {
    return {};
  }
  authorization.remove_prefix(kScheme.size());
  const std::size_t first = authorization.find_first_not_of(' ');
  return first == authorization.npos ? std::string_view()
                                     : authorization.substr(first);
}

}  // namespace

Access::Access(const std::optional<BasicAuth>& auth, bool loopback)
    : literal_hosts_only_(loopback && !auth) {
  if (auth) credentials_ = base64(auth->user + ':' + auth->password);
}

std::optional<HttpAnswer> Access::refusal(
    std::optional<std::string_view> authorization,
    std::optional<std::string_view> host) const {
  if (credentials_) {
    if (equal_in_constant_time(basic_credentials(authorization.value_or("")),
                               *credentials_)) {
      return std::nullopt;
    }
    HttpAnswer answer =
        HttpAnswer::text(401, "this needs the user and password of the server");
    answer.headers = {
        {"WWW-Authenticate", "Basic realm=\"lksctp\", charset=\"UTF-8\""}};
    return answer;
  }
  if (literal_hosts_only_ && host && !is_literal_host(*host)) {
    return HttpAnswer::text(
        403,
        "ask by address or as localhost: this server has no password, and a "
        "name could be another site's");
  }
  return std::nullopt;
}

}  // namespace lksctp
