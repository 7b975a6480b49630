'use strict';

// What one association does: its state, its traffic, its windows and its ends.

const { board, chosen, compared, increase, rate } = require('../board');
const { ASSOCIATION_STATES, UP_VALUES } = require('../panels');

const peer = '{{endpoint}} {{peer}}';

module.exports = board('association', 'Association',
  'What the associations chosen do: state, traffic, windows and queues, and how they ended.', {
    'State': [
      {
        type: 'state-timeline', width: 24, unit: 'none', title: 'State',
        description: 'State of the association, as RFC 6458 section 8.2.1 names it.',
        queries: [[chosen('sctp_association_state'), peer]],
        values: ASSOCIATION_STATES, drillDown: 'paths',
      },
      {
        type: 'stat', width: 6, unit: 'none', title: 'Up',
        description: 'Whether an association with the peer is established.',
        alert: 'SctpAssociationDown', values: UP_VALUES,
        queries: [[chosen('sctp_association_up'), peer]],
      },
      {
        type: 'stat', width: 6, unit: 's', title: 'Established for',
        description: 'Time since the association was established; nothing while it is not.',
        queries: [[`time() - ${chosen('sctp_association_established_timestamp_seconds')}`, peer]],
      },
      {
        type: 'stat', width: 6, unit: 'none', title: 'Associations with the peer',
        description: 'More than one share a name, and so these series; connecting ones count.',
        queries: [[chosen('sctp_association_instances'), peer]],
      },
      {
        type: 'stat', width: 6, unit: 'none', title: 'Streams',
        description: 'Streams negotiated, by direction.', alert: 'SctpStreamMismatch',
        queries: [[chosen('sctp_association_streams'), `${peer} {{direction}}`]],
      },
    ],
    'Addresses': [
      {
        type: 'table', width: 24, unit: 'none', title: 'Addresses',
        description: 'Role, port and addresses of the associations.', drillDown: 'paths',
        queries: [[chosen('sctp_association_info'), '']],
      },
    ],
    'Traffic': [
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Messages',
        description: 'User messages a second.',
        queries: [
          [rate('sctp_association_sent_messages_total'), `${peer} sent`],
          [rate('sctp_association_received_messages_total'), `${peer} received`],
        ],
      },
      {
        type: 'timeseries', width: 8, unit: 'Bps', title: 'Bytes sent',
        description: 'Payload bytes of user messages handed to the stack, a second.',
        queries: [[rate('sctp_association_sent_bytes_total'), peer]],
      },
      {
        type: 'timeseries', width: 8, unit: 'Bps', title: 'Bytes received',
        description: 'Payload bytes of user messages received from the stack, a second.',
        queries: [[rate('sctp_association_received_bytes_total'), peer]],
      },
      {
        type: 'timeseries', width: 12, unit: 'Bps', title: 'Bytes in both directions',
        description: 'Over ten minutes, as the alert sees it: silence where there was traffic ' +
          'a day before.',
        alert: 'SctpTrafficStopped',
        queries: [[compared('SctpTrafficStopped'), peer]],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Messages not delivered',
        description: 'Messages a second that will not be delivered, ends of associations included.',
        alert: 'SctpSendFailures',
        queries: [[rate('sctp_association_send_failures_total'), `${peer} {{reason}}`]],
      },
    ],
    'On the wire': [
      {
        type: 'timeseries', width: 8, unit: 'pps', title: 'Packets',
        description: 'SCTP packets a second; kernel stack only, as all of this row.',
        queries: [
          [rate('sctp_association_sent_packets_total'), `${peer} sent`],
          [rate('sctp_association_received_packets_total'), `${peer} received`],
        ],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'DATA chunks',
        description: 'DATA chunks a second, without retransmissions.',
        queries: [
          [rate('sctp_association_sent_data_chunks_total'), `${peer} sent {{ordering}}`],
          [rate('sctp_association_received_data_chunks_total'), `${peer} received {{ordering}}`],
        ],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Control chunks',
        description: 'Control chunks a second, and the SACKs among them.',
        queries: [
          [rate('sctp_association_sent_control_chunks_total'), `${peer} sent`],
          [rate('sctp_association_received_control_chunks_total'), `${peer} received`],
          [rate('sctp_association_sent_sacks_total'), `${peer} SACKs sent`],
          [rate('sctp_association_received_sacks_total'), `${peer} SACKs received`],
        ],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Chunks sent again',
        description: 'DATA chunks a second that are sent once more.',
        queries: [[rate('sctp_association_retransmitted_chunks_total'), peer]],
      },
      {
        type: 'timeseries', width: 8, unit: 'percentunit', title: 'Retransmission ratio',
        description: 'Retransmissions per DATA chunk sent.', alert: 'SctpHighRetransmissionRatio',
        queries: [[compared('SctpHighRetransmissionRatio'), peer]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Gaps and duplicates',
        description: 'Gap ack blocks received, a second: what was sent is missing there. ' +
          'TSNs received out of sequence: something sent here is late. Duplicates received: ' +
          'the peer sends again what arrived.',
        queries: [
          [rate('sctp_association_gap_acks_received_total'), `${peer} gap acks`],
          [rate('sctp_association_out_of_sequence_tsns_total'), `${peer} out of sequence`],
          [rate('sctp_association_duplicate_chunks_received_total'), `${peer} duplicates`],
        ],
      },
      {
        type: 'timeseries', width: 12, unit: 's', title: 'Largest retransmission timeout',
        description: 'Of any path since the association began: what the worst moment was.',
        queries: [[chosen('sctp_association_max_rto_seconds'), peer]],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Chunks given up',
        description: 'DATA chunks a second of messages whose life time, retransmissions or ' +
          'priority ran out.',
        queries: [[rate('sctp_association_abandoned_chunks_total'), `${peer} {{reason}}`]],
      },
    ],
    'Windows and queues': [
      {
        type: 'timeseries', width: 12, unit: 'bytes', title: 'Receive window of the peer',
        description: 'What the peer is ready to take. Near nothing: its application does not read.',
        alert: 'SctpPeerWindowClosed',
        queries: [[chosen('sctp_association_receive_window_bytes'), peer]],
      },
      {
        type: 'timeseries', width: 12, unit: 'bytes', title: 'Send queue',
        description: 'Bytes queued in this library that the stack has not taken yet.',
        alert: 'SctpSendQueueBacklog',
        queries: [[chosen('sctp_association_send_queue_bytes'), peer]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Messages refused',
        description: 'Messages a second that `send` refused because its queue was full.',
        queries: [[rate('sctp_association_send_would_block_total'), peer]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Chunks not acknowledged',
        description: 'DATA chunks sent that the peer has not acknowledged yet.',
        queries: [[chosen('sctp_association_unacked_chunks'), peer]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Chunks not read',
        description: 'DATA chunks received that this process has not read yet.',
        queries: [[chosen('sctp_association_pending_chunks'), peer]],
      },
    ],
    'Ends': [
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Changes',
        description: 'SCTP_ASSOC_CHANGE notifications by event, in each interval of the graph.',
        queries: [[increase('sctp_association_changes_total'), `${peer} {{event}}`]],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Losses and restarts',
        description: 'Within 15 minutes, as the alert counts them.',
        alert: 'SctpAssociationFlapping',
        queries: [[compared('SctpAssociationFlapping'), peer]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Reasons',
        description: 'Ends of associations and connection attempts by reason, in each ' +
          'interval of the graph.',
        queries: [[increase('sctp_association_closed_total'), `${peer} {{reason}}`]],
      },
      {
        type: 'timeseries', width: 24, unit: 'short', title: 'Errors that the peer reports',
        description: 'SCTP_REMOTE_ERROR notifications by cause, in each interval of the graph.',
        queries: [[increase('sctp_association_remote_errors_total'), `${peer} {{cause}}`]],
      },
    ],
  });
