// A usrsctp socket behind the seam: listening, or one association.
//
// Threads: loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "stack/stack.h"
#include "stack/usrsctp/usrsctp_engine.h"

namespace lksctp {

class UsrsctpSocket final : public StackSocket {
 public:
  // A usrsctp socket that is configured and not yet bound. Errors: kSystem.
  static Result<std::unique_ptr<UsrsctpSocket>> open(
      UsrsctpEngine& engine, StackSocketObserver& observer,
      const SocketOptions& options, AddressFamily family);
  ~UsrsctpSocket() override;
  UsrsctpSocket(const UsrsctpSocket&) = delete;
  UsrsctpSocket& operator=(const UsrsctpSocket&) = delete;

  // `port` 0: one that is free. `addresses`: how many of `udp`, from the first, are
  // local addresses. Errors: kSystem, EADDRINUSE with advice.
  Result<void> start_listening(std::vector<std::shared_ptr<UdpSocket>> udp,
                               std::size_t addresses, std::uint16_t port,
                               int backlog);
  // Takes over one use of `flow`, also when it fails.
  Result<void> start_connecting(Flow& flow, std::uint16_t local_port,
                                std::uint16_t remote_port);

  // Where the engine keeps this socket in its lists.
  struct Link {
    std::size_t index = 0;
    bool ready = false;
    bool active = false;
  };
  Link& link() { return link_; }

  // For the engine. `report_events` may end in this object's destruction.
  void report_events();
  void sweep();
  void accept_waiting();
  [[nodiscard]] bool backlog_full() const {
    return waiting_.size() >= backlog_;
  }
  [[nodiscard]] bool listens_on(const UdpSocket& udp) const;
  // Closes the usrsctp socket, aborting a live association; from then on every
  // call fails with ENOTCONN and `receive` says kEndOfFile.
  void detach();

  // StackSocket.
  ReceiveResult receive(std::span<ReceiveSlot> slots) override;
  SendResult send(std::span<const OutgoingMessage> messages,
                  bool more) override;
  void want_ready(bool read, bool write) override;
  void read_again() override;
  Result<Accepted> accept(StackSocketObserver& observer) override;
  Result<void> shutdown() override;
  Result<void> abort(std::string_view reason) override;
  Result<StatusSampled> status() override;
  Result<std::vector<PathInfo>> paths() override;
  Result<std::vector<Address>> local_addresses() override;
  std::optional<std::uint16_t> udp_port() override;
  Result<void> set_options(const SocketOptions& options) override;
  Result<SocketOptions> options() override;
  std::size_t largest_message() override;

 private:
  UsrsctpSocket(UsrsctpEngine& engine, UsrsctpHandle* handle,
                StackSocketObserver* observer, AddressFamily family);
  static void on_upcall(UsrsctpHandle* handle, void* self, int flags);
  // An association that usrsctp accepted; owns `handle` also when it fails.
  static std::unique_ptr<UsrsctpSocket> adopt(UsrsctpEngine& engine,
                                              UsrsctpHandle* handle,
                                              const sockaddr_conn& remote,
                                              std::uint16_t local_port);

  [[nodiscard]] const UsrsctpApi& api() const { return engine_->api(); }
  [[nodiscard]] bool is_listener() const { return !udp_.empty(); }
  [[nodiscard]] Address peer() const;
  Result<void> bind(std::uintptr_t handle, std::uint16_t port);
  Result<void> bind_to_free_port(std::uintptr_t handle);
  int send_one(const OutgoingMessage& message);
  // Closes the usrsctp socket, aborting what is alive, and lets its flow go.
  void close_handle();
  // Replaces AF_CONN addresses in a piece of a notification.
  void hide_handles(std::span<std::byte> piece);

  UsrsctpEngine* engine_;          // null when detached
  UsrsctpHandle* handle_;          // null when closed
  StackSocketObserver* observer_;  // null until accepted
  const AddressFamily family_;     // of the IP packets, for MTU arithmetic
  Link link_;

  std::uint16_t local_port_ = 0;   // SCTP
  std::uint16_t remote_port_ = 0;  // SCTP
  Flow* flow_ = nullptr;           // of an association

  // Listeners: the UDP sockets, and what was accepted and not yet asked for.
  std::vector<std::shared_ptr<UdpSocket>> udp_;
  std::size_t addresses_ = 0;  // of `udp_`, from the first: what was asked for
  std::deque<std::unique_ptr<UsrsctpSocket>> waiting_;
  std::size_t backlog_ = 0;

  bool want_read_ = true;
  bool want_write_ = false;
  bool write_blocked_ = false;  // EAGAIN since the last wake-up
  bool error_read_ = false;     // usrsctp repeats the last error for ever
  bool ended_ = false;          // kEndOfFile was said
  // The notification being read in pieces: where its next piece begins, and
  // whether it holds an address.
  std::size_t record_offset_ = 0;
  bool record_has_address_ = false;
};

}  // namespace lksctp
