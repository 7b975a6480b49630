#include "recorded_log.h"

#include <cerrno>
#include <chrono>
#include <string_view>

#include "lksctp/reactor/event_log.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

constexpr auto kUp = AssociationChangeState::kCommUp;

// /proc/net/sctp/snmp of Linux 6.1.
constexpr std::string_view kHostCounters =
    "SctpCurrEstab                   \t3\n"
    "SctpActiveEstabs                \t4\n"
    "SctpPassiveEstabs               \t5\n"
    "SctpAborteds                    \t6\n"
    "SctpShutdowns                   \t7\n"
    "SctpOutOfBlues                  \t8\n"
    "SctpChecksumErrors              \t9\n"
    "SctpOutCtrlChunks               \t1003\n"
    "SctpOutOrderChunks              \t2002\n"
    "SctpOutUnorderChunks            \t12\n"
    "SctpInCtrlChunks                \t1004\n"
    "SctpInOrderChunks               \t2003\n"
    "SctpInUnorderChunks             \t15\n"
    "SctpFragUsrMsgs                 \t16\n"
    "SctpReasmUsrMsgs                \t17\n"
    "SctpOutSCTPPacks                \t3018\n"
    "SctpInSCTPPacks                 \t3019\n"
    "SctpT1InitExpireds              \t20\n"
    "SctpT1CookieExpireds            \t21\n"
    "SctpT2ShutdownExpireds          \t22\n"
    "SctpT3RtxExpireds               \t23\n"
    "SctpT4RtoExpireds               \t24\n"
    "SctpT5ShutdownGuardExpireds     \t25\n"
    "SctpDelaySackExpireds           \t26\n"
    "SctpAutocloseExpireds           \t27\n"
    "SctpT3Retransmits               \t28\n"
    "SctpPmtudRetransmits            \t29\n"
    "SctpFastRetransmits             \t30\n"
    "SctpInPktSoftirq                \t2900\n"
    "SctpInPktBacklog                \t119\n"
    "SctpInPktDiscards               \t33\n"
    "SctpInDataChunkDiscards         \t34\n";

// Every counter different, so that none can stand in for another.
StatisticsSampled counted(std::uint64_t first) {
  StatisticsSampled sample;
  sample.statistics.max_rto = Milliseconds(3200);
  sample.statistics.max_rto_path = address("192.0.2.1");
  for (const StatisticsRow& row : statistics_rows()) {
    sample.statistics.*row.member = first++;
  }
  return sample;
}

void multihomed_client(TableBuilder& log) {
  const AssociationId lost(6);
  log.open_connector().connect(lost, "hlr-1").change(lost, kUp);
  log.add({}, lost, counted(1000));
  log.change(lost, AssociationChangeState::kCommLost)
      .close(lost, CloseReason::kTimeout);
  const AssociationId id(1);
  log.open_connector().connect(id, "hlr-1").change(id, kUp);
  const PathInfo first{.address = address("192.0.2.1"),
                       .state = PathState::kActive,
                       .primary = true,
                       .congestion_window = 4380,
                       .srtt = Milliseconds(12),
                       .rto = Milliseconds(1000),
                       .mtu = 1500};
  PathInfo second = first;
  second.address = address("2001:db8::1");
  second.primary = false;
  second.srtt = Milliseconds(250);
  log.add({}, id, PathsSampled{{first, second}});
  log.add({}, id,
          StatusSampled{.state = AssociationState::kEstablished,
                        .stack_association = StackAssociationId(3),
                        .peer_receive_window = 106496,
                        .unacknowledged_chunks = 2,
                        .pending_chunks = 1,
                        .inbound_streams = 5,
                        .outbound_streams = 10,
                        .send_queue = 64});
  log.path(id, second.address, PeerAddressState::kConfirmed);
  log.path(id, first.address, PeerAddressState::kUnreachable);
  log.path(id, second.address, PeerAddressState::kMadePrimary);
  log.change(id, AssociationChangeState::kRestart, 8, 8);
  log.add({}, id, LocalAddressesSampled{{address("198.51.100.1", 40001)}});
  log.notify(id, RemoteError{.error = CauseCode::kStaleCookie});
  log.add({}, id,
          TrafficSampled{.sent = {1000, 64000},
                         .received = {900, 57600},
                         .streams = {{StreamId(0), {400, 25600}, {900, 57600}},
                                     {StreamId(1), {350, 22400}, {}},
                                     {StreamId(7), {250, 16000}, {}}},
                         .ppids = {{Ppid(3), {990, 63360}, {900, 57600}},
                                   {kOtherPpid, {10, 640}, {}}},
                         .would_block = 5});
  log.add({}, id, counted(100));
  log.add(
      {}, id,
      ReceiveFailed{Error::make(ErrorCode::kSystem, "truncated"), Bytes(4)});
  log.add({}, id, MessageFailed{.size = 64, .kind = SendFailedKind::kSent});
}

void server_side(TableBuilder& log) {
  log.open_listener().add(TableBuilder::kListener, {},
                          EndpointBound{.local = {address("127.0.0.1")}});
  // Several associations of two peers, on one IP address.
  const PathsSampled from_one_host{{{.address = address("10.0.0.9", 40000),
                                     .state = PathState::kActive,
                                     .primary = true,
                                     .congestion_window = 4380,
                                     .srtt = Milliseconds(1),
                                     .rto = Milliseconds(200),
                                     .mtu = 1480}}};
  for (const std::uint64_t id : {std::uint64_t{2}, std::uint64_t{3}}) {
    log.accept(AssociationId(id), "mme").change(AssociationId(id), kUp);
    log.traffic(AssociationId(id), {id, 100 * id}, {id, 10 * id});
    log.add({}, AssociationId(id), from_one_host);
  }
  log.notify(AssociationId(2), ShutdownEvent{})
      .change(AssociationId(2), AssociationChangeState::kShutdownComplete)
      .close(AssociationId(2), CloseReason::kShutdownRemote);
  log.accept(AssociationId(4), "quote\" backslash\\ newline\n byte\xff")
      .change(AssociationId(4), kUp)
      .add({}, AssociationId(4), from_one_host)
      .notify(AssociationId(4), SenderDry{})
      .notify(AssociationId(4), UnknownNotification{.type = 0x9999});
}

void refused_client(TableBuilder& log) {
  const EndpointId endpoint(7);
  const AssociationId id(5);
  log.add(endpoint, {},
          EndpointOpened{.name = "connect",
                         .role = EndpointRole::kConnect,
                         .stack = StackKind::kUsrsctp});
  log.add(endpoint, id, ConnectRequested{"hlr-2", {address("192.0.2.9")}});
  log.change(id, AssociationChangeState::kCantStart)
      .add({}, id, ConnectFailed{Error::system(111, "connect")})
      .close(id, CloseReason::kRefused);
}

}  // namespace

std::vector<Event> recorded_log() {
  TableBuilder log;
  multihomed_client(log);
  server_side(log);
  refused_client(log);
  log.add({}, {}, PeerExpected{"listen:127.0.0.1:2905", "vlr"});
  return log.events();
}

Snapshot recorded_snapshot() {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  Snapshot snapshot;
  snapshot.monotonic = MonotonicTime(milliseconds(100));
  snapshot.table = replay(recorded_log());
  snapshot.loop.turns = 1234;
  snapshot.loop.busy = milliseconds(56);
  snapshot.loop.lag_buckets = {90, 5, 3, 0, 1, 0, 0, 0, 1};
  snapshot.loop.lag_sum = milliseconds(1300);
  snapshot.loop.lag_last = microseconds(50);
  snapshot.loop.sampling_rounds.add(milliseconds(3));
  snapshot.loop.sampling_rounds.add(milliseconds(40));
  snapshot.loop.sampling_errors = {2, 0, 0, 1};
  JournalStatus journal{.id = "01936f6e-7a3c-7cc1-9d3b-5f0e8a1b2c3d",
                        .part = "signalling.journal.7",
                        .durable = EventSeq{41},
                        .queued = 12,
                        .written = 40,
                        .bytes = 73'728,
                        .gaps = 1,
                        .lost_events = 3,
                        .failed_commits = 2};
  journal.error = Error::system(ENOSPC, "commit");
  journal.commits.add(microseconds(700));
  journal.commits.add(milliseconds(12));
  snapshot.journal = std::move(journal);
  return snapshot;
}

Scrape recorded_scrape() {
  Scrape scrape;
  scrape.selection.max_streams = 4;
  scrape.facts.version = "1.2.3";
  scrape.facts.libevent = "2.1.12-stable";
  scrape.facts.uptime = std::chrono::minutes(90);
  scrape.facts.last = LastScrape{.duration = std::chrono::microseconds(750),
                                 .bytes = 40'000,
                                 .series = 321};
  scrape.facts.host = parse_host_counters(kHostCounters);
  return scrape;
}

std::string recorded_text(TextFormat format) {
  const Snapshot snapshot = recorded_snapshot();
  return to_text(snapshot, snapshot.monotonic, recorded_scrape(), format).text;
}

}  // namespace lksctp::test
