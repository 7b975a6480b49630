// libusrsctp, loaded privately: nothing else of this project names its library.
//
// The library exports some 600 symbols with common names and keeps its state in
// globals: one instance per process, one owner at a time. It is loaded with
// dlopen so that its symbols meet nobody else's, initialised once without
// threads, and never finished; ownership passes from one stack to the next.
//
// Threads: `UsrsctpLease::acquire` and releasing are thread-safe; everything
// else is for the owner's loop thread.
#pragma once

#include <usrsctp.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "lksctp/reactor/error.h"

namespace lksctp {

// usrsctp's `struct socket`; the tag is also the name of a function.
using UsrsctpHandle = struct ::socket;

// The functions this library uses, by the types of <usrsctp.h>.
struct UsrsctpApi {
  decltype(&usrsctp_init_nothreads) init_nothreads = nullptr;
  decltype(&usrsctp_socket) socket = nullptr;
  decltype(&usrsctp_bind) bind = nullptr;
  decltype(&usrsctp_listen) listen = nullptr;
  decltype(&usrsctp_accept) accept = nullptr;
  decltype(&usrsctp_connect) connect = nullptr;
  decltype(&usrsctp_close) close = nullptr;
  decltype(&usrsctp_shutdown) shutdown = nullptr;
  decltype(&usrsctp_sendv) sendv = nullptr;
  decltype(&usrsctp_recvv) recvv = nullptr;
  decltype(&usrsctp_setsockopt) setsockopt = nullptr;
  decltype(&usrsctp_getsockopt) getsockopt = nullptr;
  decltype(&usrsctp_set_non_blocking) set_non_blocking = nullptr;
  decltype(&usrsctp_set_upcall) set_upcall = nullptr;
  decltype(&usrsctp_get_events) get_events = nullptr;
  decltype(&usrsctp_register_address) register_address = nullptr;
  decltype(&usrsctp_deregister_address) deregister_address = nullptr;
  decltype(&usrsctp_conninput) conninput = nullptr;
  decltype(&usrsctp_handle_timers) handle_timers = nullptr;
  decltype(&usrsctp_crc32c) crc32c = nullptr;
  decltype(&usrsctp_sysctl_set_sctp_ecn_enable) set_ecn = nullptr;
  decltype(&usrsctp_sysctl_set_sctp_asconf_enable) set_asconf = nullptr;
  decltype(&usrsctp_sysctl_set_sctp_auto_asconf) set_auto_asconf = nullptr;
  decltype(&usrsctp_sysctl_set_sctp_auth_enable) set_auth = nullptr;
};

// Where packets the stack wants to send go.
class UsrsctpOutput {
 public:
  // Called from inside calls into usrsctp: must not call usrsctp.
  virtual void on_output(std::uintptr_t handle,
                         std::span<const std::byte> packet) = 0;

 protected:
  ~UsrsctpOutput() = default;
};

// Ownership of the process's usrsctp instance. Destroy it after every socket
// made with it is closed.
class UsrsctpLease {
 public:
  // Loads and initialises the library the first time. Errors: kStackUnavailable
  // when the library is missing or too old; kStackInUse when another stack owns
  // it, another component of the process loaded it, or the process has forked
  // since it was initialised.
  static Result<UsrsctpLease> acquire(UsrsctpOutput& owner);

  UsrsctpLease(UsrsctpLease&& other) noexcept;
  UsrsctpLease& operator=(UsrsctpLease&&) = delete;
  ~UsrsctpLease();

  [[nodiscard]] const UsrsctpApi& api() const { return *api_; }

 private:
  explicit UsrsctpLease(const UsrsctpApi& api) : api_(&api) {}
  const UsrsctpApi* api_;  // null when moved from
};

}  // namespace lksctp
