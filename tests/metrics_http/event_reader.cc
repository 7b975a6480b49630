#include "event_reader.h"

#include <sstream>

namespace lksctp::test {

EventReader::EventReader(std::uint16_t port, const std::string& query,
                         const std::string& headers, int receive_buffer)
    : client_(port, /*ipv6=*/false, receive_buffer) {
  client_.send("GET /events" + query + " HTTP/1.0\r\n" + headers + "\r\n");
  head_ = read_until("\r\n\r\n");
}

std::string EventReader::read_until(const std::string& end) {
  std::size_t at = 0;
  while ((at = buffer_.find(end)) == buffer_.npos) {
    const std::string more = client_.read_some();
    if (more.empty()) return "";
    buffer_ += more;
  }
  std::string text = buffer_.substr(0, at);
  buffer_.erase(0, at + end.size());
  return text;
}

SentEvent EventReader::next_block() {
  SentEvent event;
  std::istringstream lines(read_until("\n\n"));
  for (std::string line; std::getline(lines, line);) {
    const std::string value = line.substr(line.find(": ") + 2);
    if (line.starts_with(':')) ++comments_;
    if (line.starts_with("id: ")) event.id = value;
    if (line.starts_with("event: ")) event.type = value;
    if (line.starts_with("data: ")) event.data = value;
  }
  return event;
}

SentEvent EventReader::next() {
  for (;;) {
    const std::size_t comments = comments_;
    SentEvent event = next_block();
    if (!event.type.empty() || comments_ == comments) return event;
  }
}

std::string EventReader::next_heartbeat() {
  for (;;) {
    const std::size_t comments = comments_;
    const SentEvent event = next_block();
    if (comments_ != comments) return event.id;
    if (event.type.empty()) return "the stream ended";
  }
}

}  // namespace lksctp::test
