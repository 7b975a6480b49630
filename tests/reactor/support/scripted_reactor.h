// A reactor on the scripted stack, with genuine notification bytes to feed it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "reactor_impl.h"
#include "recorder.h"
#include "stack/scripted/scripted_stack.h"

namespace lksctp::test {

// A captured notification of tests/samples, by stack and name.
inline Bytes sample(const std::string& name, const char* stack = "linux") {
  const std::string path = std::string(LKSCTP_SOURCE_DIR "/tests/samples/") +
                           stack + "/" + name + ".bin";
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  return bytes_of(content);
}

inline Address address(const char* ip, std::uint16_t port) {
  const auto parsed = Address::parse(ip, port);
  EXPECT_TRUE(parsed.has_value()) << ip;
  return parsed.value_or(Address{});
}

class ScriptedReactorTest : public testing::Test {
 protected:
  ScriptedReactorTest() { start({}); }

  ~ScriptedReactorTest() override {
    run_pending(*reactor_);
    recorder_->expect_replay_equal();
  }

  void start(ReactorOptions options, bool multihoming = true) {
    recorder_.reset();
    reactor_.reset();
    auto created = ReactorImpl::create(
        std::move(options), [this, multihoming](StackChoice, Loop& loop) {
          auto stack = std::make_unique<ScriptedStack>(
              loop, Abi::kLinux,
              Capabilities{.stack = StackKind::kScripted,
                           .multihoming = multihoming,
                           .partial_reliability_ttl = true,
                           .partial_reliability_retransmissions = true});
          stack_ = stack.get();
          return Result<std::unique_ptr<Stack>>(std::move(stack));
        });
    ASSERT_TRUE(created.has_value());
    reactor_ = std::move(*created);
    recorder_.emplace(*reactor_);
  }

  // Handlers that note what they are told.
  AssociationHandlers noting_handlers() {
    return {
        .on_established = [this](Association&) { calls_.push_back("up"); },
        .on_message =
            [this](Association&, Message message) {
              calls_.push_back("message");
              messages_.push_back(std::move(message));
            },
        .on_writable = [this](Association&) { calls_.push_back("writable"); },
        .on_peer_shutdown =
            [this](Association&) { calls_.push_back("peer_shutdown"); },
        .on_send_failed =
            [this](Association&, const MessageFailed& failed,
                   std::span<const std::byte> data) {
              calls_.push_back("send_failed");
              failed_.emplace_back(failed, text_of(data));
            },
        .on_closed =
            [this](Association&, const AssociationClosed& closed) {
              calls_.push_back("closed");
              closed_ = closed;
            },
    };
  }

  std::shared_ptr<Association> connect(ConnectOptions options = {}) {
    if (options.remote.empty()) options.remote = {address("192.0.2.1", 2905)};
    auto association = reactor_->connect(options, noting_handlers());
    EXPECT_TRUE(association.has_value());
    return *association;
  }

  // Connected and up, with 7 outbound streams (the sample's).
  std::shared_ptr<Association> connect_up(ConnectOptions options = {}) {
    auto association = connect(std::move(options));
    socket().notify(sample("assoc_change-comm_up-client"));
    run();
    EXPECT_EQ(calls_, std::vector<std::string>{"up"});
    calls_.clear();
    return association;
  }

  void run() { run_pending(*reactor_); }
  ScriptedSocketState& socket() { return *stack_->sockets.back(); }

  std::unique_ptr<Reactor> reactor_;
  ScriptedStack* stack_ = nullptr;
  std::optional<Recorder> recorder_;

  std::vector<std::string> calls_;
  std::vector<Message> messages_;
  std::vector<std::pair<MessageFailed, std::string>> failed_;
  std::optional<AssociationClosed> closed_;
};

}  // namespace lksctp::test
