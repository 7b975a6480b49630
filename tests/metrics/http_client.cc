#include "http_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <utility>

namespace lksctp::test {
namespace {

// A socket that takes no low descriptor number away. A client is in another
// process as a rule, and then the server's next connection gets the number of
// the one that it closed last; here the client would get it, or not, by chance.
int socket_out_of_the_way(int family) {
  constexpr int kAboveTheServer = 512;
  const int low = ::socket(family, SOCK_STREAM, 0);
  const int high = ::fcntl(low, F_DUPFD_CLOEXEC, kAboveTheServer);
  if (low >= 0) ::close(low);
  return high;
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port, bool ipv6, int receive_buffer) {
  descriptor_ = socket_out_of_the_way(ipv6 ? AF_INET6 : AF_INET);
  const timeval patience{30, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience,
               sizeof patience);
  if (receive_buffer > 0) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                 sizeof receive_buffer);
  }
  if (ipv6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(port);
    connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address),
                           sizeof address) == 0;
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address),
                           sizeof address) == 0;
  }
}

HttpClient::~HttpClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the server has closed: `receive` will tell
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool HttpClient::read_more() {
  std::array<char, 65536> chunk{};
  const ssize_t size = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
  if (size <= 0) return false;
  buffer_.append(chunk.data(), static_cast<std::size_t>(size));
  return true;
}

HttpResponse HttpClient::receive(bool head) {
  HttpResponse response;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == buffer_.npos) {
    if (!read_more()) return response;
  }
  std::istringstream lines(buffer_.substr(0, end + 2));
  buffer_.erase(0, end + 4);
  std::string line;
  std::getline(lines, line);
  const int status = std::stoi(line.substr(line.find(' ') + 1));
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    response.headers[name] = colon != line.npos ? line.substr(colon + 2) : "";
  }
  const auto length = response.headers.find("content-length");
  const std::size_t size =
      head || length == response.headers.end() ? 0 : std::stoul(length->second);
  while (buffer_.size() < size) {
    if (!read_more()) return response;
  }
  response.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  response.status = status;
  return response;
}

HttpResponse HttpClient::get(const std::string& path,
                             const std::string& headers) {
  send("GET " + path + " HTTP/1.1\r\n" +
       (headers.find("Host: ") == headers.npos ? "Host: 127.0.0.1\r\n" : "") +
       headers + "\r\n");
  return receive();
}

bool HttpClient::has_input() const {
  char byte = 0;
  return !buffer_.empty() ||
         ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

std::string HttpClient::read_some() {
  if (buffer_.empty()) read_more();
  return std::exchange(buffer_, {});
}

std::string HttpClient::read_to_end() {
  while (read_more()) {
  }
  return std::move(buffer_);
}

void HttpClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(descriptor_);
  descriptor_ = -1;
}

HttpResponse http_get(std::uint16_t port, const std::string& path,
                      const std::string& headers) {
  return HttpClient(port).get(path, headers);
}

}  // namespace lksctp::test
