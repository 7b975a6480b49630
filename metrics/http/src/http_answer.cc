#include "http_answer.h"

#include <event2/buffer.h>
#include <event2/http.h>

namespace lksctp {
namespace {

const char* reason_phrase(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

// Keeps the body alive until it is sent.
void add_body(evbuffer* buffer, HttpBody body) {
  auto* holder = new HttpBody(std::move(body));
  const auto release = [](const void*, std::size_t, void* arg) {
    delete static_cast<HttpBody*>(arg);
  };
  if (evbuffer_add_reference(buffer, (*holder)->data(), (*holder)->size(),
                             release, holder) != 0) {
    delete holder;
  }
}

}  // namespace

HttpAnswer HttpAnswer::text(int code, std::string words) {
  words += '\n';
  return {.code = code,
          .body = std::make_shared<const std::string>(std::move(words))};
}

void add_common_headers(evhttp_request* request) {
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Cache-Control", "no-store");
  evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
}

void send_answer(evhttp_request* request, HttpAnswer answer) {
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  add_common_headers(request);
  evhttp_add_header(headers, "Content-Type", answer.content_type);
  evhttp_add_header(headers, "Content-Length",
                    std::to_string(answer.body->size()).c_str());
  for (const auto& [name, value] : answer.headers) {
    evhttp_add_header(headers, name, value.c_str());
  }
  const std::unique_ptr<evbuffer, decltype(&evbuffer_free)> buffer(
      evbuffer_new(), &evbuffer_free);
  if (buffer != nullptr &&
      evhttp_request_get_command(request) != EVHTTP_REQ_HEAD) {
    add_body(buffer.get(), std::move(answer.body));
  }
  evhttp_send_reply(request, answer.code, reason_phrase(answer.code),
                    buffer.get());
}

}  // namespace lksctp
