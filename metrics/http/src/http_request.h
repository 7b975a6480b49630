// What a request asks for.
//
// Threads: pure functions but for those of an evhttp_request, which belongs to
// the HTTP thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "lksctp/metrics/text.h"

struct evhttp_request;

namespace lksctp {

// "" when there is none. Valid as long as the request.
[[nodiscard]] std::string_view path_of(evhttp_request* request);
[[nodiscard]] std::string_view query_of(evhttp_request* request);
// nullopt when the header is absent.
[[nodiscard]] std::optional<std::string_view> header_of(evhttp_request* request,
                                                        const char* name);

// Parameters of a query: every value of every name, decoded.
using Query =
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;
// nullopt: not of the form a=b&c=d.
[[nodiscard]] std::optional<Query> parse_query(std::string_view query);

// The format that `accept` (RFC 9110 §12.5.1) prefers: OpenMetrics 1.0 when it
// is asked for by name and with no lower weight than text.
[[nodiscard]] TextFormat preferred_format(std::string_view accept);

// True when `accept_encoding` (RFC 9110 §12.5.3) takes gzip.
[[nodiscard]] bool takes_gzip(std::string_view accept_encoding);

// True for "localhost" and IP literals, with or without a port: names that DNS
// cannot point elsewhere.
[[nodiscard]] bool is_literal_host(std::string_view host);

}  // namespace lksctp
