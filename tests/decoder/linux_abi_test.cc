// The table against <linux/sctp.h>: every number, offset and width.

// The kernel's header includes neither of these itself.
#include <sys/socket.h>

#include <cstdint>
// Behind them.
#include <linux/sctp.h>

#include <cstddef>

#include "abi_check.h"

namespace lksctp {
namespace {

#define FIELD(type, member) \
  { #member, offsetof(type, member), sizeof(type::member) }
#define NESTED(type, outer, member) \
  { #member, offsetof(type, outer.member), sizeof(type::outer.member) }

TEST(LinuxAbi, NumbersAndLayoutsAreTheHeaders) {
  const std::vector<HeaderRecord> records{
      {SCTP_ASSOC_CHANGE,
       sizeof(sctp_assoc_change),
       {FIELD(sctp_assoc_change, sac_type), FIELD(sctp_assoc_change, sac_flags),
        FIELD(sctp_assoc_change, sac_length),
        FIELD(sctp_assoc_change, sac_state),
        FIELD(sctp_assoc_change, sac_error),
        FIELD(sctp_assoc_change, sac_outbound_streams),
        FIELD(sctp_assoc_change, sac_inbound_streams),
        FIELD(sctp_assoc_change, sac_assoc_id)}},
      {SCTP_PEER_ADDR_CHANGE,
       sizeof(sctp_paddr_change),
       {FIELD(sctp_paddr_change, spc_type), FIELD(sctp_paddr_change, spc_flags),
        FIELD(sctp_paddr_change, spc_length),
        FIELD(sctp_paddr_change, spc_aaddr),
        FIELD(sctp_paddr_change, spc_state),
        FIELD(sctp_paddr_change, spc_error),
        FIELD(sctp_paddr_change, spc_assoc_id)}},
      {SCTP_SEND_FAILED_EVENT,
       sizeof(sctp_send_failed_event),
       {FIELD(sctp_send_failed_event, ssf_type),
        FIELD(sctp_send_failed_event, ssf_flags),
        FIELD(sctp_send_failed_event, ssf_length),
        FIELD(sctp_send_failed_event, ssf_error),
        NESTED(sctp_send_failed_event, ssfe_info, snd_sid),
        NESTED(sctp_send_failed_event, ssfe_info, snd_flags),
        NESTED(sctp_send_failed_event, ssfe_info, snd_ppid),
        NESTED(sctp_send_failed_event, ssfe_info, snd_context),
        NESTED(sctp_send_failed_event, ssfe_info, snd_assoc_id),
        FIELD(sctp_send_failed_event, ssf_assoc_id)}},
      {SCTP_SEND_FAILED,
       sizeof(sctp_send_failed),
       {FIELD(sctp_send_failed, ssf_type), FIELD(sctp_send_failed, ssf_flags),
        FIELD(sctp_send_failed, ssf_length), FIELD(sctp_send_failed, ssf_error),
        NESTED(sctp_send_failed, ssf_info, sinfo_stream),
        NESTED(sctp_send_failed, ssf_info, sinfo_ssn),
        NESTED(sctp_send_failed, ssf_info, sinfo_flags),
        NESTED(sctp_send_failed, ssf_info, sinfo_ppid),
        NESTED(sctp_send_failed, ssf_info, sinfo_context),
        NESTED(sctp_send_failed, ssf_info, sinfo_timetolive),
        NESTED(sctp_send_failed, ssf_info, sinfo_tsn),
        NESTED(sctp_send_failed, ssf_info, sinfo_cumtsn),
        NESTED(sctp_send_failed, ssf_info, sinfo_assoc_id),
        FIELD(sctp_send_failed, ssf_assoc_id)}},
      {SCTP_REMOTE_ERROR,
       sizeof(sctp_remote_error),
       {FIELD(sctp_remote_error, sre_type), FIELD(sctp_remote_error, sre_flags),
        FIELD(sctp_remote_error, sre_length),
        FIELD(sctp_remote_error, sre_error),
        FIELD(sctp_remote_error, sre_assoc_id)}},
      {SCTP_SHUTDOWN_EVENT,
       sizeof(sctp_shutdown_event),
       {FIELD(sctp_shutdown_event, sse_type),
        FIELD(sctp_shutdown_event, sse_flags),
        FIELD(sctp_shutdown_event, sse_length),
        FIELD(sctp_shutdown_event, sse_assoc_id)}},
      {SCTP_PARTIAL_DELIVERY_EVENT,
       sizeof(sctp_pdapi_event),
       {FIELD(sctp_pdapi_event, pdapi_type),
        FIELD(sctp_pdapi_event, pdapi_flags),
        FIELD(sctp_pdapi_event, pdapi_length),
        FIELD(sctp_pdapi_event, pdapi_indication),
        FIELD(sctp_pdapi_event, pdapi_assoc_id),
        FIELD(sctp_pdapi_event, pdapi_stream),
        FIELD(sctp_pdapi_event, pdapi_seq)}},
      {SCTP_ADAPTATION_INDICATION,
       sizeof(sctp_adaptation_event),
       {FIELD(sctp_adaptation_event, sai_type),
        FIELD(sctp_adaptation_event, sai_flags),
        FIELD(sctp_adaptation_event, sai_length),
        FIELD(sctp_adaptation_event, sai_adaptation_ind),
        FIELD(sctp_adaptation_event, sai_assoc_id)}},
      {SCTP_AUTHENTICATION_EVENT,
       sizeof(sctp_authkey_event),
       {FIELD(sctp_authkey_event, auth_type),
        FIELD(sctp_authkey_event, auth_flags),
        FIELD(sctp_authkey_event, auth_length),
        FIELD(sctp_authkey_event, auth_keynumber),
        FIELD(sctp_authkey_event, auth_altkeynumber),
        FIELD(sctp_authkey_event, auth_indication),
        FIELD(sctp_authkey_event, auth_assoc_id)}},
      {SCTP_SENDER_DRY_EVENT,
       sizeof(sctp_sender_dry_event),
       {FIELD(sctp_sender_dry_event, sender_dry_type),
        FIELD(sctp_sender_dry_event, sender_dry_flags),
        FIELD(sctp_sender_dry_event, sender_dry_length),
        FIELD(sctp_sender_dry_event, sender_dry_assoc_id)}},
      {SCTP_STREAM_RESET_EVENT,
       sizeof(sctp_stream_reset_event),
       {FIELD(sctp_stream_reset_event, strreset_type),
        FIELD(sctp_stream_reset_event, strreset_flags),
        FIELD(sctp_stream_reset_event, strreset_length),
        FIELD(sctp_stream_reset_event, strreset_assoc_id)}},
      {SCTP_ASSOC_RESET_EVENT,
       sizeof(sctp_assoc_reset_event),
       {FIELD(sctp_assoc_reset_event, assocreset_type),
        FIELD(sctp_assoc_reset_event, assocreset_flags),
        FIELD(sctp_assoc_reset_event, assocreset_length),
        FIELD(sctp_assoc_reset_event, assocreset_assoc_id),
        FIELD(sctp_assoc_reset_event, assocreset_local_tsn),
        FIELD(sctp_assoc_reset_event, assocreset_remote_tsn)}},
      {SCTP_STREAM_CHANGE_EVENT,
       sizeof(sctp_stream_change_event),
       {FIELD(sctp_stream_change_event, strchange_type),
        FIELD(sctp_stream_change_event, strchange_flags),
        FIELD(sctp_stream_change_event, strchange_length),
        FIELD(sctp_stream_change_event, strchange_assoc_id),
        FIELD(sctp_stream_change_event, strchange_instrms),
        FIELD(sctp_stream_change_event, strchange_outstrms)}},
  };
  check_records(Abi::kLinux, records);
}

TEST(LinuxAbi, ValuesAreTheHeaders) {
  check_values(
      Abi::kLinux,
      {{"SCTP_COMM_UP", SCTP_COMM_UP},
       {"SCTP_COMM_LOST", SCTP_COMM_LOST},
       {"SCTP_RESTART", SCTP_RESTART},
       {"SCTP_SHUTDOWN_COMP", SCTP_SHUTDOWN_COMP},
       {"SCTP_CANT_STR_ASSOC", SCTP_CANT_STR_ASSOC},
       {"SCTP_ADDR_AVAILABLE", SCTP_ADDR_AVAILABLE},
       {"SCTP_ADDR_UNREACHABLE", SCTP_ADDR_UNREACHABLE},
       {"SCTP_ADDR_REMOVED", SCTP_ADDR_REMOVED},
       {"SCTP_ADDR_ADDED", SCTP_ADDR_ADDED},
       {"SCTP_ADDR_MADE_PRIM", SCTP_ADDR_MADE_PRIM},
       {"SCTP_ADDR_CONFIRMED", SCTP_ADDR_CONFIRMED},
       {"SCTP_ADDR_POTENTIALLY_FAILED", SCTP_ADDR_POTENTIALLY_FAILED},
       {"SCTP_DATA_UNSENT", SCTP_DATA_UNSENT},
       {"SCTP_DATA_SENT", SCTP_DATA_SENT},
       {"SCTP_PARTIAL_DELIVERY_ABORTED", SCTP_PARTIAL_DELIVERY_ABORTED},
       {"SCTP_AUTH_NEW_KEY", SCTP_AUTH_NEW_KEY},
       {"SCTP_AUTH_FREE_KEY", SCTP_AUTH_FREE_KEY},
       {"SCTP_AUTH_NO_AUTH", SCTP_AUTH_NO_AUTH},
       {"SCTP_STREAM_RESET_INCOMING_SSN", SCTP_STREAM_RESET_INCOMING_SSN},
       {"SCTP_STREAM_RESET_OUTGOING_SSN", SCTP_STREAM_RESET_OUTGOING_SSN},
       {"SCTP_STREAM_RESET_DENIED", SCTP_STREAM_RESET_DENIED},
       {"SCTP_STREAM_RESET_FAILED", SCTP_STREAM_RESET_FAILED},
       {"SCTP_ASSOC_RESET_DENIED", SCTP_ASSOC_RESET_DENIED},
       {"SCTP_ASSOC_RESET_FAILED", SCTP_ASSOC_RESET_FAILED},
       {"SCTP_STREAM_CHANGE_DENIED", SCTP_STREAM_CHANGE_DENIED},
       {"SCTP_STREAM_CHANGE_FAILED", SCTP_STREAM_CHANGE_FAILED}});
}

TEST(LinuxAbi, AncillaryStructsAreTheHeaders) {
  check_ancillary(
      Abi::kLinux,
      {{"sctp_rcvinfo",
        sizeof(sctp_rcvinfo),
        {FIELD(sctp_rcvinfo, rcv_sid), FIELD(sctp_rcvinfo, rcv_ssn),
         FIELD(sctp_rcvinfo, rcv_flags), FIELD(sctp_rcvinfo, rcv_ppid),
         FIELD(sctp_rcvinfo, rcv_tsn), FIELD(sctp_rcvinfo, rcv_cumtsn),
         FIELD(sctp_rcvinfo, rcv_context), FIELD(sctp_rcvinfo, rcv_assoc_id)}},
       {"sctp_nxtinfo",
        sizeof(sctp_nxtinfo),
        {FIELD(sctp_nxtinfo, nxt_sid), FIELD(sctp_nxtinfo, nxt_flags),
         FIELD(sctp_nxtinfo, nxt_ppid), FIELD(sctp_nxtinfo, nxt_length),
         FIELD(sctp_nxtinfo, nxt_assoc_id)}},
       {"sctp_sndrcvinfo",
        sizeof(sctp_sndrcvinfo),
        {FIELD(sctp_sndrcvinfo, sinfo_stream),
         FIELD(sctp_sndrcvinfo, sinfo_ssn), FIELD(sctp_sndrcvinfo, sinfo_flags),
         FIELD(sctp_sndrcvinfo, sinfo_ppid),
         FIELD(sctp_sndrcvinfo, sinfo_context),
         FIELD(sctp_sndrcvinfo, sinfo_timetolive),
         FIELD(sctp_sndrcvinfo, sinfo_tsn),
         FIELD(sctp_sndrcvinfo, sinfo_cumtsn),
         FIELD(sctp_sndrcvinfo, sinfo_assoc_id)}}});
  constexpr SendFlags kFlags = send_flags(Abi::kLinux);
  EXPECT_EQ(kFlags.unordered, SCTP_UNORDERED);
  EXPECT_EQ(kFlags.address_override, SCTP_ADDR_OVER);
  EXPECT_EQ(kFlags.abort, SCTP_ABORT);
  EXPECT_EQ(kFlags.sack_immediately, SCTP_SACK_IMMEDIATELY);
  EXPECT_EQ(kFlags.send_all, SCTP_SENDALL);
  EXPECT_EQ(kFlags.end_of_file, SCTP_EOF);
  EXPECT_EQ(kFlags.policy_ttl, SCTP_PR_SCTP_TTL);
  EXPECT_EQ(kFlags.policy_retransmit, SCTP_PR_SCTP_RTX);
  EXPECT_EQ(kFlags.policy_priority, SCTP_PR_SCTP_PRIO);
  EXPECT_EQ(static_cast<int>(ControlType::kInit), SCTP_INIT);
  EXPECT_EQ(static_cast<int>(ControlType::kSendReceiveInfo), SCTP_SNDRCV);
  EXPECT_EQ(static_cast<int>(ControlType::kSendInfo), SCTP_SNDINFO);
  EXPECT_EQ(static_cast<int>(ControlType::kReceiveInfo), SCTP_RCVINFO);
  EXPECT_EQ(static_cast<int>(ControlType::kNextInfo), SCTP_NXTINFO);
  EXPECT_EQ(static_cast<int>(ControlType::kPrInfo), SCTP_PRINFO);
  EXPECT_EQ(static_cast<int>(ControlType::kAuthInfo), SCTP_AUTHINFO);
  EXPECT_EQ(static_cast<int>(ControlType::kDestinationIpv4), SCTP_DSTADDRV4);
  EXPECT_EQ(static_cast<int>(ControlType::kDestinationIpv6), SCTP_DSTADDRV6);
}

// A newer header has more types than the table: time for a new row.
TEST(LinuxAbi, HasNoTypeThatTheTableLacks) {
  std::size_t rows = 0;
  for (const NotificationRow& row : notification_rows()) {
    if (row.linux_type != 0) ++rows;
  }
  EXPECT_EQ(rows, SCTP_SN_TYPE_MAX - SCTP_SN_TYPE_BASE);
}

}  // namespace
}  // namespace lksctp
