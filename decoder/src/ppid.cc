#include "lksctp/decoder/ppid.h"

#include <algorithm>

namespace lksctp {
namespace {

constexpr PpidRow kRows[] = {
    {Ppid(0), "unspecified"},
    {Ppid(1), "iua"},
    {Ppid(2), "m2ua"},
    {Ppid(3), "m3ua"},
    {Ppid(4), "sua"},
    {Ppid(5), "m2pa"},
    {Ppid(6), "v5ua"},
    {Ppid(7), "h248"},
    {Ppid(8), "bicc"},
    {Ppid(9), "tali"},
    {Ppid(10), "dua"},
    {Ppid(11), "asap"},
    {Ppid(12), "enrp"},
    {Ppid(13), "h323"},
    {Ppid(14), "qipc"},
    {Ppid(15), "simco"},
    {Ppid(16), "ddp_segment"},
    {Ppid(17), "ddp_stream_session_control"},
    {Ppid(18), "s1ap"},
    {Ppid(19), "rua"},
    {Ppid(20), "hnbap"},
    {Ppid(21), "forces_hp"},
    {Ppid(22), "forces_mp"},
    {Ppid(23), "forces_lp"},
    {Ppid(24), "sbc_ap"},
    {Ppid(25), "nbap"},
    {Ppid(27), "x2ap"},
    {Ppid(28), "ircp"},
    {Ppid(29), "lcs_ap"},
    {Ppid(30), "mpich2"},
    {Ppid(31), "sabp"},
    {Ppid(32), "fgp"},
    {Ppid(33), "ppp"},
    {Ppid(34), "calcapp"},
    {Ppid(35), "ssp"},
    {Ppid(36), "npmp_control"},
    {Ppid(37), "npmp_data"},
    {Ppid(38), "echo"},
    {Ppid(39), "discard"},
    {Ppid(40), "daytime"},
    {Ppid(41), "chargen"},
    {Ppid(42), "rna"},
    {Ppid(43), "m2ap"},
    {Ppid(44), "m3ap"},
    {Ppid(45), "ssh"},
    {Ppid(46), "diameter"},
    {Ppid(47), "diameter_dtls"},
    {Ppid(48), "r14p"},
    {Ppid(50), "webrtc_dcep"},
    {Ppid(51), "webrtc_string"},
    {Ppid(52), "webrtc_binary_partial"},
    {Ppid(53), "webrtc_binary"},
    {Ppid(54), "webrtc_string_partial"},
    {Ppid(55), "pua"},
    {Ppid(56), "webrtc_string_empty"},
    {Ppid(57), "webrtc_binary_empty"},
    {Ppid(58), "xwap"},
    {Ppid(59), "xw_control_plane"},
    {Ppid(60), "ngap"},
    {Ppid(61), "xnap"},
    {Ppid(62), "f1ap"},
    {Ppid(63), "http_sctp"},
    {Ppid(64), "e1ap"},
    {Ppid(65), "ele2_li"},
    {Ppid(66), "ngap_dtls"},
    {Ppid(67), "xnap_dtls"},
    {Ppid(68), "f1ap_dtls"},
    {Ppid(69), "e1ap_dtls"},
    {Ppid(70), "e2_cp"},
    {Ppid(71), "e2_up"},
    {Ppid(72), "e2_du"},
    {Ppid(73), "w1ap"},
};
static_assert(std::ranges::is_sorted(kRows, {}, &PpidRow::ppid));

}  // namespace

std::span<const PpidRow> ppid_rows() { return kRows; }

std::string_view ppid_name(Ppid ppid) {
  const auto* row = std::ranges::lower_bound(kRows, ppid, {}, &PpidRow::ppid);
  return row != std::end(kRows) && row->ppid == ppid ? row->name : "";
}

Ppid named_ppid(Ppid ppid) {
  return ppid_name(ppid).empty() ? kOtherPpid : ppid;
}

}  // namespace lksctp
