#include "family_builder.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "label_values.h"

namespace lksctp {
namespace {

template <typename Counts, typename Put>
void put_changes(const Counts& counts, Put put) {
  for (const auto& [state, name] : kChangeNames) {
    put(name, count_of(counts, state));
  }
  const std::uint64_t other = count_of(counts, kOtherChange);
  if (other != 0) put("other", other);
}

// By whether the message was ever on the wire.
template <typename Put>
void put_failures(const Totals& totals, Put put) {
  put("unsent", totals.unsent_messages);
  put("sent", totals.failed_messages - totals.unsent_messages);
}

// "192.0.2.1,2001:db8::1"
template <typename Addresses>
std::string ip_list(const Addresses& addresses) {
  std::string list;
  for (const Address& address : addresses) {
    if (!list.empty()) list += ',';
    list += address.ip_string();
  }
  return list;
}

}  // namespace

void FamilyBuilder::fill_endpoint_info() {
  for (const auto& [name, view] : view_.endpoints) {
    for (const auto& [port, role, stack] : view.infos) {
      // Both stacks are used through one-to-one sockets (RFC 6458 section 4).
      put({name, port, "one_to_one", role_label(role), stack_name(stack)}, 1);
    }
  }
}

void FamilyBuilder::fill_endpoint_changes() {
  for (const auto& entry : view_.endpoints) {
    put_changes(entry.second.record->changes, [&](auto event, auto count) {
      put({entry.first, event}, count);
    });
  }
}

void FamilyBuilder::fill_endpoint_failures() {
  for (const auto& entry : view_.endpoints) {
    put_failures(entry.second.totals, [&](auto reason, auto count) {
      put({entry.first, reason}, count);
    });
  }
}

void FamilyBuilder::fill_association_info() {
  for (const PeerView& view : view_.peers) {
    if (view.current == nullptr) continue;
    const AssociationRecord& association = *view.current;
    std::vector<Address> remote;
    for (const auto& [address, path] : association.paths) {
      remote.push_back(address);
    }
    if (remote.empty()) remote = association.remote;
    const std::string port =
        association.remote.empty()
            ? ""
            : std::to_string(association.remote.front().port);
    put({view.peer->endpoint, view.peer->peer, role_label(association.role),
         port, ip_list(association.local), ip_list(remote)},
        1);
  }
}

void FamilyBuilder::fill_remote_errors() {
  for (const PeerView& view : view_.peers) {
    for (const auto& [cause, count] : view.peer->remote_errors) {
      put({view.peer->endpoint, view.peer->peer, cause_label(cause)}, count);
    }
  }
}

// Streams are told apart by their number alone, so that none moves from one
// series to another when more streams are used.
void FamilyBuilder::fill_stream_messages() {
  const std::uint32_t most = scrape_.selection.max_streams;
  if (most == 0) return;
  for (const PeerView& view : view_.peers) {
    std::map<std::uint32_t, Traffic> in;
    std::map<std::uint32_t, Traffic> out;
    const auto add = [&](const std::map<StreamId, TrafficRecord>& streams) {
      for (const auto& [id, stream] : streams) {
        const std::uint32_t key = std::min<std::uint32_t>(id.value(), most);
        in[key].messages += stream.received.messages;
        out[key].messages += stream.sent.messages;
      }
    };
    add(view.peer->streams);
    for (const AssociationRecord* association : view.associations) {
      add(association->streams);
    }
    for (const auto& [key, traffic] : in) {
      const std::string name = key < most ? std::to_string(key) : "other";
      const PeerRecord& peer = *view.peer;
      put({peer.endpoint, peer.peer, name, "in"}, traffic.messages);
      put({peer.endpoint, peer.peer, name, "out"}, out[key].messages);
    }
  }
}

// Every name is there from the start: without a 0 before the 1, `increase()`
// would miss the first event.
void FamilyBuilder::fill_changes() {
  for (const PeerView& view : view_.peers) {
    put_changes(view.peer->changes, [&](auto event, auto count) {
      put({view.peer->endpoint, view.peer->peer, event}, count);
    });
  }
}

void FamilyBuilder::fill_failures() {
  for (const PeerView& view : view_.peers) {
    put_failures(view.totals, [&](auto reason, auto count) {
      put({view.peer->endpoint, view.peer->peer, reason}, count);
    });
  }
}

void FamilyBuilder::fill_established() {
  for (const PeerView& view : view_.peers) {
    if (view.current == nullptr || !view.current->established) continue;
    put({view.peer->endpoint, view.peer->peer},
        seconds(view.current->established->time_since_epoch()));
  }
}

void FamilyBuilder::fill_max_rto() {
  for (const PeerView& view : view_.peers) {
    if (view.current == nullptr || !view.current->statistics ||
        view.current->statistics->max_rto_path.family == AddressFamily::kNone) {
      continue;
    }
    put({view.peer->endpoint, view.peer->peer},
        seconds(view.current->statistics->max_rto));
  }
}

void FamilyBuilder::fill_closed() {
  for (const PeerView& view : view_.peers) {
    for (const CloseReason reason : kCloseReasons) {
      put({view.peer->endpoint, view.peer->peer, close_reason_name(reason)},
          count_of(view.peer->closed, reason));
    }
  }
}

void FamilyBuilder::fill_streams() {
  for (const PeerView& view : view_.peers) {
    if (view.current == nullptr || !view.current->established) continue;
    const PeerRecord& peer = *view.peer;
    put({peer.endpoint, peer.peer, "in"}, view.current->inbound_streams);
    put({peer.endpoint, peer.peer, "out"}, view.current->outbound_streams);
  }
}

void FamilyBuilder::fill_path_changes() {
  for (const PeerView& view : view_.peers) {
    const PeerRecord& peer = *view.peer;
    for (const std::string& address : view.addresses) {
      const auto known = peer.path_changes.find(address);
      const PathChangeCounts counts =
          known != peer.path_changes.end() ? known->second : PathChangeCounts{};
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const bool named = i + 1 < counts.size();
        if (!named && counts[i] == 0) continue;
        put({peer.endpoint, peer.peer, address, kPathChangeNames[i]},
            counts[i]);
      }
    }
  }
}

// Only protocols that were seen: dozens have a name.
void FamilyBuilder::fill_endpoint_messages(Traffic TrafficRecord::*direction) {
  for (const auto& [name, view] : view_.endpoints) {
    for (const auto& [ppid, traffic] : view.ppids) {
      put({name, protocol_label(ppid)}, (traffic.*direction).messages);
    }
  }
}

void FamilyBuilder::fill_decode_errors() {
  for (const auto& [name, view] : view_.endpoints) {
    put({name, "undecodable"}, view.record->undecodable);
    put({name, "oversized"}, view.record->oversized);
  }
}

void FamilyBuilder::fill_statistics() {
  const auto samples = statistics_samples(series_.id);
  for (const PeerView& view : view_.peers) {
    if (!view.totals.statistics) continue;
    for (const StatisticsSample& sample : samples) {
      put({view.peer->endpoint, view.peer->peer, sample.label},
          (*view.totals.statistics).*sample.member);
    }
  }
}

void FamilyBuilder::fill() {
  switch (series_.id) {
    case SeriesId::kEndpointInfo:
      return fill_endpoint_info();
    case SeriesId::kEndpointAssociations:
      return each_endpoint([](auto& v) { return v.associations; });
    case SeriesId::kEndpointConfiguredPeers:
      return each_endpoint([](auto& v) { return v.configured_peers; });
    case SeriesId::kEndpointAssociationChanges:
      return fill_endpoint_changes();
    case SeriesId::kEndpointReceivedMessages:
      return fill_endpoint_messages(&TrafficRecord::received);
    case SeriesId::kEndpointSentMessages:
      return fill_endpoint_messages(&TrafficRecord::sent);
    case SeriesId::kEndpointReceivedBytes:
      return each_endpoint([](auto& v) { return v.totals.received.bytes; });
    case SeriesId::kEndpointSentBytes:
      return each_endpoint([](auto& v) { return v.totals.sent.bytes; });
    case SeriesId::kEndpointSendFailures:
      return fill_endpoint_failures();
    case SeriesId::kEndpointDecodeErrors:
      return fill_decode_errors();
    case SeriesId::kEndpointSetupDuration:
      return each_histogram(&EndpointTotals::setup);
    case SeriesId::kEndpointOutageDuration:
      return each_histogram(&EndpointTotals::outage);
    case SeriesId::kEndpointAssociationLifetime:
      return each_histogram(&EndpointTotals::lifetime);
    case SeriesId::kAssociationInfo:
      return fill_association_info();
    case SeriesId::kAssociationUp:
      return each_peer([](auto& v) { return v.peer->established > 0 ? 1 : 0; });
    case SeriesId::kAssociationConfigured:
      return each_peer([](auto& v) { return v.peer->configured ? 1 : 0; });
    case SeriesId::kAssociationLost:
      return each_peer([](auto& v) { return v.peer->lost_at ? 1 : 0; });
    case SeriesId::kAssociationInstances:
      return each_peer([](auto& v) { return v.peer->associations; });
    case SeriesId::kAssociationState:
      return each_peer([](auto& v) {
        return v.current != nullptr ? v.current->state
                                    : AssociationState::kClosed;
      });
    case SeriesId::kAssociationEstablishedTimestamp:
      return fill_established();
    case SeriesId::kAssociationChanges:
      return fill_changes();
    case SeriesId::kAssociationClosed:
      return fill_closed();
    case SeriesId::kAssociationRemoteErrors:
      return fill_remote_errors();
    case SeriesId::kAssociationSentMessages:
      return each_peer([](auto& v) { return v.totals.sent.messages; });
    case SeriesId::kAssociationSentBytes:
      return each_peer([](auto& v) { return v.totals.sent.bytes; });
    case SeriesId::kAssociationReceivedMessages:
      return each_peer([](auto& v) { return v.totals.received.messages; });
    case SeriesId::kAssociationReceivedBytes:
      return each_peer([](auto& v) { return v.totals.received.bytes; });
    case SeriesId::kAssociationSendFailures:
      return fill_failures();
    case SeriesId::kAssociationSendWouldBlock:
      return each_peer([](auto& v) { return v.totals.would_block; });
    case SeriesId::kAssociationReceiveWindow:
      return each_status([](auto& s) { return s.peer_receive_window; });
    case SeriesId::kAssociationUnackedChunks:
      return each_status([](auto& s) { return s.unacknowledged_chunks; });
    case SeriesId::kAssociationPendingChunks:
      return each_status([](auto& s) { return s.pending_chunks; });
    case SeriesId::kAssociationStreams:
      return fill_streams();
    case SeriesId::kAssociationSendQueue:
      return each_status([](auto& s) { return s.send_queue; });
    case SeriesId::kAssociationMaxRto:
      return fill_max_rto();
    case SeriesId::kAssociationReceivedPackets:
    case SeriesId::kAssociationSentPackets:
    case SeriesId::kAssociationReceivedDataChunks:
    case SeriesId::kAssociationSentDataChunks:
    case SeriesId::kAssociationReceivedControlChunks:
    case SeriesId::kAssociationSentControlChunks:
    case SeriesId::kAssociationReceivedSacks:
    case SeriesId::kAssociationSentSacks:
    case SeriesId::kAssociationRetransmittedChunks:
    case SeriesId::kAssociationAbandonedChunks:
    case SeriesId::kAssociationGapAcksReceived:
    case SeriesId::kAssociationOutOfSequenceTsns:
    case SeriesId::kAssociationDuplicateChunksReceived:
      return fill_statistics();
    case SeriesId::kPathUp:
      return each_path(
          [](auto& p) { return p.state == PathState::kActive ? 1 : 0; });
    case SeriesId::kPathState:
      return each_path([](auto& p) { return p.state; });
    case SeriesId::kPathPrimary:
      return each_path([](auto& p) { return p.primary ? 1 : 0; });
    case SeriesId::kPathChanges:
      return fill_path_changes();
    case SeriesId::kPathSrtt:
      return each_path([](auto& p) { return seconds(p.srtt); });
    case SeriesId::kPathRto:
      return each_path([](auto& p) { return seconds(p.rto); });
    case SeriesId::kPathCongestionWindow:
      return each_path([](auto& p) { return p.congestion_window; });
    case SeriesId::kPathMtu:
      return each_path([](auto& p) { return p.mtu; });
    case SeriesId::kStreamMessages:
      return fill_stream_messages();
    case SeriesId::kHostAssociations:
    case SeriesId::kHostAssociationsOpened:
    case SeriesId::kHostAssociationsClosed:
    case SeriesId::kHostPackets:
    case SeriesId::kHostControlChunks:
    case SeriesId::kHostDataChunks:
    case SeriesId::kHostOutOfTheBluePackets:
    case SeriesId::kHostChecksumErrors:
    case SeriesId::kHostRetransmits:
    case SeriesId::kHostTimerExpirations:
    case SeriesId::kHostDiscards:
    case SeriesId::kHostFragmentedMessages:
    case SeriesId::kHostReceivedPacketsByContext:
      return fill_host();
    case SeriesId::kReactorNotifications:
      return fill_notifications();
    case SeriesId::kReactorEvents:
      return fill_events();
    case SeriesId::kReactorLoopLag:
      return put_histogram({}, LoopStatistics::kLagBounds,
                           snapshot_.loop.lag_buckets, snapshot_.loop.lag_sum);
    case SeriesId::kReactorLoopTurns:
      return put({}, snapshot_.loop.turns);
    case SeriesId::kReactorLoopBusy:
      return put({}, seconds(snapshot_.loop.busy));
    case SeriesId::kJournalUp:
    case SeriesId::kJournalQueuedEvents:
    case SeriesId::kJournalDurableSeq:
    case SeriesId::kJournalWrittenEvents:
    case SeriesId::kJournalSize:
    case SeriesId::kJournalGaps:
    case SeriesId::kJournalLostEvents:
    case SeriesId::kJournalFailedCommits:
    case SeriesId::kJournalCommitDuration:
      return fill_journal();
    case SeriesId::kExporterSnapshotAge:
      return put({}, seconds(now_ - snapshot_.monotonic));
    case SeriesId::kExporterPollDuration:
      return put_histogram({}, SamplingDurations::kBounds,
                           snapshot_.loop.sampling_rounds.buckets,
                           snapshot_.loop.sampling_rounds.sum);
    case SeriesId::kExporterPollErrors:
      return fill_poll_errors();
    case SeriesId::kExporterSeries:
    case SeriesId::kExporterScrapeDuration:
    case SeriesId::kExporterScrapeSize:
      return fill_last_scrape();
    case SeriesId::kExporterDroppedPeers:
      return each_endpoint([](auto& v) { return v.dropped_peers; });
    case SeriesId::kExporterUptime:
      if (scrape_.facts.uptime) put({}, seconds(*scrape_.facts.uptime));
      return;
    case SeriesId::kBuildInfo:
      if (!scrape_.facts.version.empty()) {
        put({scrape_.facts.version, scrape_.facts.libevent}, 1);
      }
      return;
  }
}

}  // namespace lksctp
