#include "http_request.h"

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "lksctp/decoder/address.h"

namespace lksctp {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

// Takes what stands before the next `separator` off the front of `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = trim(rest.substr(0, end));
  rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

// One member of Accept or Accept-Encoding. A weight that is none counts as 0:
// what is not understood is not chosen.
struct Choice {
  std::string_view name;
  std::string_view version;  // parameter of a media type
  double weight = 1;
};

Choice next_choice(std::string_view& rest) {
  std::string_view member = next_part(rest, ',');
  Choice choice{.name = next_part(member, ';')};
  while (!member.empty()) {
    std::string_view value = next_part(member, ';');
    const std::string_view name = next_part(value, '=');
    value = trim(value);
    if (same(name, "version")) {
      choice.version = value;
    } else if (same(name, "q")) {
      const auto read = std::from_chars(
          value.data(), value.data() + value.size(), choice.weight);
      if (read.ec != std::errc() || read.ptr != value.data() + value.size()) {
        choice.weight = 0;
      }
    }
  }
  return choice;
}

}  // namespace

std::string_view path_of(evhttp_request* request) {
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
  const char* path = uri != nullptr ? evhttp_uri_get_path(uri) : nullptr;
  return path != nullptr ? path : "";
}

std::string_view query_of(evhttp_request* request) {
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
  const char* query = uri != nullptr ? evhttp_uri_get_query(uri) : nullptr;
  return query != nullptr ? query : "";
}

std::optional<std::string_view> header_of(evhttp_request* request,
                                          const char* name) {
  const char* value =
      evhttp_find_header(evhttp_request_get_input_headers(request), name);
  if (value == nullptr) return std::nullopt;
  return value;
}

std::optional<Query> parse_query(std::string_view query) {
  Query result;
  if (query.empty()) return result;
  evkeyvalq list;
  if (evhttp_parse_query_str(std::string(query).c_str(), &list) != 0) {
    return std::nullopt;
  }
  for (const evkeyval* pair = list.tqh_first; pair != nullptr;
       pair = pair->next.tqe_next) {
    result[pair->key].insert(pair->value);
  }
  evhttp_clear_headers(&list);
  return result;
}

TextFormat preferred_format(std::string_view accept) {
  double open_metrics = 0;
  double text = 0;
  while (!accept.empty()) {
    const Choice choice = next_choice(accept);
    if (same(choice.name, "application/openmetrics-text")) {
      // Prometheus 3 lists escaping schemes of each version, too.
      if (choice.version.empty() || choice.version == "1.0.0") {
        open_metrics = std::max(open_metrics, choice.weight);
      }
    } else if (same(choice.name, "text/plain") || same(choice.name, "text/*") ||
               same(choice.name, "*/*")) {
      text = std::max(text, choice.weight);
    }
  }
  return open_metrics > 0 && open_metrics >= text ? TextFormat::kOpenMetrics
                                                  : TextFormat::kPrometheus;
}

bool takes_gzip(std::string_view accept_encoding) {
  std::optional<double> gzip;
  double any = 0;
  while (!accept_encoding.empty()) {
    const Choice choice = next_choice(accept_encoding);
    if (same(choice.name, "gzip") || same(choice.name, "x-gzip")) {
      gzip = std::max(gzip.value_or(0), choice.weight);
    } else if (choice.name == "*") {
      any = choice.weight;
    }
  }
  return gzip.value_or(any) > 0;
}

bool is_literal_host(std::string_view host) {
  host = trim(host);
  std::string_view name = host;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == host.npos) return false;
    name = host.substr(1, end - 1);
    host.remove_prefix(end + 1);
  } else {
    name = host.substr(0, host.find(':'));
    host.remove_prefix(name.size());
  }
  const bool port_or_nothing =
      host.empty() || (host.front() == ':' &&
                       host.find_first_not_of("0123456789", 1) == host.npos);
  return port_or_nothing &&
         (same(name, "localhost") || Address::parse(name, 0).has_value());
}

}  // namespace lksctp
