// What is sent for a request.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

struct evhttp_request;

namespace lksctp {

// Several answers may share one body.
using HttpBody = std::shared_ptr<const std::string>;

struct HttpAnswer {
  int code = 200;
  const char* content_type = "text/plain; charset=utf-8";
  HttpBody body;
  // Beside those that every answer has.
  std::vector<std::pair<const char*, std::string>> headers = {};

  static HttpAnswer text(int code, std::string words);
};

// Cache-Control and X-Content-Type-Options: what every answer has.
void add_common_headers(evhttp_request* request);

// Ends the request; HEAD gets no body. A request whose connection is gone is
// freed. HTTP thread only.
void send_answer(evhttp_request* request, HttpAnswer answer);

}  // namespace lksctp
