#include "label_values.h"

#include "lksctp/decoder/error_cause.h"

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

std::span<const HostSample> host_samples() { return kHostSamples; }

}  // namespace lksctp
