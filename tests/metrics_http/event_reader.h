// A client of /events.
#pragma once

#include <cstdint>
#include <string>

#include "http_client.h"

namespace lksctp::test {

struct SentEvent {
  std::string id;
  std::string type;  // "" at the end of the stream
  std::string data;
};

// Asks as HTTP/1.0, so that the events come as they are.
class EventReader {
 public:
  // `headers` are whole lines, each with its end.
  explicit EventReader(std::uint16_t port, const std::string& query = "",
                       const std::string& headers = "", int receive_buffer = 0);

  // The status line and headers.
  [[nodiscard]] const std::string& head() const { return head_; }
  // The next event; comments are counted and left out. Waits for it.
  SentEvent next();
  // The id that the next comment comes with; events before it are left out. Waits
  // for it.
  std::string next_heartbeat();
  [[nodiscard]] std::size_t comments() const { return comments_; }

 private:
  // What stands before the next `end`; empty when there is none any more.
  std::string read_until(const std::string& end);
  SentEvent next_block();

  HttpClient client_;
  std::string buffer_;
  std::string head_;
  std::size_t comments_ = 0;
};

}  // namespace lksctp::test
