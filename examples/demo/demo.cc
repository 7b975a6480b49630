// lksctp-demo: two peers in two processes exchange M3UA-like traffic; this one
// asks, shows what happens and serves the HTTP endpoint, the other answers. Now and then
// the other is made silent or killed, so that there is something to see.

#include <lksctp/metrics_http/metrics_server.h>
#include <lksctp/reactor/reactor.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "../arguments.h"
#include "../stop_signals.h"
#include "m3ua.h"
#include "peer.h"
#include "screen.h"

namespace demo {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kUsage =
    "Usage: lksctp-demo [options]\n"
    "  --seconds N    end after N seconds with a summary (default: Ctrl-C "
    "ends)\n"
    "  --port N       port of the HTTP endpoint on 127.0.0.1 (default 9464)\n"
    "  --stack NAME   auto, kernel or usrsctp (default auto)\n"
    "  --no-faults    leave the peer alone\n";

constexpr std::uint32_t kOurPointCode = 1;
constexpr std::uint32_t kPeerPointCode = 2;
constexpr milliseconds kTurn{20};
constexpr int kRequestsPerTurn = 4;  // 200 a second
constexpr milliseconds kReconnectDelay{200};
// Silence goes on this long after the path was seen to fail, at most that long.
constexpr milliseconds kSilenceAfterFailure{500};
constexpr seconds kSilenceLimit{5};
constexpr seconds kGoodbyeLimit{3};
// A run of this length has time for a path failure and a restart.
constexpr seconds kFullRun{10};

// What the summary tells.
struct Tally {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t associations = 0;  // that came up
  std::uint64_t path_failures = 0;
  std::uint64_t path_recoveries = 0;
  std::uint64_t restarts = 0;       // of the peer process
  std::uint64_t restarts_seen = 0;  // followed by a new association
  bool graceful = false;
  std::map<std::string, std::uint64_t> events;
};

// When to disturb the peer next: path failure and restart take turns.
class FaultPlan {
 public:
  FaultPlan(Clock::time_point start, seconds whole, bool enabled)
      : enabled_(enabled) {
    const bool short_run = whole.count() > 0 && whole < seconds(60);
    // A short run has one of each, with room before and after.
    interval_ = short_run ? milliseconds(whole) * 2 / 5 : milliseconds(20000);
    next_ = start + (short_run ? milliseconds(whole) / 5 : milliseconds(8000));
    left_ = short_run ? 2 : -1;
  }

  enum class Fault { kNone, kSilence, kRestart };

  Fault due(Clock::time_point now) {
    if (!pending() || now < next_) return Fault::kNone;
    next_ = now + interval_;
    if (left_ > 0) --left_;
    silence_ = !silence_;
    return silence_ ? Fault::kSilence : Fault::kRestart;
  }

  [[nodiscard]] std::string next(Clock::time_point now) const {
    if (!pending()) return "no more faults";
    const auto in = std::chrono::ceil<seconds>(next_ - now).count();
    return std::string(silence_ ? "peer restart" : "path failure") + " in " +
           std::to_string(std::max<long>(in, 0)) + " s";
  }

 private:
  [[nodiscard]] bool pending() const { return enabled_ && left_ != 0; }

  bool enabled_;
  bool silence_ = false;  // the last fault was one
  int left_ = 0;          // -1: no end
  milliseconds interval_{};
  Clock::time_point next_;
};

class Demo {
 public:
  Demo(lksctp::Reactor& reactor, PeerProcess& peer, Screen& screen,
       std::string url, FaultPlan faults)
      : reactor_(reactor),
        peer_(peer),
        screen_(screen),
        url_(std::move(url)),
        faults_(faults) {
    reactor_.subscribe({}, [this](const lksctp::Event& event) { on(event); });
  }

  // False, with words on the screen, when the connection cannot even be tried.
  bool connect() {
    lksctp::ConnectOptions options;
    options.remote = {
        *lksctp::Address::parse("127.0.0.1", peer_.address().port)};
    options.peer_name = "peer";
    options.timeout = seconds(5);
    options.association = impatient_settings();
    if (reactor_.capabilities().stack == lksctp::StackKind::kUsrsctp) {
      options.udp.remote_port = peer_.address().udp_port;
    }
    auto association = reactor_.connect(std::move(options), handlers());
    if (!association) {
      screen_.line("demo: " + association.error().to_string());
      return false;
    }
    association_ = *association;
    return true;
  }

  void turn() {
    reactor_.run_once(kTurn);
    const auto now = Clock::now();
    if (now >= next_ask_) {
      next_ask_ = now + kTurn;
      if (up_) ask();
    }
    disturb(now);
    if (reconnect_at_ && now >= *reconnect_at_) {
      reconnect_at_.reset();
      connect();
    }
    if (now >= next_status_) {
      next_status_ = now + milliseconds(200);
      screen_.status(status(now));
    }
  }

  // Lets the last answers come, then closes the association gracefully.
  void say_goodbye() {
    peer_.thaw();
    ending_ = true;
    const auto limit = Clock::now() + kGoodbyeLimit;
    if (association_) (void)association_->shutdown();
    while (association_ && Clock::now() < limit) reactor_.run_once(kTurn);
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  lksctp::AssociationHandlers handlers() {
    lksctp::AssociationHandlers handlers;
    handlers.on_established = [this](lksctp::Association& association) {
      up_ = true;
      ++tally_.associations;
      if (restarting_) {
        restarting_ = false;
        ++tally_.restarts_seen;
        screen_.line("demo: the restarted peer is back on a new association");
      }
      (void)association.send(
          m3ua::encode(m3ua::Type::kAspUp),
          {.stream = m3ua::kManagementStream, .ppid = m3ua::kPpid});
    };
    handlers.on_message = [this](lksctp::Association&,
                                 const lksctp::Message& message) {
      const auto data = m3ua::decode(message.payload());
      if (!data) return;
      ++tally_.answered;
      round_trip_ = Clock::now().time_since_epoch() -
                    std::chrono::nanoseconds(data->sent_at);
    };
    handlers.on_closed = [this](lksctp::Association&,
                                const lksctp::AssociationClosed& closed) {
      up_ = false;
      association_.reset();
      tally_.graceful = closed.reason == lksctp::CloseReason::kShutdownLocal;
      if (!ending_) reconnect_at_ = Clock::now() + kReconnectDelay;
    };
    return handlers;
  }

  void ask() {
    const auto* record = association_->record();
    const int links = record == nullptr ? 1 : record->outbound_streams - 1;
    if (links < 1) return;
    for (int i = 0; i < kRequestsPerTurn; ++i) {
      const auto link = static_cast<std::uint8_t>(
          tally_.sent % static_cast<std::uint64_t>(links));
      const auto now = Clock::now().time_since_epoch();
      const m3ua::Data data{.originating_point_code = kOurPointCode,
                            .destination_point_code = kPeerPointCode,
                            .signalling_link = link,
                            .number = tally_.sent + 1,
                            .sent_at = static_cast<std::uint64_t>(
                                std::chrono::nanoseconds(now).count())};
      const lksctp::StreamId stream(static_cast<std::uint16_t>(link + 1));
      if (!association_->send(m3ua::encode(data),
                              {.stream = stream, .ppid = m3ua::kPpid})) {
        return;  // full or ending: the handlers tell
      }
      ++tally_.sent;
    }
  }

  void disturb(Clock::time_point now) {
    if (silent_since_) {
      const bool seen = failed_at_ && now - *failed_at_ >= kSilenceAfterFailure;
      if (!seen && now - *silent_since_ < kSilenceLimit) return;
      silent_since_.reset();
      failed_at_.reset();
      peer_.thaw();
      screen_.line("demo: the peer answers again");
      return;
    }
    switch (faults_.due(now)) {
      case FaultPlan::Fault::kNone:
        return;
      case FaultPlan::Fault::kSilence:
        screen_.line("demo: the peer goes silent, as if its cable were cut");
        silent_since_ = now;
        peer_.freeze();
        return;
      case FaultPlan::Fault::kRestart:
        screen_.line("demo: the peer is killed and started anew");
        ++tally_.restarts;
        restarting_ = true;
        peer_.kill();
        if (!peer_.start()) screen_.line("demo: it did not start");
        return;
    }
  }

  void on(const lksctp::Event& event) {
    ++tally_.events[std::string(event_kind_name(event.body))];
    if (const auto* notification =
            std::get_if<lksctp::Notification>(&event.body)) {
      if (const auto* path =
              std::get_if<lksctp::PeerAddressChange>(notification)) {
        if (path->state == lksctp::PeerAddressState::kUnreachable) {
          ++tally_.path_failures;
          failed_at_ = Clock::now();
        } else if (path->state == lksctp::PeerAddressState::kAvailable &&
                   tally_.path_recoveries < tally_.path_failures) {
          ++tally_.path_recoveries;
        }
      }
    }
    show(event);
  }

  void show(const lksctp::Event& event) {
    // One association's end fails many messages: one line for all of them.
    if (std::holds_alternative<lksctp::MessageFailed>(event.body)) {
      ++failed_messages_;
      return;
    }
    if (std::holds_alternative<lksctp::AssociationClosed>(event.body) &&
        failed_messages_ > 0) {
      screen_.line("demo: " + std::to_string(failed_messages_) +
                   " requests were not delivered");
      failed_messages_ = 0;
    }
    if (!is_detail(event.body)) screen_.line(lksctp::to_string(event));
  }

  // What the status block or another line tells, or nobody wants to read as
  // often as it happens.
  static bool is_detail(const lksctp::EventBody& body) {
    if (const auto* notification = std::get_if<lksctp::Notification>(&body)) {
      return std::holds_alternative<lksctp::SendFailed>(*notification) ||
             std::holds_alternative<lksctp::SenderDry>(*notification);
    }
    return std::holds_alternative<lksctp::StatusSampled>(body) ||
           std::holds_alternative<lksctp::PathsSampled>(body) ||
           std::holds_alternative<lksctp::LocalAddressesSampled>(body) ||
           std::holds_alternative<lksctp::TrafficSampled>(body) ||
           std::holds_alternative<lksctp::StatisticsSampled>(body) ||
           std::holds_alternative<lksctp::OptionsChanged>(body);
  }

  [[nodiscard]] std::vector<std::string> status(Clock::time_point now) const {
    std::vector<std::string> lines;
    const auto* record = association_ ? association_->record() : nullptr;
    char line[256];
    std::snprintf(
        line, sizeof(line),
        "%s, sent %" PRIu64 ", answered %" PRIu64 ", round trip %.2f ms, %s",
        record == nullptr
            ? "no association"
            : ("association " + std::to_string(record->id.value()) + " " +
               std::string(association_state_name(record->state)))
                  .c_str(),
        tally_.sent, tally_.answered,
        std::chrono::duration<double, std::milli>(round_trip_).count(),
        faults_.next(now).c_str());
    lines.emplace_back(line);
    if (record != nullptr) {
      for (const auto& [address, path] : record->paths) {
        const auto state = path_state_name(path.info.state);
        std::snprintf(line, sizeof(line),
                      "  path %s %.*s%s, cwnd %u, srtt %u ms, rto %u ms",
                      address.to_string().c_str(),
                      static_cast<int>(state.size()), state.data(),
                      path.info.primary ? ", primary" : "",
                      path.info.congestion_window, path.info.srtt.count(),
                      path.info.rto.count());
        lines.emplace_back(line);
      }
    }
    lines.push_back("  open " + url_ + "; Ctrl-C ends");
    return lines;
  }

  lksctp::Reactor& reactor_;
  PeerProcess& peer_;
  Screen& screen_;
  std::string url_;
  FaultPlan faults_;
  Tally tally_;

  std::shared_ptr<lksctp::Association> association_;
  bool up_ = false;
  bool ending_ = false;
  bool restarting_ = false;
  std::uint64_t failed_messages_ = 0;  // of the living association
  std::optional<Clock::time_point> reconnect_at_;
  std::optional<Clock::time_point> silent_since_;
  std::optional<Clock::time_point> failed_at_;
  std::chrono::nanoseconds round_trip_{};
  Clock::time_point next_ask_{};
  Clock::time_point next_status_{};
};

// Prints what happened; true when all that should have did.
bool summarise(const Tally& tally, bool faults) {
  std::printf("\nmessages   %" PRIu64 " sent, %" PRIu64 " answered\n",
              tally.sent, tally.answered);
  std::printf("events    ");
  for (const auto& [kind, count] : tally.events) {
    std::printf(" %s %" PRIu64, kind.c_str(), count);
  }
  std::printf("\nfailures   %" PRIu64 " path failures seen, %" PRIu64
              " recovered\n",
              tally.path_failures, tally.path_recoveries);
  std::printf("restarts   %" PRIu64 ", %" PRIu64
              " followed by a new association\n",
              tally.restarts, tally.restarts_seen);
  std::printf("goodbye    %s\n", tally.graceful ? "graceful" : "not graceful");

  std::vector<std::string> missing;
  if (tally.associations == 0) missing.emplace_back("no association came up");
  if (tally.answered == 0) missing.emplace_back("no message was answered");
  if (!tally.graceful) missing.emplace_back("the shutdown was not graceful");
  if (faults && tally.path_failures == 0) {
    missing.emplace_back("no path failure was seen");
  }
  if (tally.path_recoveries < tally.path_failures) {
    missing.emplace_back("a path did not recover");
  }
  if (faults && tally.restarts == 0)
    missing.emplace_back("no restart was made");
  if (tally.restarts_seen < tally.restarts) {
    missing.emplace_back("a restart was not followed by an association");
  }
  for (const std::string& what : missing) {
    std::fprintf(stderr, "lksctp-demo: %s\n", what.c_str());
  }
  return missing.empty();
}

int run(int argc, char** argv) {
  examples::Arguments arguments(argc, argv, kUsage);
  const seconds whole(
      arguments.number("--seconds", /*max=*/1'000'000).value_or(0));
  const auto port = arguments.port("--port").value_or(9464);
  const bool faults = !arguments.flag("--no-faults");
  const std::string stack = arguments.text("--stack").value_or("auto");
  const auto choice = examples::stack_choice(stack);
  if (!choice) arguments.fail("--stack is auto, kernel or usrsctp");
  arguments.finish();

  std::atomic<bool> stop = false;
  examples::StopSignals signals;
  signals.start([&] { stop = true; });

  auto reactor = lksctp::Reactor::create({.stack = *choice});
  if (!reactor) {
    std::fprintf(stderr, "lksctp-demo: %s\n",
                 reactor.error().to_string().c_str());
    return 1;
  }
  lksctp::Reactor& loop = **reactor;

  // Stopped before the reactor it asks goes away: declared after it.
  auto metrics =
      lksctp::MetricsServer::start(lksctp::source_of(loop), {.port = port});
  if (!metrics) {
    const auto& error = metrics.error();
    std::fprintf(stderr, "lksctp-demo: %s\n", error.to_string().c_str());
    if (error.errno_value == EADDRINUSE) {
      std::fprintf(stderr,
                   "lksctp-demo: port %d of 127.0.0.1 is taken; choose another "
                   "with --port\n",
                   port);
    }
    return 1;
  }
  const std::string url = (*metrics)->url();

  PeerProcess peer(stack);
  if (!peer.start()) return 1;
  std::printf(
      "Two peers in two processes, %s stack; the other is process %d.\n"
      "Open: %s/         what there is now\n"
      "      %s/metrics  for Prometheus\n"
      "      %s/events   what happens (curl -N)\n\n",
      std::string(stack_name(loop.capabilities().stack)).c_str(), peer.pid(),
      url.c_str(), url.c_str(), url.c_str());
  std::fflush(stdout);

  const auto start = Clock::now();
  Tally tally;
  {
    Screen screen;
    Demo demo(loop, peer, screen, url, FaultPlan(start, whole, faults));
    if (!demo.connect()) return 1;
    while (!stop && (whole == seconds(0) || Clock::now() - start < whole)) {
      demo.turn();
    }
    screen.status({});
    demo.say_goodbye();
    tally = demo.tally();
  }
  peer.end();
  (*metrics)->stop();
  // Faults are a must only in a run that had the time for both.
  const bool all_faults = faults && !stop && whole >= kFullRun;
  return summarise(tally, all_faults) ? 0 : 1;
}

int peer_main(int argc, char** argv) {
  examples::Arguments arguments(argc, argv, "Started by lksctp-demo itself.\n");
  PeerAddress address;
  address.port = arguments.port("--port").value_or(0);
  address.udp_port = arguments.port("--udp-port").value_or(0);
  const auto stack =
      examples::stack_choice(arguments.text("--stack").value_or("auto"));
  arguments.finish();
  if (!stack) return 2;
  return run_peer(address, *stack, PeerProcess::kReportFd);
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "peer") {
    return demo::peer_main(argc - 1, argv + 1);
  }
  return demo::run(argc, argv);
}
