#include "endpoint_impl.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "association_impl.h"
#include "reactor_impl.h"

namespace lksctp {
namespace {

// How long accepting rests when descriptors or memory ran out. Long enough not
// to spin, short enough that peers' INITs are still being retransmitted.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

EndpointImpl::EndpointImpl(ReactorImpl& reactor, Stack& stack, EndpointId id,
                           ListenOptions options, bool options_asked_for,
                           Reactor::AcceptHandler on_accept)
    : reactor_(reactor),
      stack_(stack),
      stack_kind_(stack.capabilities().stack),
      id_(id),
      options_(std::move(options)),
      options_asked_for_(options_asked_for),
      on_accept_(std::move(on_accept)) {}

EndpointImpl::~EndpointImpl() = default;

Result<void> EndpointImpl::open() {
  const StackListen request{.local = options_.local,
                            .backlog = options_.backlog,
                            .options = options_.association.options,
                            .udp_local_port = options_.udp.local_port,
                            .ipv6_only = options_.ipv6_only};
  auto socket = stack_.listen(request, *this);
  if (!socket) return tl::unexpected(socket.error());
  auto local = (*socket)->local_addresses();
  if (!local) return tl::unexpected(local.error());
  local_ = std::move(*local);
  udp_port_ = (*socket)->udp_port();
  if (options_.name.empty()) {
    options_.name =
        "listen:" + (local_.empty() ? Address{} : local_.front()).to_string();
  }
  socket_ = std::move(*socket);
  return {};
}

void EndpointImpl::detach() {
  retry_.reset();
  held_.clear();
  socket_.reset();
}

void EndpointImpl::close() {
  if (!socket_) return;
  reactor_.assert_loop_thread();
  retry_.reset();
  drop_held();
  reactor_.discard(std::move(socket_));
  reactor_.endpoint_closed(*this);
}

void EndpointImpl::on_ready(bool readable, bool) {
  if (readable && socket_ && !accepting_paused_) accept_all();
}

void EndpointImpl::accept_all() {
  while (socket_) {
    // The association's observer is made with it: it takes the socket over.
    auto accepted = reactor_.accept(*this, *socket_);
    if (accepted) continue;
    const Error& error = accepted.error();
    if (error.errno_value == EAGAIN || error.errno_value == EWOULDBLOCK) break;
    if (error.errno_value == ECONNABORTED || error.errno_value == EINTR) {
      continue;
    }
    pause_accepting(error);
    return;
  }
  if (accepting_paused_) {
    accepting_paused_ = false;
    reactor_.append(id_, {}, AcceptStateChanged{});
  }
}

// The stack keeps what comes for it meanwhile.
void EndpointImpl::hold(std::shared_ptr<AssociationImpl> association,
                        StackSocket::Accepted accepted) {
  accepted.socket->want_ready(false, false);
  const AssociationId id = association->id();
  const Address remote = accepted.remote;
  held_.emplace(id, Held{std::move(association), std::move(accepted)});
  options_.peer_name_later(remote,
                           [weak = weak_from_this(), id](std::string name) {
                             if (const auto self = weak.lock()) {
                               self->admit_held(id, std::move(name));
                             }
                           });
}

void EndpointImpl::admit_held(AssociationId id, std::string name) {
  auto held = held_.extract(id);
  if (held.empty()) return;  // dropped, or named already
  StackSocket& socket = *held.mapped().accepted.socket;
  reactor_.admit(*this, std::move(held.mapped().association),
                 std::move(held.mapped().accepted), std::move(name));
  socket.want_ready(true, false);
}

void EndpointImpl::drop_held() {
  for (auto& [id, held] : held_) {
    // Nothing is told to the association, which goes with this.
    static_cast<void>(held.accepted.socket->abort({}));
    reactor_.discard(std::move(held.accepted.socket));
  }
  held_.clear();
}

void EndpointImpl::pause_accepting(const Error& error) {
  if (!accepting_paused_) {
    accepting_paused_ = true;
    reactor_.append(id_, {}, AcceptStateChanged{error});
    reactor_.log_warning("accept: " + error.to_string());
  }
  socket_->want_ready(false, false);
  if (!retry_) {
    retry_ = reactor_.loop().timer([this] {
      if (!socket_) return;
      socket_->want_ready(true, false);
      accept_all();
    });
  }
  retry_->start(kAcceptPause);
}

}  // namespace lksctp
