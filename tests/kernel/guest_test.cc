// The machine the kernel tests run on has what they need.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

struct Socket {
  int fd;
  explicit Socket(int descriptor) : fd(descriptor) {}
  Socket(const Socket&) = delete;
  ~Socket() { close(fd); }
};

sockaddr* as_sockaddr(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

TEST(Guest, TellsTheTestsItsStack) {
  const char* stack = std::getenv("LKSCTP_TEST_STACK");
  ASSERT_NE(stack, nullptr);
  EXPECT_STREQ(stack, "kernel");
}

TEST(Guest, CarriesAMessageOverLoopback) {
  const Socket listener(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP));
  ASSERT_GE(listener.fd, 0) << std::strerror(errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener.fd, as_sockaddr(address), size), 0)
      << std::strerror(errno);
  // Here it fails where the kernel has no hash for its cookies.
  ASSERT_EQ(listen(listener.fd, 1), 0) << std::strerror(errno);
  ASSERT_EQ(getsockname(listener.fd, as_sockaddr(address), &size), 0);

  const Socket client(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP));
  ASSERT_EQ(connect(client.fd, as_sockaddr(address), size), 0)
      << std::strerror(errno);
  const Socket server(accept(listener.fd, nullptr, nullptr));
  ASSERT_GE(server.fd, 0) << std::strerror(errno);

  sctp_status status{};
  socklen_t status_size = sizeof(status);
  ASSERT_EQ(
      getsockopt(client.fd, IPPROTO_SCTP, SCTP_STATUS, &status, &status_size),
      0);
  EXPECT_EQ(status.sstat_state, SCTP_ESTABLISHED);

  const std::string_view sent = "over kernel SCTP";
  ASSERT_EQ(send(client.fd, sent.data(), sent.size(), 0),
            static_cast<ssize_t>(sent.size()));
  std::array<char, 64> received{};
  const ssize_t length = recv(server.fd, received.data(), received.size(), 0);
  ASSERT_GT(length, 0) << std::strerror(errno);
  EXPECT_EQ(std::string_view(received.data(), static_cast<std::size_t>(length)),
            sent);
}

TEST(Guest, HasNetworksThatLoseAndDelay) {
  if (unshare(CLONE_NEWNET) != 0)
    GTEST_SKIP() << "needs root: " << std::strerror(errno);
  EXPECT_EQ(std::system("ip link set lo up"), 0);
  EXPECT_EQ(std::system("ip link add here type veth peer name there"), 0);
  EXPECT_EQ(std::system("tc qdisc add dev here root netem delay 10ms loss 5%"),
            0);
}

}  // namespace
