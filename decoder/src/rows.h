// The rows of the table, one per notification type, in the order of the
// alternatives of `Notification`. See `row.h` for what a row says and `table.h`
// for who iterates them. The checks at the foot fail the build when rows are
// out of order or when fields do not tile the fixed part of the record.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <variant>

#include "lksctp/decoder/notification.h"
#include "lksctp/decoder/row.h"
#include "row_checks.h"
#include "row_fields.h"

namespace lksctp {
namespace table {

inline constexpr std::array kAssociationChangeFields{
    type_field("sac_type"),
    flags_field("sac_flags"),
    length_field("sac_length"),
    field("sac_state", u16_at(8), member<&AssociationChange::state>,
          kAssociationStates),
    field("sac_error", u16_at(10, kNet), u16_at(10),
          member<&AssociationChange::error>),
    field("sac_outbound_streams", u16_at(12),
          member<&AssociationChange::outbound_streams>),
    field("sac_inbound_streams", u16_at(14),
          member<&AssociationChange::inbound_streams>),
    field("sac_assoc_id", u32_at(16), member<&AssociationChange::association>),
};

inline constexpr std::array kPeerAddressChangeFields{
    type_field("spc_type"),
    flags_field("spc_flags"),
    length_field("spc_length"),
    address_field("spc_aaddr", bytes_at(8, 128),
                  address_member<&PeerAddressChange::address>),
    field("spc_state", u32_at(136), member<&PeerAddressChange::state>,
          kPeerAddressStates),
    field("spc_error", u32_at(140), member<&PeerAddressChange::error>),
    field("spc_assoc_id", u32_at(144), member<&PeerAddressChange::association>),
    pad("spc_padding", kAbsent, bytes_at(148, 4)),
};

inline constexpr std::array kSendFailedEventFields{
    usrsctp_spelling("ssfe_type", type_field("ssf_type")),
    usrsctp_spelling("ssfe_flags", send_failed_kind_field("ssf_flags")),
    usrsctp_spelling("ssfe_length", length_field("ssf_length")),
    usrsctp_spelling("ssfe_error",
                     field("ssf_error", u32_at(8, ByteOrder::kNetworkLow16),
                           u32_at(8), member<&SendFailed::error>)),
    in_group("ssfe_info",
             field("snd_sid", u16_at(12), member<&SendFailed::stream>)),
    in_group("ssfe_info",
             field("snd_flags", u16_at(14), member<&SendFailed::flags>)),
    in_group("ssfe_info",
             field("snd_ppid", u32_at(16, kNet), member<&SendFailed::ppid>)),
    in_group("ssfe_info",
             field("snd_context", u32_at(20), member<&SendFailed::context>)),
    // Linux leaves it 0 and sets ssf_assoc_id only.
    in_group("ssfe_info", field("snd_assoc_id", u32_at(24),
                                repeats<&SendFailed::association>)),
    usrsctp_spelling("ssfe_assoc_id", field("ssf_assoc_id", u32_at(28),
                                            member<&SendFailed::association>)),
};

// usrsctp keeps this record out of its public header; its nested struct has
// room for later members, so that what follows lies further back.
inline constexpr std::array kSendFailedFields{
    type_field("ssf_type"),
    send_failed_kind_field("ssf_flags"),
    length_field("ssf_length"),
    field("ssf_error", u32_at(8, ByteOrder::kNetworkLow16), u32_at(8),
          member<&SendFailed::error>),
    in_group("ssf_info",
             field("sinfo_stream", u16_at(12), member<&SendFailed::stream>)),
    in_group("ssf_info", unused("sinfo_ssn", u16_at(14))),
    in_group("ssf_info",
             field("sinfo_flags", u16_at(16), member<&SendFailed::flags>)),
    pad("padding", bytes_at(18, 2), bytes_at(18, 2)),
    in_group("ssf_info",
             field("sinfo_ppid", u32_at(20, kNet), member<&SendFailed::ppid>)),
    in_group("ssf_info",
             field("sinfo_context", u32_at(24), member<&SendFailed::context>)),
    in_group("ssf_info", unused("sinfo_timetolive", u32_at(28))),
    in_group("ssf_info", unused("sinfo_tsn", u32_at(32))),
    in_group("ssf_info", unused("sinfo_cumtsn", u32_at(36))),
    in_group("ssf_info", field("sinfo_assoc_id", u32_at(40),
                               repeats<&SendFailed::association>)),
    pad("reserved", kAbsent, bytes_at(44, 96)),
    field("ssf_assoc_id", u32_at(44), u32_at(140),
          member<&SendFailed::association>),
};

inline constexpr std::array kRemoteErrorFields{
    type_field("sre_type"),
    flags_field("sre_flags"),
    length_field("sre_length"),
    field("sre_error", u16_at(8, kNet), u16_at(8), member<&RemoteError::error>),
    pad("padding", bytes_at(10, 2), bytes_at(10, 2)),
    field("sre_assoc_id", u32_at(12), member<&RemoteError::association>),
};

inline constexpr std::array kShutdownFields{
    type_field("sse_type"),
    flags_field("sse_flags"),
    length_field("sse_length"),
    field("sse_assoc_id", u32_at(8), member<&ShutdownEvent::association>),
};

// usrsctp's header shows a 24-byte record with 32-bit stream and sequence
// numbers; the library sends this one. Linux before 4.18 ends after
// pdapi_assoc_id.
inline constexpr std::array kPartialDeliveryFields{
    type_field("pdapi_type"),
    flags_field("pdapi_flags"),
    length_field("pdapi_length"),
    field("pdapi_indication", u32_at(8), member<&PartialDelivery::indication>,
          kPartialDeliveryIndications),
    field("pdapi_assoc_id", u32_at(12), u32_at(16),
          member<&PartialDelivery::association>),
    optional(field("pdapi_stream", u32_at(16), u16_at(12),
                   member<&PartialDelivery::stream>)),
    optional(field("pdapi_seq", u32_at(20), u16_at(14),
                   member<&PartialDelivery::sequence>)),
};

inline constexpr std::array kAdaptationFields{
    type_field("sai_type"),
    flags_field("sai_flags"),
    length_field("sai_length"),
    field("sai_adaptation_ind", u32_at(8),
          member<&AdaptationIndication::indication>),
    field("sai_assoc_id", u32_at(12),
          member<&AdaptationIndication::association>),
};

// usrsctp's header calls the bytes of auth_altkeynumber padding; the library
// puts the previous key there.
inline constexpr std::array kAuthenticationFields{
    type_field("auth_type"),
    flags_field("auth_flags"),
    length_field("auth_length"),
    field("auth_keynumber", u16_at(8),
          member<&AuthenticationEvent::key_number>),
    field("auth_altkeynumber", u16_at(10),
          member<&AuthenticationEvent::alternate_key_number>),
    field("auth_indication", u32_at(12),
          member<&AuthenticationEvent::indication>, kAuthenticationIndications),
    field("auth_assoc_id", u32_at(16),
          member<&AuthenticationEvent::association>),
};

inline constexpr std::array kSenderDryFields{
    type_field("sender_dry_type"),
    flags_field("sender_dry_flags"),
    length_field("sender_dry_length"),
    field("sender_dry_assoc_id", u32_at(8), member<&SenderDry::association>),
};

inline constexpr std::array kStreamResetFields{
    type_field("strreset_type"),
    flags_field("strreset_flags", stream_reset_flags, kStreamResetFlags),
    length_field("strreset_length"),
    field("strreset_assoc_id", u32_at(8), member<&StreamReset::association>),
};

inline constexpr std::array kAssociationResetFields{
    type_field("assocreset_type"),
    flags_field("assocreset_flags", result_flags<AssociationReset>,
                kAssociationResetFlags),
    length_field("assocreset_length"),
    field("assocreset_assoc_id", u32_at(8),
          member<&AssociationReset::association>),
    field("assocreset_local_tsn", u32_at(12),
          member<&AssociationReset::local_tsn>),
    field("assocreset_remote_tsn", u32_at(16),
          member<&AssociationReset::remote_tsn>),
};

inline constexpr std::array kStreamChangeFields{
    type_field("strchange_type"),
    flags_field("strchange_flags", result_flags<StreamChange>,
                kStreamChangeFlags),
    length_field("strchange_length"),
    field("strchange_assoc_id", u32_at(8), member<&StreamChange::association>),
    field("strchange_instrms", u16_at(12),
          stream_change_count<&StreamChange::inbound_added,
                              &StreamChange::inbound_streams>),
    field("strchange_outstrms", u16_at(14),
          stream_change_count<&StreamChange::outbound_added,
                              &StreamChange::outbound_streams>),
};

inline constexpr std::array kNotificationsStoppedFields{
    type_field("sn_type"),
    flags_field("sn_flags"),
    length_field("sn_length"),
};

inline constexpr std::array kRows{
    NotificationRow{
        .linux_type = 0x8001,
        .usrsctp_type = 0x0001,
        .name = "SCTP_ASSOC_CHANGE",
        .struct_name = "sctp_assoc_change",
        .member = "sn_assoc_change",
        .section = "RFC 6458 §6.1.1",
        .label = "association_change",
        .alternative = alternative<AssociationChange>,
        .tail = TailKind::kAssociationInfo,
        .tail_name = "sac_info",
        .linux_size = 20,
        .usrsctp_size = 20,
        .fields = kAssociationChangeFields,
    },
    NotificationRow{
        .linux_type = 0x8002,
        .usrsctp_type = 0x0002,
        .name = "SCTP_PEER_ADDR_CHANGE",
        .struct_name = "sctp_paddr_change",
        .member = "sn_paddr_change",
        .section = "RFC 6458 §6.1.2",
        .label = "peer_address_change",
        .alternative = alternative<PeerAddressChange>,
        .linux_size = 148,
        .usrsctp_size = 152,
        .fields = kPeerAddressChangeFields,
    },
    NotificationRow{
        .linux_type = 0x800d,
        .usrsctp_type = 0x000e,
        .name = "SCTP_SEND_FAILED_EVENT",
        .struct_name = "sctp_send_failed_event",
        .member = "sn_send_failed_event",
        .section = "RFC 6458 §6.1.11",
        .label = "send_failed",
        .alternative = alternative<SendFailed>,
        .tail = TailKind::kData,
        .tail_name = "ssf_data",
        .linux_size = 32,
        .usrsctp_size = 32,
        .fields = kSendFailedEventFields,
    },
    NotificationRow{
        .linux_type = 0x8003,
        .usrsctp_type = 0x0004,
        .name = "SCTP_SEND_FAILED",
        .struct_name = "sctp_send_failed",
        .member = "sn_send_failed",
        .section = "RFC 6458 §6.1.4",
        .label = "send_failed_deprecated",
        .alternative = alternative<SendFailed>,
        .tail = TailKind::kData,
        .tail_name = "ssf_data",
        .linux_size = 48,
        .usrsctp_size = 144,
        .fields = kSendFailedFields,
        .subscription = Subscription::kNever,
        .deprecated = true,
    },
    NotificationRow{
        .linux_type = 0x8004,
        .usrsctp_type = 0x0003,
        .name = "SCTP_REMOTE_ERROR",
        .struct_name = "sctp_remote_error",
        .member = "sn_remote_error",
        .section = "RFC 6458 §6.1.3",
        .label = "remote_error",
        .alternative = alternative<RemoteError>,
        .tail = TailKind::kCause,
        .tail_name = "sre_data",
        .linux_size = 16,
        .usrsctp_size = 16,
        .fields = kRemoteErrorFields,
    },
    NotificationRow{
        .linux_type = 0x8005,
        .usrsctp_type = 0x0005,
        .name = "SCTP_SHUTDOWN_EVENT",
        .struct_name = "sctp_shutdown_event",
        .member = "sn_shutdown_event",
        .section = "RFC 6458 §6.1.5",
        .label = "shutdown",
        .alternative = alternative<ShutdownEvent>,
        .linux_size = 12,
        .usrsctp_size = 12,
        .fields = kShutdownFields,
    },
    NotificationRow{
        .linux_type = 0x8006,
        .usrsctp_type = 0x0007,
        .name = "SCTP_PARTIAL_DELIVERY_EVENT",
        .struct_name = "sctp_pdapi_event",
        .member = "sn_pdapi_event",
        .section = "RFC 6458 §6.1.7",
        .label = "partial_delivery",
        .alternative = alternative<PartialDelivery>,
        .linux_size = 24,
        .usrsctp_size = 20,
        .fields = kPartialDeliveryFields,
    },
    NotificationRow{
        .linux_type = 0x8007,
        .usrsctp_type = 0x0006,
        .name = "SCTP_ADAPTATION_INDICATION",
        .struct_name = "sctp_adaptation_event",
        .member = "sn_adaptation_event",
        .section = "RFC 6458 §6.1.6",
        .label = "adaptation_indication",
        .alternative = alternative<AdaptationIndication>,
        .linux_size = 16,
        .usrsctp_size = 16,
        .fields = kAdaptationFields,
    },
    NotificationRow{
        .linux_type = 0x8008,
        .usrsctp_type = 0x0008,
        .name = "SCTP_AUTHENTICATION_EVENT",
        .struct_name = "sctp_authkey_event",
        .member = "sn_authkey_event",
        .section = "RFC 6458 §6.1.8",
        .label = "authentication",
        .alternative = alternative<AuthenticationEvent>,
        .linux_size = 20,
        .usrsctp_size = 20,
        .fields = kAuthenticationFields,
    },
    NotificationRow{
        .linux_type = 0x8009,
        .usrsctp_type = 0x000a,
        .name = "SCTP_SENDER_DRY_EVENT",
        .struct_name = "sctp_sender_dry_event",
        .member = "sn_sender_dry_event",
        .section = "RFC 6458 §6.1.9",
        .label = "sender_dry",
        .alternative = alternative<SenderDry>,
        .linux_size = 12,
        .usrsctp_size = 12,
        .fields = kSenderDryFields,
        .subscription = Subscription::kOnRequest,
    },
    NotificationRow{
        .linux_type = 0x800a,
        .usrsctp_type = 0x0009,
        .name = "SCTP_STREAM_RESET_EVENT",
        .struct_name = "sctp_stream_reset_event",
        .member = "sn_strreset_event",
        .section = "RFC 6525 §6.1.1",
        .label = "stream_reset",
        .alternative = alternative<StreamReset>,
        .tail = TailKind::kStreamList,
        .tail_name = "strreset_stream_list",
        .linux_size = 12,
        .usrsctp_size = 12,
        .fields = kStreamResetFields,
    },
    NotificationRow{
        .linux_type = 0x800b,
        .usrsctp_type = 0x000c,
        .name = "SCTP_ASSOC_RESET_EVENT",
        .struct_name = "sctp_assoc_reset_event",
        .member = "sn_assocreset_event",
        .section = "RFC 6525 §6.1.2",
        .label = "association_reset",
        .alternative = alternative<AssociationReset>,
        .linux_size = 20,
        .usrsctp_size = 20,
        .fields = kAssociationResetFields,
    },
    NotificationRow{
        .linux_type = 0x800c,
        .usrsctp_type = 0x000d,
        .name = "SCTP_STREAM_CHANGE_EVENT",
        .struct_name = "sctp_stream_change_event",
        .member = "sn_strchange_event",
        .section = "RFC 6525 §6.1.3",
        .label = "stream_change",
        .alternative = alternative<StreamChange>,
        .linux_size = 16,
        .usrsctp_size = 16,
        .fields = kStreamChangeFields,
    },
    NotificationRow{
        .usrsctp_type = 0x000b,
        .name = "SCTP_NOTIFICATIONS_STOPPED_EVENT",
        .struct_name = "sctp_tlv",
        .member = "sn_header",
        .section = "RFC 6458 §6.1.10",
        .label = "notifications_stopped",
        .alternative = alternative<NotificationsStopped>,
        .usrsctp_size = 8,
        .fields = kNotificationsStoppedFields,
        .subscription = Subscription::kNever,
    },
};

static_assert(rows_are_ordered(kRows));
static_assert(rows_are_unique(kRows));
static_assert(fields_tile_records(kRows));

}  // namespace table
}  // namespace lksctp
