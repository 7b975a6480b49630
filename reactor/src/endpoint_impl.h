// A listening endpoint over one stack socket: accepts until nothing waits,
// pauses when descriptors run out.
//
// Threads: loop thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lksctp/reactor/reactor.h"
#include "loop.h"
#include "stack/stack.h"

namespace lksctp {

class AssociationImpl;
class ReactorImpl;

class EndpointImpl final : public Endpoint,
                           public StackSocketObserver,
                           public std::enable_shared_from_this<EndpointImpl> {
 public:
  // `options_asked_for` of its associations: see AssociationImpl.
  EndpointImpl(ReactorImpl& reactor, Stack& stack, EndpointId id,
               ListenOptions options, bool options_asked_for,
               Reactor::AcceptHandler on_accept);
  ~EndpointImpl() override;

  // Binds and listens; fills name, addresses and port.
  Result<void> open();

  EndpointId id() const override { return id_; }
  const std::string& name() const override { return options_.name; }
  const std::vector<Address>& local() const override { return local_; }
  std::optional<std::uint16_t> udp_port() const override { return udp_port_; }
  StackKind stack() const override { return stack_kind_; }
  void close() override;
  // The reactor goes away: no event.
  void detach();

  void on_ready(bool readable, bool writable) override;

  [[nodiscard]] Stack& sctp_stack() const { return stack_; }

  // Keeps an accepted association until `ListenOptions::peer_name_later` has named
  // its peer.
  void hold(std::shared_ptr<AssociationImpl> association,
            StackSocket::Accepted accepted);

  [[nodiscard]] const ListenOptions& options() const { return options_; }
  [[nodiscard]] bool options_asked_for() const { return options_asked_for_; }
  [[nodiscard]] const Reactor::AcceptHandler& on_accept() const {
    return on_accept_;
  }

 private:
  struct Held {
    std::shared_ptr<AssociationImpl> association;
    StackSocket::Accepted accepted;
  };

  void accept_all();
  void admit_held(AssociationId id, std::string name);
  void drop_held();
  void pause_accepting(const Error& error);

  ReactorImpl& reactor_;
  Stack& stack_;
  const StackKind stack_kind_;  // its user may outlive the stack
  const EndpointId id_;
  ListenOptions options_;
  const bool options_asked_for_;
  const Reactor::AcceptHandler on_accept_;
  std::unique_ptr<StackSocket> socket_;
  std::vector<Address> local_;
  std::optional<std::uint16_t> udp_port_;
  std::unique_ptr<LoopTimer> retry_;
  std::map<AssociationId, Held> held_;
  bool accepting_paused_ = false;
};

}  // namespace lksctp
