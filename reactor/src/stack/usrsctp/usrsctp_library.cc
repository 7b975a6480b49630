#include "stack/usrsctp/usrsctp_library.h"

#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LKSCTP_UNDER_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LKSCTP_UNDER_SANITIZER 1
#endif

namespace lksctp {
namespace {

constexpr const char* kLibrary = "libusrsctp.so.2";

// Sanitizer runtimes refuse RTLD_DEEPBIND; without it the library could take a
// symbol of the program's for its own, which does not happen in our tests.
#ifdef LKSCTP_UNDER_SANITIZER
constexpr int kLoadFlags = RTLD_NOW | RTLD_LOCAL;
#else
constexpr int kLoadFlags = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

// The process's instance. Never destroyed: the library has a thread of its own
// that may outlive static destruction.
struct Instance {
  std::mutex mutex;
  bool loaded = false;  // guarded by `mutex`
  pid_t process = 0;    // guarded by `mutex`
  UsrsctpApi api;       // constant once `loaded`
  std::atomic<UsrsctpOutput*> owner{nullptr};
};

Instance& instance() {
  static auto* const the_instance = new Instance;
  return *the_instance;
}

int output(void* address, void* buffer, std::size_t length,
           std::uint8_t /*tos*/, std::uint8_t /*set_df*/) {
  if (UsrsctpOutput* owner = instance().owner.load(std::memory_order_acquire)) {
    owner->on_output(reinterpret_cast<std::uintptr_t>(address),
                     {static_cast<const std::byte*>(buffer), length});
  }
  return 0;
}

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, UsrsctpApi& api) {
  return find(library, "usrsctp_init_nothreads", api.init_nothreads) &&
         find(library, "usrsctp_socket", api.socket) &&
         find(library, "usrsctp_bind", api.bind) &&
         find(library, "usrsctp_listen", api.listen) &&
         find(library, "usrsctp_accept", api.accept) &&
         find(library, "usrsctp_connect", api.connect) &&
         find(library, "usrsctp_close", api.close) &&
         find(library, "usrsctp_shutdown", api.shutdown) &&
         find(library, "usrsctp_sendv", api.sendv) &&
         find(library, "usrsctp_recvv", api.recvv) &&
         find(library, "usrsctp_setsockopt", api.setsockopt) &&
         find(library, "usrsctp_getsockopt", api.getsockopt) &&
         find(library, "usrsctp_set_non_blocking", api.set_non_blocking) &&
         find(library, "usrsctp_set_upcall", api.set_upcall) &&
         find(library, "usrsctp_get_events", api.get_events) &&
         find(library, "usrsctp_register_address", api.register_address) &&
         find(library, "usrsctp_deregister_address", api.deregister_address) &&
         find(library, "usrsctp_conninput", api.conninput) &&
         find(library, "usrsctp_handle_timers", api.handle_timers) &&
         find(library, "usrsctp_crc32c", api.crc32c) &&
         find(library, "usrsctp_sysctl_set_sctp_ecn_enable", api.set_ecn) &&
         find(library, "usrsctp_sysctl_set_sctp_asconf_enable",
              api.set_asconf) &&
         find(library, "usrsctp_sysctl_set_sctp_auto_asconf",
              api.set_auto_asconf) &&
         find(library, "usrsctp_sysctl_set_sctp_auth_enable", api.set_auth);
}

Result<void> load(Instance& process) {
  if (void* other = ::dlopen(kLibrary, RTLD_LAZY | RTLD_NOLOAD)) {
    ::dlclose(other);
    return tl::unexpected(Error::make(
        ErrorCode::kStackInUse,
        std::string("another copy of usrsctp is in this process: ") + kLibrary +
            " was loaded by another component, and two users of it would share "
            "and break one stack. Use the kernel stack, or a separate "
            "process."));
  }
  void* library = ::dlopen(kLibrary, kLoadFlags);
  if (library == nullptr) {
    return tl::unexpected(Error::make(
        ErrorCode::kStackUnavailable,
        std::string("the usrsctp library is missing (Debian package "
                    "libusrsctp2): ") +
            ::dlerror()));
  }
  if (!find_all(library, process.api)) {
    const std::string reason = ::dlerror();
    ::dlclose(library);
    return tl::unexpected(Error::make(
        ErrorCode::kStackUnavailable,
        "the usrsctp library is not usable (0.9.5 is needed): " + reason));
  }
  // One thread starts even so: signals are the program's threads' to take.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  // UDP port 0: the sockets are ours, the library opens none.
  process.api.init_nothreads(0, &output, nullptr);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // What an AF_CONN association cannot use only adds code that peers can reach:
  // address reconfiguration (which needs AUTH), and ECN, whose bits we do not
  // carry through UDP.
  process.api.set_auto_asconf(0);
  process.api.set_asconf(0);
  process.api.set_auth(0);
  process.api.set_ecn(0);
  process.loaded = true;
  process.process = ::getpid();
  return {};
}

}  // namespace

Result<UsrsctpLease> UsrsctpLease::acquire(UsrsctpOutput& owner) {
  Instance& process = instance();
  const std::scoped_lock lock(process.mutex);
  if (process.owner.load(std::memory_order_relaxed) != nullptr) {
    return tl::unexpected(
        Error::make(ErrorCode::kStackInUse,
                    "usrsctp belongs to another reactor of this process: it "
                    "can serve one at "
                    "a time. Close that one first, or share it."));
  }
  if (!process.loaded) {
    if (auto loaded = load(process); !loaded) {
      return tl::unexpected(loaded.error());
    }
  }
  if (process.process != ::getpid()) {
    return tl::unexpected(Error::make(
        ErrorCode::kStackInUse,
        "usrsctp was initialised before this process was forked and cannot be "
        "used in the child: fork first, or exec."));
  }
  process.owner.store(&owner, std::memory_order_release);
  return UsrsctpLease(process.api);
}

UsrsctpLease::UsrsctpLease(UsrsctpLease&& other) noexcept
    : api_(std::exchange(other.api_, nullptr)) {}

UsrsctpLease::~UsrsctpLease() {
  if (api_ != nullptr) {
    instance().owner.store(nullptr, std::memory_order_release);
  }
}

}  // namespace lksctp
