// Messages: sizes, streams, order, attributes, loss, slow readers, bounds.
#include <algorithm>
#include <set>
#include <string>

#include "scenario.h"

namespace lksctp::test {
namespace {

class Transfer : public Scenario {};

TEST_F(Transfer, EchoOfEverySizeToOneMebibyte) {
  connect_pair({}, {}, /*echo=*/true);
  std::size_t expected = 0;
  for (const std::size_t size :
       {1u, 2u, 63u, 64u, 1000u, 1444u, 1445u, 4096u, 16384u, 65535u, 65536u,
        65537u, 262144u, 1048576u}) {
    ASSERT_TRUE(
        client->association->send(pattern(size, size), {.ppid = Ppid(46)})
            .has_value());
    ++expected;
    ASSERT_TRUE(wait([&] { return client->messages.size() == expected; }))
        << size;
    const Message& message = client->messages.back();
    EXPECT_TRUE(std::ranges::equal(message.payload(), pattern(size, size)))
        << size;
    EXPECT_EQ(message.info.ppid, Ppid(46));
  }
}

TEST_F(Transfer, StreamsKeepTheirOwnOrder) {
  ConnectOptions options;
  options.association.options.initiation.outbound_streams = 100;
  connect_pair(options);
  EXPECT_EQ(client->association->record()->outbound_streams, 100);
  for (unsigned i = 0; i < 1000; ++i) {
    const auto stream = static_cast<std::uint16_t>(i % 100);
    ASSERT_TRUE(client->association
                    ->send(pattern(100, i),
                           {.stream = StreamId(stream), .ppid = Ppid(i)})
                    .has_value());
  }
  ASSERT_TRUE(wait([&] { return server->messages.size() == 1000; }));
  std::map<StreamId, std::uint16_t> next;
  for (const Message& message : server->messages) {
    EXPECT_EQ(message.info.ssn, next[message.info.stream]++);
    EXPECT_EQ(message.info.stream.value(), message.info.ppid.value() % 100);
    EXPECT_FALSE(message.info.unordered);
  }
  EXPECT_EQ(next.size(), 100u);
}

TEST_F(Transfer, UnorderedIsSaidAndNothingIsLost) {
  connect_pair();
  for (unsigned i = 0; i < 200; ++i) {
    ASSERT_TRUE(client->association
                    ->send(pattern(50, i), {.ppid = Ppid(i), .unordered = true})
                    .has_value());
  }
  ASSERT_TRUE(wait([&] { return server->messages.size() == 200; }));
  std::set<std::uint32_t> seen;
  for (const Message& message : server->messages) {
    EXPECT_TRUE(message.info.unordered);
    seen.insert(message.info.ppid.value());
  }
  EXPECT_EQ(seen.size(), 200u);
}

TEST_F(Transfer, TransmissionSequenceNumbersCount) {
  connect_pair();
  send_all(*client, 10, [](std::size_t i) { return pattern(10, i); });
  ASSERT_TRUE(wait([&] { return server->messages.size() == 10; }));
  for (std::size_t i = 1; i < 10; ++i) {
    EXPECT_EQ(server->messages[i].info.tsn.value(),
              server->messages[i - 1].info.tsn.value() + 1);
  }
}

TEST_F(Transfer, IPv6) {
  const Address any = *Address::parse("::1", 0);
  connect_pair({}, {.local = {any}}, /*echo=*/true);
  ASSERT_TRUE(client->association->send(bytes_of("six")).has_value());
  ASSERT_TRUE(wait([&] { return client->messages.size() == 1; }));
  EXPECT_EQ(server->association->peer_name(), "::1");
  const auto* record = client->association->record();
  ASSERT_EQ(record->paths.size(), 1u);
  EXPECT_EQ(record->paths.begin()->first.ip_string(), "::1");
}

TEST_F(Transfer, LossAndReorderingLoseNothing) {
  connect_pair({.association = {.options = never_gives_up()}});
  network_loses_and_reorders();
  send_all(*client, 2000, [](std::size_t i) { return pattern(300, i); });
  ASSERT_TRUE(wait([&] { return server->messages.size() == 2000; }));
  for (std::size_t i = 0; i < 2000; ++i) {
    ASSERT_TRUE(
        std::ranges::equal(server->messages[i].payload(), pattern(300, i)))
        << i;
  }
  network_works();
}

TEST_F(Transfer, ASlowReaderStopsTheSenderAndGetsEverything) {
  ListenOptions listening;
  listening.association.receive_high_water_mark = 64 * 1024;
  listening.association.options.receive_buffer = 128 * 1024;
  ConnectOptions connecting;
  connecting.association.send_high_water_mark = 64 * 1024;
  connecting.association.options.send_buffer = 128 * 1024;
  connect_pair(connecting, listening);
  server->association->pause();
  std::size_t sent = 0;
  // Until nothing moves any more: both queues and both stacks are full.
  for (int quiet = 0; quiet < 20;) {
    if (client->association->send(pattern(1000, sent)).has_value()) {
      ++sent;
      quiet = 0;
    } else {
      reactor_->run_once(std::chrono::milliseconds(10));
      ++quiet;
    }
  }
  EXPECT_LT(sent * 1000, 2u * 1024 * 1024) << "memory is bounded";
  EXPECT_EQ(server->message_count, 0u);
  EXPECT_LE(client->association->send_queue_bytes(), 65u * 1024);
  server->association->resume();
  ASSERT_TRUE(wait([&] { return server->messages.size() == sent; }));
  for (std::size_t i = 0; i < sent; ++i) {
    ASSERT_TRUE(
        std::ranges::equal(server->messages[i].payload(), pattern(1000, i)));
  }
}

// The kernel is told to hold small ones until packets are full: never the last.
TEST_F(Transfer, WhatATurnSendsArrivesWithNothingBehindIt) {
  const auto small_buffers = [] {
    AssociationSettings settings;
    // The kernel's own: about three packets of loopback.
    settings.options.send_buffer = 208 * 1024;
    settings.options.receive_buffer = 208 * 1024;
    return settings;
  };
  for (const AssociationSettings& settings :
       {AssociationSettings{}, small_buffers()}) {
    connect_pair({.association = settings}, {.association = settings});
    std::size_t sent = 0;
    for (const std::size_t size : {1u, 64u, 1000u, 4000u, 16'000u}) {
      for (const std::size_t count : {1u, 64u, 65u, 66u, 1000u}) {
        for (std::size_t i = 0; i < count; ++i) {
          if (!client->association->send(pattern(size, sent))) break;
          ++sent;
        }
        ASSERT_TRUE(wait([&] { return server->message_count == sent; }))
            << count << " of " << size << " bytes";
      }
    }
  }
}

TEST_F(Transfer, AMessageThatOutlivesItsTimeFailsAndIsNotDelivered) {
  connect_pair({.association = {.options = never_gives_up()}});
  network_drops_everything();
  // The kernel reports what expires before it is sent, usrsctp what was sent:
  // these fill the congestion window, so that what follows waits. (After a pause it
  // is four times loopback's 64 KiB.)
  const std::size_t ahead = on_kernel() ? 8 : 0;
  for (std::size_t i = 0; i < ahead; ++i) {
    ASSERT_TRUE(client->association->send(pattern(50'000, i)).has_value());
  }
  ASSERT_TRUE(
      client->association
          ->send(bytes_of("perishable"), {.stream = StreamId(2),
                                          .context = 77,
                                          .time_to_live = Milliseconds(10)})
          .has_value());
  settle();
  network_works();
  ASSERT_TRUE(wait([&] { return !client->failed.empty(); }));
  const auto& [failed, data] = client->failed.front();
  EXPECT_EQ(failed.context, 77u);
  EXPECT_EQ(failed.stream, StreamId(2));
  EXPECT_EQ(failed.kind,
            on_kernel() ? SendFailedKind::kUnsent : SendFailedKind::kSent);
  EXPECT_EQ(data, "perishable");
  ASSERT_TRUE(client->association->send(bytes_of("durable")).has_value());
  ASSERT_TRUE(wait([&] { return server->messages.size() == ahead + 1; }));
  EXPECT_EQ(text_of(server->messages.back().payload()), "durable");
  EXPECT_EQ(client->failed.size(), 1u);
}

TEST_F(Transfer, AMessageAboveTheBoundEndsThatAssociationAlone) {
  ListenOptions listening;
  listening.association.max_message_size = 10'000;
  const auto endpoint = listen(listening);
  End& good = connect(*endpoint);
  ASSERT_TRUE(wait([&] { return accepted_.size() == 1 && good.up; }));
  End& bad = connect(*endpoint);
  ASSERT_TRUE(wait([&] { return accepted_.size() == 2 && bad.up; }));
  ASSERT_TRUE(bad.association->send(pattern(10'001)).has_value());
  ASSERT_TRUE(wait([&] { return bad.closed && accepted_[1].closed; }));
  EXPECT_EQ(accepted_[1].closed->error->code, ErrorCode::kMessageTooLarge);
  EXPECT_EQ(bad.closed->reason, CloseReason::kAbortRemote);
  ASSERT_TRUE(good.association->send(pattern(10'000)).has_value());
  ASSERT_TRUE(wait([&] { return accepted_[0].messages.size() == 1; }));
}

TEST_F(Transfer, TotalsAreExact) {
  connect_pair();
  send_all(*client, 100, [](std::size_t i) { return pattern(i + 1); });
  ASSERT_TRUE(wait([&] { return server->messages.size() == 100; }));
  SnapshotPtr snapshot;
  reactor_->request_snapshot([&](SnapshotPtr ready) { snapshot = ready; });
  ASSERT_TRUE(wait([&] { return snapshot != nullptr; }));
  const auto& table = snapshot->table;
  EXPECT_EQ(table.association(client->association->id())->sent,
            (Traffic{100, 5050}));
  EXPECT_EQ(table.association(server->association->id())->received,
            (Traffic{100, 5050}));
  run_pending(*reactor_);
}

}  // namespace
}  // namespace lksctp::test
