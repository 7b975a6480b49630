#include "endpoint_impl.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

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
                            .udp_local_port = options_.udp.local_port};
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
  socket_.reset();
}

void EndpointImpl::close() {
  if (!socket_) return;
  reactor_.assert_loop_thread();
  retry_.reset();
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
