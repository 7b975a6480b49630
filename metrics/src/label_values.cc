#include "label_values.h"

#include <algorithm>

#include "lksctp/decoder/error_cause.h"
#include "lksctp/decoder/ppid.h"

namespace lksctp {
namespace {

constexpr HostSample kHostSamples[] = {
    {SeriesId::kHostAssociations, "SctpCurrEstab", {}},
    {SeriesId::kHostAssociationsOpened, "SctpActiveEstabs", {"active"}},
    {SeriesId::kHostAssociationsOpened, "SctpPassiveEstabs", {"passive"}},
    {SeriesId::kHostAssociationsClosed, "SctpAborteds", {"abort"}},
    {SeriesId::kHostAssociationsClosed, "SctpShutdowns", {"shutdown"}},
    {SeriesId::kHostPackets, "SctpInSCTPPacks", {"in"}},
    {SeriesId::kHostPackets, "SctpOutSCTPPacks", {"out"}},
    {SeriesId::kHostControlChunks, "SctpInCtrlChunks", {"in"}},
    {SeriesId::kHostControlChunks, "SctpOutCtrlChunks", {"out"}},
    {SeriesId::kHostDataChunks, "SctpInOrderChunks", {"in", "ordered"}},
    {SeriesId::kHostDataChunks, "SctpInUnorderChunks", {"in", "unordered"}},
    {SeriesId::kHostDataChunks, "SctpOutOrderChunks", {"out", "ordered"}},
    {SeriesId::kHostDataChunks, "SctpOutUnorderChunks", {"out", "unordered"}},
    {SeriesId::kHostOutOfTheBluePackets, "SctpOutOfBlues", {}},
    {SeriesId::kHostChecksumErrors, "SctpChecksumErrors", {}},
    {SeriesId::kHostRetransmits, "SctpT3Retransmits", {"t3"}},
    {SeriesId::kHostRetransmits, "SctpFastRetransmits", {"fast"}},
    {SeriesId::kHostRetransmits, "SctpPmtudRetransmits", {"pmtud"}},
    {SeriesId::kHostTimerExpirations, "SctpT1InitExpireds", {"t1_init"}},
    {SeriesId::kHostTimerExpirations, "SctpT1CookieExpireds", {"t1_cookie"}},
    {SeriesId::kHostTimerExpirations,
     "SctpT2ShutdownExpireds",
     {"t2_shutdown"}},
    {SeriesId::kHostTimerExpirations, "SctpT3RtxExpireds", {"t3_rtx"}},
    {SeriesId::kHostTimerExpirations, "SctpT4RtoExpireds", {"t4_rto"}},
    {SeriesId::kHostTimerExpirations,
     "SctpT5ShutdownGuardExpireds",
     {"t5_shutdown_guard"}},
    {SeriesId::kHostTimerExpirations, "SctpDelaySackExpireds", {"delay_sack"}},
    {SeriesId::kHostTimerExpirations, "SctpAutocloseExpireds", {"autoclose"}},
    {SeriesId::kHostDiscards, "SctpInPktDiscards", {"packet"}},
    {SeriesId::kHostDiscards, "SctpInDataChunkDiscards", {"data_chunk"}},
    {SeriesId::kHostFragmentedMessages, "SctpReasmUsrMsgs", {"in"}},
    {SeriesId::kHostFragmentedMessages, "SctpFragUsrMsgs", {"out"}},
    {SeriesId::kHostReceivedPacketsByContext, "SctpInPktSoftirq", {"softirq"}},
    {SeriesId::kHostReceivedPacketsByContext, "SctpInPktBacklog", {"backlog"}},
};

using Statistics = AssociationStatistics;

// Samples of one series stand together.
constexpr StatisticsSample kStatisticsSamples[] = {
    {SeriesId::kAssociationReceivedPackets, &Statistics::packets_received},
    {SeriesId::kAssociationSentPackets, &Statistics::packets_sent},
    {SeriesId::kAssociationReceivedDataChunks,
     &Statistics::ordered_chunks_received, "ordered"},
    {SeriesId::kAssociationReceivedDataChunks,
     &Statistics::unordered_chunks_received, "unordered"},
    {SeriesId::kAssociationSentDataChunks, &Statistics::ordered_chunks_sent,
     "ordered"},
    {SeriesId::kAssociationSentDataChunks, &Statistics::unordered_chunks_sent,
     "unordered"},
    {SeriesId::kAssociationReceivedControlChunks,
     &Statistics::control_chunks_received},
    {SeriesId::kAssociationSentControlChunks, &Statistics::control_chunks_sent},
    {SeriesId::kAssociationReceivedSacks, &Statistics::sacks_received},
    {SeriesId::kAssociationSentSacks, &Statistics::sacks_sent},
    {SeriesId::kAssociationRetransmittedChunks,
     &Statistics::retransmitted_chunks},
    {SeriesId::kAssociationAbandonedChunks,
     &Statistics::abandoned_unsent_chunks, "unsent"},
    {SeriesId::kAssociationAbandonedChunks, &Statistics::abandoned_sent_chunks,
     "sent"},
    {SeriesId::kAssociationGapAcksReceived, &Statistics::gap_ack_blocks},
    {SeriesId::kAssociationOutOfSequenceTsns,
     &Statistics::tsns_out_of_sequence},
    {SeriesId::kAssociationDuplicateChunksReceived,
     &Statistics::duplicate_chunks},
};

static_assert(std::ranges::is_sorted(kStatisticsSamples, {},
                                     &StatisticsSample::series));

}  // namespace

std::string_view role_label(EndpointRole role) {
  return role == EndpointRole::kListen ? "listen" : "connect";
}

std::string cause_label(CauseCode cause) {
  if (cause == kOtherCause) return "other";
  std::string label;
  for (const char c : cause_name(cause)) {
    if (c >= 'A' && c <= 'Z') {
      label += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      label += c;
    } else if (!label.ends_with('_')) {
      label += '_';
    }
  }
  return label;
}

std::string_view protocol_label(Ppid ppid) {
  const std::string_view name = ppid_name(ppid);
  return name.empty() ? "other" : name;
}

std::span<const StatisticsSample> statistics_samples(SeriesId series) {
  const auto* begin = std::ranges::lower_bound(kStatisticsSamples, series, {},
                                               &StatisticsSample::series);
  const auto* end = std::ranges::upper_bound(kStatisticsSamples, series, {},
                                             &StatisticsSample::series);
  return {begin, end};
}

std::span<const HostSample> host_samples() { return kHostSamples; }

}  // namespace lksctp
