#include "reactor_impl.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <cassert>
#include <ctime>
#include <utility>

#include "journal/journal_feed.h"
#include "lksctp/reactor/utf8.h"
#include "stack/select.h"

namespace lksctp {
namespace {

// Kept for reuse by the messages of all associations together.
constexpr std::size_t kMaxFreeBytes = 8 * 1024 * 1024;

// The socket options with this library's default: Nagle off, since with delayed
// SACKs it stalls signalling traffic.
SocketOptions with_defaults(SocketOptions options) {
  if (!options.no_delay) options.no_delay = true;
  return options;
}

Result<void> check_addresses(const std::vector<Address>& addresses,
                             const char* what) {
  for (const Address& address : addresses) {
    if (address.family == AddressFamily::kNone) {
      return tl::unexpected(Error::invalid_argument(
          std::string(what) + " address without an IPv4 or IPv6 address"));
    }
    if (address.port != addresses.front().port) {
      return tl::unexpected(Error::invalid_argument(
          std::string(what) +
          " addresses of one endpoint share one SCTP port (RFC 9260 §1.3)"));
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Reactor>> Reactor::create(ReactorOptions options) {
  return ReactorImpl::create(std::move(options), &lksctp::make_stack);
}

ReactorImpl::ReactorImpl(ReactorOptions options, StackFactory factory,
                         std::unique_ptr<Loop> loop)
    : options_(std::move(options)),
      pool_(std::make_shared<BufferPool>(kMaxFreeBytes)),
      loop_(std::move(loop)),
      make_(std::move(factory)),
      receive_buffers_(pool_, Stack::kMaxPiecesPerRead) {
  log_.add_sink([this](const Event& event) {
    if (journal_ != nullptr) journal_->add(event);
    if (!subscriptions_.empty()) {
      events_.push_back(event);
    } else if (journal_ == nullptr) {
      return;
    }
    request_turn_end();
  });
  loop_->set_turn_end([this] { end_turn(); });
  housekeeping_.emplace(*this);
}

Result<std::unique_ptr<Reactor>> ReactorImpl::create(ReactorOptions options,
                                                     StackFactory factory) {
  auto loop = Loop::create(options.base);
  if (!loop) return tl::unexpected(loop.error());
  std::unique_ptr<ReactorImpl> reactor(new ReactorImpl(
      std::move(options), std::move(factory), std::move(*loop)));
  auto stack = reactor->stack(reactor->options_.stack);
  if (!stack) return tl::unexpected(stack.error());
  reactor->default_stack_ = *stack;
  reactor->publish_snapshot();
  return reactor;
}

Result<Stack*> ReactorImpl::stack(std::optional<StackChoice> choice) {
  if (!choice) return default_stack_;
  if (*choice != StackChoice::kAuto) return make_stack(*choice);
  if (!no_kernel_) {
    auto kernel = make_stack(StackChoice::kKernel);
    if (kernel || kernel.error().code != ErrorCode::kStackUnavailable) {
      return kernel;
    }
    no_kernel_ = kernel.error();
    log_warning(fallback_warning(*no_kernel_));
  }
  auto usrsctp = make_stack(StackChoice::kUsrsctp);
  if (usrsctp) return usrsctp;
  // Nothing can serve: both cures are named.
  Error error = usrsctp.error();
  error.message = no_kernel_->message + "; and " + error.message;
  return tl::unexpected(std::move(error));
}

Result<Stack*> ReactorImpl::make_stack(StackChoice choice) {
  std::unique_ptr<Stack>& place = stacks_[choice];
  if (!place) {
    auto made = make_(choice, *loop_);
    if (!made) return tl::unexpected(made.error());
    place = std::move(*made);
  }
  return place.get();
}

Result<Capabilities> ReactorImpl::capabilities(StackChoice choice) {
  assert_loop_thread();
  return stack(choice).map([](Stack* one) { return one->capabilities(); });
}

ReactorImpl::~ReactorImpl() {
  // Sockets go before the stack they are on; whoever still holds an association
  // or endpoint finds it ended.
  for (auto& [id, association] : associations_) association->detach();
  for (auto& [id, endpoint] : endpoints_) endpoint->detach();
  discarded_.clear();
  flush_stacks();
  if (journal_ != nullptr) journal_->finish();
}

void ReactorImpl::flush_stacks() {
  for (const auto& [choice, stack] : stacks_) {
    if (stack) stack->flush();
  }
}

void ReactorImpl::assert_loop_thread() const {
  assert(loop_->in_loop_thread() &&
         "this belongs to the loop thread: use Reactor::post");
}

void ReactorImpl::log_warning(const std::string& text) const {
  if (options_.logger) options_.logger->warn(text);
}

EventSeq ReactorImpl::append(EndpointId endpoint, AssociationId association,
                             EventBody body, Bytes raw) {
  return log_.append(endpoint, association, std::move(body), std::move(raw));
}

// ---- endpoints and associations --------------------------------------------

Result<std::shared_ptr<Endpoint>> ReactorImpl::listen(ListenOptions options,
                                                      AcceptHandler on_accept) {
  assert_loop_thread();
  if (options.local.empty()) {
    return tl::unexpected(
        Error::invalid_argument("listen needs at least one local address"));
  }
  if (auto checked = check_addresses(options.local, "local"); !checked) {
    return tl::unexpected(checked.error());
  }
  if (options.ipv6_only &&
      std::ranges::any_of(options.local, [](const Address& local) {
        return local.family == AddressFamily::kIpv4;
      })) {
    return tl::unexpected(Error::invalid_argument(
        "ipv6_only and a local address of IPv4 exclude each other"));
  }
  options.name = to_utf8(options.name);
  const bool asked = options.association.options != SocketOptions{};
  options.association.options = with_defaults(options.association.options);
  const EndpointId id{last_endpoint_ + 1};
  auto stack = this->stack(options.stack);
  if (!stack) return tl::unexpected(stack.error());
  auto endpoint = std::make_shared<EndpointImpl>(
      *this, **stack, id, std::move(options), asked, std::move(on_accept));
  if (auto opened = endpoint->open(); !opened) {
    return tl::unexpected(opened.error());
  }
  last_endpoint_ = id.value();
  endpoints_.emplace(id, endpoint);
  append(id, {},
         EndpointOpened{.name = endpoint->name(),
                        .role = EndpointRole::kListen,
                        .stack = endpoint->stack()});
  append(id, {},
         EndpointBound{.local = endpoint->local(),
                       .udp_port = endpoint->udp_port()});
  housekeeping_->wake();
  return endpoint;
}

Result<std::shared_ptr<Association>> ReactorImpl::connect(
    ConnectOptions options, AssociationHandlers handlers) {
  assert_loop_thread();
  if (options.remote.empty()) {
    return tl::unexpected(
        Error::invalid_argument("connect needs at least one remote address"));
  }
  for (const auto& [addresses, what] :
       {std::pair{&options.remote, "remote"}, {&options.local, "local"}}) {
    if (auto checked = check_addresses(*addresses, what); !checked) {
      return tl::unexpected(checked.error());
    }
  }
  if (options.remote.front().port == 0) {
    return tl::unexpected(
        Error::invalid_argument("connect needs the peer's SCTP port"));
  }
  const bool asked = options.association.options != SocketOptions{};
  options.association.options = with_defaults(options.association.options);
  const EndpointId endpoint{last_endpoint_ + 1};
  const AssociationId id{last_association_ + 1};
  options.name = to_utf8(options.name);
  options.peer_name = options.peer_name.empty()
                          ? options.remote.front().to_string()
                          : to_utf8(options.peer_name);
  auto stack = this->stack(options.stack);
  if (!stack) return tl::unexpected(stack.error());
  auto association = std::make_shared<AssociationImpl>(
      *this, **stack, id, endpoint, options.association, asked);
  auto attempt = std::make_unique<ConnectAttempt>(
      StackConnect{.remote = options.remote,
                   .local = options.local,
                   .options = options.association.options,
                   .udp_local_port = options.udp.local_port,
                   .udp_remote_port = options.udp.remote_port},
      /*one_by_one=*/!(*stack)->capabilities().multihoming);
  auto socket = attempt->open_next(**stack, *association);
  if (!socket) return tl::unexpected(socket.error());
  last_endpoint_ = endpoint.value();
  last_association_ = id.value();
  associations_.emplace(id, association);

  append(endpoint, {},
         EndpointOpened{.name = options.name,
                        .role = EndpointRole::kConnect,
                        .stack = (*stack)->capabilities().stack});
  append(endpoint, {},
         EndpointBound{
             .local = (*socket)->local_addresses().value_or(options.local),
             .udp_port = (*socket)->udp_port()});
  append(endpoint, id,
         ConnectRequested{.peer = options.peer_name, .remote = options.remote});
  if (options.timeout > std::chrono::milliseconds::zero()) {
    attempt->set_time_limit(options.timeout,
                            loop_->timer([association = association.get()] {
                              association->attempt_timed_out();
                            }));
  }
  association->start(std::move(options.name), std::move(options.peer_name),
                     std::move(*socket), std::move(attempt));
  association->set_handlers(std::move(handlers));
  housekeeping_->wake();
  request_turn_end();
  return association;
}

Result<void> ReactorImpl::accept(EndpointImpl& endpoint,
                                 StackSocket& listening) {
  const AssociationId id{last_association_ + 1};
  const ListenOptions& options = endpoint.options();
  // The stack wants to know whom to tell before it gives the socket away; the
  // name follows from the address it gives with it.
  auto association = std::make_shared<AssociationImpl>(
      *this, endpoint.sctp_stack(), id, endpoint.id(), options.association,
      endpoint.options_asked_for());
  auto accepted = listening.accept(*association);
  if (!accepted) return tl::unexpected(accepted.error());
  last_association_ = id.value();
  if (options.peer_name_later) {
    endpoint.hold(std::move(association), std::move(*accepted));
    return {};
  }
  std::string peer = options.peer_name ? options.peer_name(accepted->remote)
                                       : accepted->remote.ip_string();
  admit(endpoint, std::move(association), std::move(*accepted),
        std::move(peer));
  return {};
}

void ReactorImpl::admit(EndpointImpl& endpoint,
                        std::shared_ptr<AssociationImpl> association,
                        StackSocket::Accepted accepted, std::string peer) {
  const AssociationId id = association->id();
  peer = to_utf8(peer);
  association->start(endpoint.name(), peer, std::move(accepted.socket),
                     nullptr);
  associations_.emplace(id, association);
  append(
      endpoint.id(), id,
      AssociationAccepted{.peer = std::move(peer), .remote = accepted.remote});
  accepted_.push_back({endpoint.shared_from_this(), std::move(association)});
  housekeeping_->wake();
  request_turn_end();
}

void ReactorImpl::expect_peer(std::string endpoint_name,
                              std::string peer_name) {
  assert_loop_thread();
  append({}, {}, PeerExpected{to_utf8(endpoint_name), to_utf8(peer_name)});
}

void ReactorImpl::association_ended(const AssociationImpl& association) {
  housekeeping_->peer_gone(association.endpoint_name(),
                           association.peer_name());
  // The endpoint of a connection is its association's alone.
  if (association.role() == EndpointRole::kConnect) {
    append(association.endpoint(), {}, EndpointClosed{});
  }
}

void ReactorImpl::endpoint_closed(EndpointImpl& endpoint) {
  append(endpoint.id(), {}, EndpointClosed{});
  const auto found = endpoints_.find(endpoint.id());
  closed_endpoints_.push_back(std::move(found->second));
  endpoints_.erase(found);
  request_turn_end();
}

// ---- subscriptions and snapshots -------------------------------------------

SubscriptionId ReactorImpl::subscribe(EventFilter filter,
                                      EventSubscriptions::Handler handler) {
  assert_loop_thread();
  return subscriptions_.subscribe(std::move(filter), std::move(handler));
}

void ReactorImpl::unsubscribe(SubscriptionId id) {
  assert_loop_thread();
  subscriptions_.unsubscribe(id);
}

Result<void> ReactorImpl::attach_journal(std::shared_ptr<Journal> journal) {
  assert_loop_thread();
  // One that has been closed since the last turn is none.
  if (journal_ != nullptr && journal_->hand_over()) {
    return tl::unexpected(Error::invalid_argument(
        "the reactor has a journal: close that one first"));
  }
  auto attached = JournalFeed::attach(
      journal, log_, [this] { loop_->post([this] { request_turn_end(); }); });
  if (!attached) return tl::unexpected(attached.error());
  journal_ = std::move(*attached);
  journal_->begin();
  return {};
}

void ReactorImpl::request_snapshot(std::function<void(SnapshotPtr)> ready) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = snapshot_requests_.empty();
    snapshot_requests_.push_back(std::move(ready));
  }
  if (first) {
    loop_->post([this] {
      snapshot_requested_ = true;
      request_turn_end();
    });
  }
}

void ReactorImpl::measure_busy() {
  timespec used{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0) return;
  const std::chrono::nanoseconds now = std::chrono::seconds(used.tv_sec) +
                                       std::chrono::nanoseconds(used.tv_nsec);
  // Another thread may run the loop from now on.
  const auto self = std::this_thread::get_id();
  if (std::exchange(measured_thread_, self) == self) {
    loop_statistics_.busy += now - measured_;
  }
  measured_ = now;
}

void ReactorImpl::publish_snapshot() {
  measure_busy();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->monotonic = Loop::now();
  snapshot->wall = std::chrono::system_clock::now();
  snapshot->table = table();
  snapshot->loop = loop_statistics_;
  if (journal_ != nullptr) snapshot->journal = journal_->status();
  if (!retired_) retired_ = snapshots_.latest()->table;
  snapshots_.publish(std::move(snapshot));
}

}  // namespace lksctp
