#include "peer.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <thread>

#include "../stop_signals.h"
#include "m3ua.h"

namespace demo {
namespace {

using lksctp::Milliseconds;

// Answers one message of the traffic.
void answer(lksctp::Association& association, const lksctp::Message& message) {
  const lksctp::SendOptions options{.stream = message.info.stream,
                                    .ppid = m3ua::kPpid};
  if (m3ua::type_of(message.payload()) == m3ua::Type::kAspUp) {
    (void)association.send(m3ua::encode(m3ua::Type::kAspUpAck), options);
  } else if (auto data = m3ua::decode(message.payload())) {
    std::swap(data->originating_point_code, data->destination_point_code);
    (void)association.send(m3ua::encode(*data), options);
  }
}

bool write_all(int fd, const std::string& text) {
  return ::write(fd, text.data(), text.size()) ==
         static_cast<ssize_t>(text.size());
}

}  // namespace

lksctp::AssociationSettings impatient_settings() {
  lksctp::AssociationSettings settings;
  settings.options.initiation.outbound_streams = 5;
  settings.options.initiation.max_inbound_streams = 5;
  settings.options.rto.initial = Milliseconds(300);
  settings.options.rto.minimum = Milliseconds(150);
  settings.options.rto.maximum = Milliseconds(500);
  settings.options.path.heartbeat = true;
  settings.options.path.heartbeat_interval = Milliseconds(300);
  settings.options.path.max_retransmissions = 2;
  // The association outlives its path: it is the path's failure that is shown.
  settings.options.association.max_retransmissions = 60;
  return settings;
}

int run_peer(PeerAddress wanted, lksctp::StackChoice stack, int report_fd) {
  examples::StopSignals signals;
  auto reactor = lksctp::Reactor::create({.stack = stack});
  if (!reactor) {
    std::fprintf(stderr, "peer: %s\n", reactor.error().to_string().c_str());
    return 1;
  }
  lksctp::Reactor& loop = **reactor;

  std::map<lksctp::AssociationId, std::shared_ptr<lksctp::Association>> clients;
  lksctp::ListenOptions options;
  options.local = {*lksctp::Address::parse("127.0.0.1", wanted.port)};
  options.association = impatient_settings();
  if (loop.capabilities().stack == lksctp::StackKind::kUsrsctp) {
    options.udp.local_port = wanted.udp_port;
  }
  const auto endpoint = loop.listen(
      std::move(options),
      [&](const std::shared_ptr<lksctp::Association>& association) {
        clients.emplace(association->id(), association);
        lksctp::AssociationHandlers handlers;
        handlers.on_message = answer;
        handlers.on_closed = [&](lksctp::Association& closed, const auto&) {
          clients.erase(closed.id());
        };
        return handlers;
      });
  if (!endpoint) {
    std::fprintf(stderr, "peer: %s\n", endpoint.error().to_string().c_str());
    return 1;
  }
  const std::string report =
      std::to_string((*endpoint)->local().front().port) + " " +
      std::to_string((*endpoint)->udp_port().value_or(0)) + "\n";
  if (!write_all(report_fd, report)) return 1;
  ::close(report_fd);

  signals.start([&] { loop.stop(); });
  loop.run();
  signals.end();
  return 0;
}

PeerProcess::~PeerProcess() { kill(); }

bool PeerProcess::start() {
  int report[2];
  if (::pipe(report) != 0) {
    std::perror("pipe");
    return false;
  }
  const std::string port = std::to_string(address_.port);
  const std::string udp_port = std::to_string(address_.udp_port);
  const char* const arguments[] = {
      "lksctp-demo",    "peer",    "--port",       port.c_str(), "--udp-port",
      udp_port.c_str(), "--stack", stack_.c_str(), nullptr};
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // Only what is safe after fork in a process with threads. Its own process
    // group keeps the terminal's Ctrl-C for the parent; it dies with the
    // parent.
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::dup2(report[1], kReportFd);
    ::close_range(kReportFd + 1, ~0U, 0);
    ::execv("/proc/self/exe", const_cast<char* const*>(arguments));
    ::_exit(127);
  }
  ::close(report[1]);
  char line[64] = {};
  unsigned found_port = 0;
  unsigned found_udp = 0;
  pollfd ready{.fd = report[0], .events = POLLIN, .revents = 0};
  const bool told = pid_ > 0 && ::poll(&ready, 1, /*timeout=*/5000) == 1 &&
                    ::read(report[0], line, sizeof(line) - 1) > 0 &&
                    std::sscanf(line, "%u %u", &found_port, &found_udp) == 2;
  ::close(report[0]);
  if (!told) {
    std::fprintf(stderr, "lksctp-demo: the peer process did not start\n");
    kill();
    return false;
  }
  address_ = {static_cast<std::uint16_t>(found_port),
              static_cast<std::uint16_t>(found_udp)};
  return true;
}

void PeerProcess::freeze() {
  if (pid_ > 0) ::kill(pid_, SIGSTOP);
}

void PeerProcess::thaw() {
  if (pid_ > 0) ::kill(pid_, SIGCONT);
}

void PeerProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void PeerProcess::end() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::kill(pid_, SIGCONT);
  for (int i = 0; i < 200; ++i) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill();
}

}  // namespace demo
