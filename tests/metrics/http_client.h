// A raw HTTP client: sends what a test writes, reads what comes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace lksctp::test {

struct HttpResponse {
  int status = 0;  // 0: the connection ended before a whole response
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// One TCP connection to a loopback port. A read that gets nothing for 30 s
// fails, so that a broken server ends the test.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, bool ipv6 = false,
                      int receive_buffer = 0);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  void send(std::string_view bytes);
  // The next response; `head` when it has no body whatever its length says.
  HttpResponse receive(bool head = false);
  // `headers` are whole lines, each with its end.
  HttpResponse get(const std::string& path, const std::string& headers = "");
  // True when something has come that was not read; does not wait.
  [[nodiscard]] bool has_input() const;
  // What has come and was not read; waits for something. Empty at the end.
  std::string read_some();
  // Everything until the peer closes or resets.
  std::string read_to_end();
  // Ends with a RST.
  void reset();

 private:
  bool read_more();

  int descriptor_ = -1;
  bool connected_ = false;
  std::string buffer_;
};

// One request on a connection of its own.
HttpResponse http_get(std::uint16_t port, const std::string& path,
                      const std::string& headers = "");

}  // namespace lksctp::test
