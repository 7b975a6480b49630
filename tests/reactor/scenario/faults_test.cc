// What a program does to itself and a peer to it: silence in every phase, readers
// that stop, messages that cannot be sent; every message is accounted for.
#include <gmock/gmock.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "scenario.h"

namespace lksctp::test {
namespace {

// This thread without CAP_NET_ADMIN, which goes beyond net.core.wmem_max.
class WithoutNetAdmin {
 public:
  WithoutNetAdmin() {
    ::syscall(SYS_capget, &header_, before_);
    __user_cap_data_struct without[2] = {before_[0], before_[1]};
    without[0].effective &= ~(1u << CAP_NET_ADMIN);
    EXPECT_EQ(::syscall(SYS_capset, &header_, without), 0);
  }
  ~WithoutNetAdmin() { ::syscall(SYS_capset, &header_, before_); }
  WithoutNetAdmin(const WithoutNetAdmin&) = delete;
  WithoutNetAdmin& operator=(const WithoutNetAdmin&) = delete;

 private:
  __user_cap_header_struct header_{.version = _LINUX_CAPABILITY_VERSION_3,
                                   .pid = 0};
  __user_cap_data_struct before_[2] = {};
};

class Faults : public Scenario {
 protected:
  // Everything `end` has sent is acknowledged.
  void wait_acknowledged(End& end) {
    ASSERT_TRUE(wait([&] {
      return end.association->sample() &&
             end.association->record()->status->unacknowledged_chunks == 0;
    }));
  }

  // Sends until neither end nor stack takes more. Returns how many messages it
  // were.
  std::size_t fill(End& from, std::size_t size) {
    std::size_t sent = 0;
    for (int quiet = 0; quiet < 20;) {
      if (from.association->send(pattern(size, sent))) {
        ++sent;
        quiet = 0;
      } else {
        reactor_->run_once(std::chrono::milliseconds(10));
        ++quiet;
      }
    }
    return sent;
  }

  static void expect_received(const End& end, std::size_t count,
                              std::size_t size) {
    ASSERT_EQ(end.messages.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(
          std::ranges::equal(end.messages[i].payload(), pattern(size, i)))
          << i;
    }
  }
};

// ---- silence -----------------------------------------------------------------

TEST_F(Faults, APeerThatLosesPowerLeavesEveryMessageDeliveredOrFailed) {
  connect_pair({.association = {.options = fast_failure()}});
  constexpr std::size_t kDelivered = 50;
  constexpr std::size_t kLost = 70;
  send_all(*client, kDelivered, [](std::size_t i) { return pattern(500, i); });
  ASSERT_TRUE(wait([&] { return server->messages.size() == kDelivered; }));
  wait_acknowledged(*client);
  network_drops_everything();
  for (std::uint32_t i = 0; i < kLost; ++i) {
    ASSERT_TRUE(client->association->send(pattern(500, i), {.context = i}));
  }
  ASSERT_TRUE(wait([&] { return client->closed.has_value(); }));
  EXPECT_EQ(client->closed->reason, CloseReason::kTimeout);
  expect_received(*server, kDelivered, 500);
  ASSERT_EQ(client->failed.size(), kLost);
  for (std::uint32_t i = 0; i < kLost; ++i) {
    EXPECT_EQ(client->failed[i].first.context, i);
    EXPECT_EQ(client->failed[i].second, text_of(pattern(500, i)));
  }
  const Strings all = kinds(*client);
  EXPECT_EQ(std::ranges::count(all, "message_failed"),
            static_cast<std::ptrdiff_t>(kLost));
  EXPECT_EQ(all.back(), "association_closed");
  if (on_kernel()) {
    // Linux tells of the loss first, and then what was lost.
    EXPECT_LT(std::ranges::find(all, "comm_lost"),
              std::ranges::find(all, "message_failed"));
  }
  EXPECT_EQ(client->calls.back(), "closed");
  network_works();
}

TEST_F(Faults, AShutdownThatNobodyAnswersEndsInATimeout) {
  connect_pair({.association = {.options = fast_failure()}});
  wait_acknowledged(*client);
  network_drops_everything();
  ASSERT_TRUE(client->association->shutdown());
  ASSERT_TRUE(wait([&] { return client->closed.has_value(); }));
  EXPECT_EQ(client->closed->reason, CloseReason::kTimeout);
  EXPECT_EQ(client->closed->error->errno_value, ETIMEDOUT);
  const Strings all = kinds(*client);
  EXPECT_LT(std::ranges::find(all, "shutdown_requested"),
            std::ranges::find(all, "comm_lost"));
  EXPECT_EQ(std::ranges::count(all, "shutdown_complete"), 0);
  EXPECT_EQ(client->calls, (Strings{"up", "closed"}));
  network_works();
}

TEST_F(Faults, AShutdownBehindMessagesThatNobodyAcknowledgesFailsThem) {
  connect_pair({.association = {.options = fast_failure()}});
  wait_acknowledged(*client);
  network_drops_everything();
  for (std::uint32_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(client->association->send(pattern(100, i), {.context = i}));
  }
  ASSERT_TRUE(client->association->shutdown());
  ASSERT_TRUE(wait([&] { return client->closed.has_value(); }));
  EXPECT_EQ(client->closed->reason, CloseReason::kTimeout);
  EXPECT_EQ(client->failed.size(), 10u);
  EXPECT_EQ(server->message_count, 0u);
  network_works();
}

TEST_F(Faults, MessagesOfAConnectionThatFailsComeBack) {
  const auto endpoint = listen();
  network_drops_everything();
  ConnectOptions options;
  options.association.options = fast_failure();
  options.association.options.initiation.max_attempts = 2;
  End& end = connect(*endpoint, options);
  for (std::uint32_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(end.association->send(pattern(100, i), {.context = i}));
  }
  ASSERT_TRUE(wait([&] { return end.closed.has_value(); }));
  EXPECT_EQ(end.closed->reason, CloseReason::kTimeout);
  ASSERT_EQ(end.failed.size(), 10u);
  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_EQ(end.failed[i].first.context, i);
    EXPECT_EQ(end.failed[i].first.kind, SendFailedKind::kUnsent);
    EXPECT_EQ(end.failed[i].second, text_of(pattern(100, i)));
  }
  network_works();
}

// ---- readers -----------------------------------------------------------------

TEST_F(Faults, AStoppedReaderGetsEverythingWhenItGoesOn) {
  connect_pair();
  server->association->pause();
  const std::size_t sent = fill(*client, 1000);
  EXPECT_EQ(server->message_count, 0u);
  EXPECT_LT(sent * 1000, 8u * 1024 * 1024) << "memory is bounded";
  EXPECT_FALSE(client->closed.has_value());
  server->association->resume();
  ASSERT_TRUE(wait([&] { return server->messages.size() >= sent; }));
  expect_received(*server, sent, 1000);
}

TEST_F(Faults, NotificationsReachAStoppedReaderAtOnce) {
  connect_pair();
  server->association->pause();
  send_all(*client, 10, [](std::size_t i) { return pattern(100, i); });
  ASSERT_TRUE(client->association->shutdown());
  ASSERT_TRUE(wait(
      [&] { return std::ranges::count(kinds(*server), "shutdown") == 1; }));
  EXPECT_EQ(server->calls, Strings{"up"}) << "its messages come first";
  EXPECT_EQ(server->message_count, 0u);
  server->association->resume();
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  expect_received(*server, 10, 100);
  EXPECT_EQ(server->calls, (Strings{"up", "peer_shutdown", "closed"}));
}

TEST_F(Faults, AnAbortBehindUnreadMessagesIsFound) {
  connect_pair();
  server->association->pause();
  const std::size_t sent = fill(*client, 1000);
  ASSERT_TRUE(client->association->abort());
  ASSERT_TRUE(wait([&] { return server->association->record() == nullptr; }));
  EXPECT_FALSE(server->closed.has_value()) << "its messages come first";
  EXPECT_EQ(server->message_count, 0u);
  server->association->resume();
  ASSERT_TRUE(wait([&] { return server->closed.has_value(); }));
  EXPECT_EQ(server->closed->reason, CloseReason::kAbortRemote);
  EXPECT_GT(server->messages.size(), 0u);
  EXPECT_LE(server->messages.size(), sent);
  expect_received(*server, server->messages.size(), 1000);
}

// ---- sending -----------------------------------------------------------------

TEST_F(Faults, AMessageAboveTheSendBufferSaysWhatToRaise) {
  ConnectOptions options;
  options.association.options.send_buffer = 20'000;
  connect_pair(options);
  const auto refused = client->association->send(pattern(20'001));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kMessageTooLarge);
  EXPECT_NE(refused.error().message.find("options.send_buffer"),
            std::string::npos)
      << refused.error().message;
  // As large as it may be: that one arrives.
  ASSERT_TRUE(client->association->send(pattern(20'000)));
  ASSERT_TRUE(wait([&] { return server->messages.size() == 1; }));
  EXPECT_TRUE(
      std::ranges::equal(server->messages.front().payload(), pattern(20'000)));
  EXPECT_FALSE(client->closed.has_value());
  EXPECT_TRUE(client->failed.empty());
}

TEST_F(Faults, AMessageAboveWhatTheKernelAllowsIsRefusedAtOnce) {
  if (!on_kernel()) GTEST_SKIP() << "the limit is the kernel's";
  const WithoutNetAdmin ordinary_user;
  connect_pair();
  // By default twice 208 KiB, below `max_message_size`.
  const auto refused = client->association->send(pattern(500'000));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kMessageTooLarge);
  EXPECT_NE(refused.error().message.find("wmem_max"), std::string::npos)
      << refused.error().message;
  ASSERT_TRUE(client->association->send(pattern(300'000)));
  ASSERT_TRUE(wait([&] { return server->messages.size() == 1; }));
  EXPECT_TRUE(client->failed.empty());
}

TEST_F(Faults, AMessageAboveTheLargestSaysWhatToRaise) {
  // Above every stack's send buffer, which has to grow.
  constexpr std::size_t kLargest = 3'000'000;
  ConnectOptions connect_options;
  connect_options.association.max_message_size = kLargest;
  ListenOptions listen_options;
  listen_options.association.max_message_size = kLargest;
  connect_pair(connect_options, listen_options);
  const auto refused = client->association->send(pattern(kLargest + 1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kMessageTooLarge);
  EXPECT_NE(refused.error().message.find("max_message_size"), std::string::npos)
      << refused.error().message;
  ASSERT_TRUE(client->association->send(pattern(kLargest)));
  ASSERT_TRUE(wait([&] { return server->messages.size() == 1; }));
}

TEST_F(Faults, SendingInEveryState) {
  const auto refusal = [](const End& end, const SendOptions& options = {}) {
    const auto sent = end.association->send(bytes_of("x"), options);
    EXPECT_FALSE(sent.has_value());
    return sent ? ErrorCode::kSystem : sent.error().code;
  };
  const auto endpoint = listen();
  // Connecting: it waits.
  client = &connect(*endpoint);
  ASSERT_TRUE(client->association->send(bytes_of("early")));
  ASSERT_TRUE(wait([&] {
    return accepted_.size() == 1 && accepted_.front().messages.size() == 1;
  }));
  server = &accepted_.front();
  EXPECT_EQ(text_of(server->messages.front().payload()), "early");
  // Up.
  EXPECT_EQ(client->association->send({}).error().code,
            ErrorCode::kInvalidArgument);
  const std::uint16_t streams = client->association->record()->outbound_streams;
  EXPECT_EQ(refusal(*client, {.stream = StreamId(streams)}),
            ErrorCode::kInvalidArgument);
  ASSERT_TRUE(client->association->send(
      bytes_of("up"),
      {.stream = StreamId(static_cast<std::uint16_t>(streams - 1))}));
  ASSERT_TRUE(wait([&] { return server->messages.size() == 2; }));
  // Shutting down, while the peer still has messages to read.
  server->association->pause();
  ASSERT_TRUE(client->association->send(bytes_of("last")));
  ASSERT_TRUE(client->association->shutdown());
  EXPECT_EQ(refusal(*client), ErrorCode::kClosed);
  ASSERT_TRUE(wait(
      [&] { return std::ranges::count(kinds(*server), "shutdown") == 1; }));
  EXPECT_THAT(refusal(*server),
              testing::AnyOf(ErrorCode::kRemoteEnded, ErrorCode::kClosed))
      << "the end may have come with it";
  server->association->resume();
  ASSERT_TRUE(wait([&] { return client->closed && server->closed; }));
  EXPECT_EQ(server->messages.size(), 3u);
  // Closed.
  EXPECT_EQ(refusal(*client), ErrorCode::kClosed);
  EXPECT_EQ(refusal(*server), ErrorCode::kClosed);
  // Aborted.
  End& aborted = connect(*endpoint);
  ASSERT_TRUE(aborted.association->abort());
  EXPECT_EQ(refusal(aborted), ErrorCode::kClosed);
}

}  // namespace
}  // namespace lksctp::test
