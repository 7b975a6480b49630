// What is on the wire, as tshark reads it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lksctp::test {

// A chunk of an SCTP packet.
struct Chunk {
  int type = 0;  // RFC 9260 §3.2
  int flags = 0;
  std::uint32_t ppid = 0;  // of DATA
  unsigned stream = 0;     // of DATA
};

inline constexpr int kData = 0;
inline constexpr int kInit = 1;
inline constexpr int kInitAck = 2;
inline constexpr int kHeartbeat = 4;
inline constexpr int kHeartbeatAck = 5;
inline constexpr int kAbort = 6;
inline constexpr int kShutdown = 7;
inline constexpr int kShutdownAck = 8;
inline constexpr int kCookieEcho = 10;
inline constexpr int kCookieAck = 11;
inline constexpr int kShutdownComplete = 14;
inline constexpr int kIData = 64;  // RFC 8260

struct Packet {
  std::size_t frame = 0;  // of those of its capture, from 1
  std::string from;       // IP address
  std::string to;
  unsigned from_port = 0;  // SCTP
  unsigned to_port = 0;
  unsigned from_udp_port = 0;  // 0: not in UDP
  unsigned to_udp_port = 0;
  std::vector<Chunk> chunks;
  std::vector<std::string> addresses;  // IPv4 address parameters

  [[nodiscard]] std::size_t count(int type) const {
    return static_cast<std::size_t>(
        std::ranges::count(chunks, type, &Chunk::type));
  }
};

// Chunks of that type in all of them.
std::size_t count(const std::vector<Packet>& packets, int type);

// Keeps every packet of an interface from now on. The packets wait in a socket, so
// that none is missed while a program that looks at them starts, or ends.
class Capture {
 public:
  // An interface of the current network namespace.
  explicit Capture(const std::string& interface);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  // How many frames there are so far.
  std::size_t frames();
  // The SCTP packets so far, in their order. Takes a second or two.
  std::vector<Packet> packets();

 private:
  // The loopback interface shows each packet twice, on its way out and in.
  bool outgoing_only_ = false;
  int fd_ = -1;
  std::size_t frames_ = 0;
  std::string file_;  // for tshark
};

}  // namespace lksctp::test
