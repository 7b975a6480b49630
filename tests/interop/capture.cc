#include "capture.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lksctp::test {
namespace {

// The file format of libpcap.
struct FileHeader {
  std::uint32_t magic = 0xa1b2c3d4;
  std::uint16_t major = 2;
  std::uint16_t minor = 4;
  std::int32_t zone = 0;
  std::uint32_t accuracy = 0;
  std::uint32_t longest = 262144;
  std::uint32_t link_type = 1;  // Ethernet
};

struct PacketHeader {
  std::uint32_t seconds = 0;
  std::uint32_t microseconds = 0;
  std::uint32_t kept = 0;
  std::uint32_t length = 0;
};

template <typename T>
void write_raw(std::ofstream& file, const T& value) {
  file.write(reinterpret_cast<const char*>(&value), sizeof value);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

unsigned number(const std::string& text) {
  return static_cast<unsigned>(std::strtoul(text.c_str(), nullptr, 0));
}

// Field by field as tshark is asked for them in `packets`.
Packet parse(const std::string& line) {
  std::vector<std::string> fields = split(line, '\t');
  fields.resize(12);
  Packet packet{.frame = number(fields[0]),
                .from = fields[1],
                .to = fields[2],
                .from_port = number(fields[3]),
                .to_port = number(fields[4]),
                .from_udp_port = number(fields[5]),
                .to_udp_port = number(fields[6]),
                .chunks = {},
                .addresses = split(fields[11], ',')};
  const auto types = split(fields[7], ',');
  const auto flags = split(fields[8], ',');
  const auto ppids = split(fields[9], ',');
  const auto streams = split(fields[10], ',');
  EXPECT_EQ(types.size(), flags.size()) << line;
  std::size_t data = 0;
  for (std::size_t i = 0; i < types.size() && i < flags.size(); ++i) {
    Chunk& chunk = packet.chunks.emplace_back();
    chunk.type = static_cast<int>(number(types[i]));
    chunk.flags = static_cast<int>(number(flags[i]));
    if (chunk.type != kData) continue;
    if (data < ppids.size()) chunk.ppid = number(ppids[data]);
    if (data < streams.size()) chunk.stream = number(streams[data]);
    ++data;
  }
  return packet;
}

}  // namespace

std::size_t count(const std::vector<Packet>& packets, int type) {
  std::size_t count = 0;
  for (const Packet& packet : packets) count += packet.count(type);
  return count;
}

Capture::Capture(const std::string& interface)
    : outgoing_only_(interface == "lo"),
      fd_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))),
      file_(std::filesystem::temp_directory_path() / "capture-XXXXXX") {
  EXPECT_GE(fd_, 0) << std::strerror(errno);
  const int room = 16 * 1024 * 1024;
  EXPECT_EQ(::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room),
            0);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  EXPECT_EQ(
      ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address),
      0)
      << interface << ": " << std::strerror(errno);
  const int file = ::mkstemp(file_.data());
  EXPECT_GE(file, 0) << file_;
  ::close(file);
  std::ofstream stream(file_, std::ios::binary);
  write_raw(stream, FileHeader{});
}

Capture::~Capture() {
  ::close(fd_);
  std::filesystem::remove(file_);
}

std::size_t Capture::frames() {
  std::ofstream file(file_, std::ios::binary | std::ios::app);
  std::vector<char> frame(FileHeader{}.longest);
  sockaddr_ll from{};
  socklen_t size = sizeof from;
  ssize_t length = 0;
  while ((length = ::recvfrom(fd_, frame.data(), frame.size(), MSG_DONTWAIT,
                              reinterpret_cast<sockaddr*>(&from), &size)) > 0) {
    if (outgoing_only_ && from.sll_pkttype != PACKET_OUTGOING) continue;
    const auto bytes = static_cast<std::uint32_t>(length);
    write_raw(file, PacketHeader{.kept = bytes, .length = bytes});
    file.write(frame.data(), length);
    ++frames_;
  }
  EXPECT_TRUE(file.good()) << file_;
  return frames_;
}

std::vector<Packet> Capture::packets() {
  frames();
  const std::string command =
      "tshark -r " + file_ +
      " -o sctp.reassembly:FALSE -Y sctp -T fields -E separator=/t"
      " -e frame.number -e ip.src -e ip.dst -e sctp.srcport -e sctp.dstport"
      " -e udp.srcport -e udp.dstport -e sctp.chunk_type -e sctp.chunk_flags"
      " -e sctp.data_payload_proto_id -e sctp.data_sid"
      " -e sctp.parameter_ipv4_address 2>" +
      file_ + ".errors";
  std::FILE* output = ::popen(command.c_str(), "r");
  std::vector<Packet> packets;
  char* line = nullptr;
  std::size_t room = 0;
  ssize_t length = 0;
  while ((length = ::getline(&line, &room, output)) > 0) {
    packets.push_back(
        parse(std::string(line, static_cast<std::size_t>(length - 1))));
  }
  std::free(line);
  const int status = ::pclose(output);
  std::ifstream errors(file_ + ".errors");
  EXPECT_EQ(status, 0) << errors.rdbuf();
  std::filesystem::remove(file_ + ".errors");
  return packets;
}

}  // namespace lksctp::test
