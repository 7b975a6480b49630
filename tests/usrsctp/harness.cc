#include "harness.h"

#include <cerrno>

namespace lksctp::testing {

void Endpoint::attach(std::unique_ptr<StackSocket> socket) {
  socket_ = std::move(socket);
}

void Endpoint::on_ready(bool readable, bool writable) {
  if (readable && reading) read();
  if (socket_ && (writable || !unsent.empty())) write();
}

void Endpoint::read() {
  std::vector<std::vector<std::byte>> buffers(8, std::vector<std::byte>(65536));
  for (;;) {
    std::vector<ReceiveSlot> slots(buffers.size());
    for (std::size_t i = 0; i < slots.size(); ++i) slots[i].buffer = buffers[i];
    const ReceiveResult result = socket_->receive(slots);
    for (std::size_t i = 0; i < result.filled; ++i) {
      const ReceiveSlot& slot = slots[i];
      const auto bytes = std::as_bytes(slot.buffer.first(slot.size));
      if (slot.notification) {
        ASSERT_TRUE(slot.end_of_record);
        auto decoded = decode(bytes, Abi::kUsrsctp);
        ASSERT_TRUE(decoded) << to_string(decoded.error());
        notifications.push_back(std::move(*decoded));
        continue;
      }
      partial_.append(reinterpret_cast<const char*>(bytes.data()),
                      bytes.size());
      if (!slot.end_of_record) continue;
      ASSERT_TRUE(slot.info);
      if (echo) send(partial_, slot.info->stream, slot.info->ppid);
      messages.push_back({std::move(partial_), *slot.info});
      partial_.clear();
    }
    if (result.end == ReceiveEnd::kError) errors.push_back(result.error_number);
    if (result.end == ReceiveEnd::kEndOfFile) ended = true;
    if (result.end == ReceiveEnd::kWouldBlock ||
        result.end == ReceiveEnd::kEndOfFile) {
      return;
    }
  }
}

void Endpoint::send(std::string data, StreamId stream, Ppid ppid) {
  unsent_data.push_back(std::move(data));
  const std::string& kept = unsent_data.back();
  OutgoingMessage message;
  message.data = std::as_bytes(std::span(kept));
  message.stream = stream;
  message.ppid = ppid;
  message.time_to_live = time_to_live;
  unsent.push_back(message);
  write();
}

void Endpoint::write() {
  while (!unsent.empty() && socket_) {
    const SendResult result = socket_->send({&unsent.front(), 1}, false);
    if (result.error_number == EAGAIN) {
      socket_->want_ready(reading, true);
      return;
    }
    if (result.error_number != 0) send_error = result.error_number;
    unsent.pop_front();
    unsent_data.pop_front();
  }
  if (socket_) socket_->want_ready(reading, false);
}

int Endpoint::count(AssociationChangeState state) const {
  int seen = 0;
  for (const Notification& one : notifications) {
    const auto* change = std::get_if<AssociationChange>(&one);
    if (change != nullptr && change->state == state) ++seen;
  }
  return seen;
}

int Endpoint::count(PeerAddressState state) const {
  int seen = 0;
  for (const Notification& one : notifications) {
    const auto* change = std::get_if<PeerAddressChange>(&one);
    if (change != nullptr && change->state == state) ++seen;
  }
  return seen;
}

void Listener::on_ready(bool, bool) {
  while (accepting) {
    auto endpoint = std::make_unique<Endpoint>();
    auto result = socket->accept(*endpoint);
    if (!result) {
      EXPECT_EQ(result.error().errno_value, EAGAIN);
      return;
    }
    endpoint->echo = echo;
    endpoint->attach(std::move(result->socket));
    accepted.push_back(std::move(endpoint));
    remotes.push_back(result->remote);
  }
}

std::uint16_t Listener::port() const {
  return socket->local_addresses().value().front().port;
}

void UsrsctpTest::start(UsrsctpStackOptions options) {
  stack_.reset();
  if (!loop_) loop_ = Loop::create(nullptr).value();
  auto stack = make_usrsctp_stack(*loop_, std::move(options));
  ASSERT_TRUE(stack) << stack.error().to_string();
  stack_ = std::move(*stack);
  loop_->set_turn_end([this] {
    if (stack_) stack_->flush();
  });
}

void UsrsctpTest::TearDown() {
  stack_.reset();
  loop_.reset();
}

bool UsrsctpTest::run_until(const std::function<bool()>& condition,
                            std::chrono::milliseconds limit) {
  const MonotonicTime deadline = Loop::now() + limit;
  while (!condition()) {
    if (Loop::now() > deadline) return false;
    loop_->run_once(std::chrono::milliseconds(20));
  }
  return true;
}

std::unique_ptr<Listener> UsrsctpTest::listen(const std::string& ip,
                                              const SocketOptions& options) {
  auto listener = std::make_unique<Listener>();
  StackListen request;
  request.local = {Address::parse(ip, 0).value()};
  request.udp_local_port = 0;
  request.options = options;
  auto socket = stack_->listen(request, *listener);
  EXPECT_TRUE(socket) << socket.error().to_string();
  if (socket) listener->socket = std::move(*socket);
  return listener;
}

StackConnect UsrsctpTest::to(const Listener& listener) const {
  StackConnect request;
  request.remote = {listener.socket->local_addresses().value().front()};
  request.udp_remote_port = listener.udp_port();
  return request;
}

std::unique_ptr<Endpoint> UsrsctpTest::connect(const StackConnect& request) {
  auto endpoint = std::make_unique<Endpoint>();
  auto socket = stack_->connect(request, *endpoint);
  EXPECT_TRUE(socket) << socket.error().to_string();
  if (socket) endpoint->attach(std::move(*socket));
  return endpoint;
}

UsrsctpTest::Pair UsrsctpTest::connected(const std::string& ip,
                                         const SocketOptions& options) {
  Pair pair;
  pair.listener = listen(ip, options);
  StackConnect request = to(*pair.listener);
  request.options = options;
  pair.client = connect(request);
  EXPECT_TRUE(run_until([&] {
    return pair.client->up() && !pair.listener->accepted.empty() &&
           pair.listener->accepted.front()->up();
  }));
  if (!pair.listener->accepted.empty()) {
    pair.server = pair.listener->accepted.front().get();
  }
  return pair;
}

SocketOptions impatient() {
  SocketOptions options;
  options.rto = {.initial = Milliseconds(50),
                 .minimum = Milliseconds(20),
                 .maximum = Milliseconds(100)};
  options.initiation.max_attempts = 3;
  options.initiation.max_timeout = Milliseconds(100);
  options.association.max_retransmissions = 4;
  options.path.max_retransmissions = 2;
  options.path.heartbeat_interval = Milliseconds(50);
  return options;
}

}  // namespace lksctp::testing
