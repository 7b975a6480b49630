'use strict';

// The kernel's SCTP as a whole, of all programs of a network namespace.

const { board, chosen, compared, rate } = require('../board');

const instance = '{{instance}}';

module.exports = board('host', 'Host',
  'The kernel\'s SCTP, of all programs of the network namespace; empty where it has none.', {
    'Associations': [
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Associations',
        description: 'Associations that are established or shutting down.',
        queries: [[chosen('sctp_host_associations'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Opened',
        description: 'Associations that came up, a second: active by this host, passive by peers.',
        queries: [[rate('sctp_host_associations_opened_total'), `${instance} {{mode}}`]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Closed',
        description: 'Associations that ended, a second, by abort or by shutdown.',
        queries: [[rate('sctp_host_associations_closed_total'), `${instance} {{mode}}`]],
      },
    ],
    'Traffic': [
      {
        type: 'timeseries', width: 8, unit: 'pps', title: 'Packets',
        description: 'SCTP packets a second, by direction.',
        queries: [[rate('sctp_host_packets_total'), `${instance} {{direction}}`]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'DATA chunks',
        description: 'DATA chunks a second, by direction and whether they are ordered.',
        queries: [[rate('sctp_host_data_chunks_total'), `${instance} {{direction}} {{ordering}}`]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Control chunks',
        description: 'Control chunks a second, by direction: SACK, HEARTBEAT, INIT and the like.',
        queries: [[rate('sctp_host_control_chunks_total'), `${instance} {{direction}}`]],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Messages in several chunks',
        description: 'User messages a second that were fragmented (out) and reassembled (in).',
        queries: [[rate('sctp_host_fragmented_messages_total'), `${instance} {{direction}}`]],
      },
      {
        type: 'timeseries', width: 12, unit: 'pps', title: 'Where packets are handled',
        description: 'Packets a second by context. Much backlog: sockets are busy when they come.',
        queries: [[rate('sctp_host_received_packets_by_context_total'), `${instance} {{context}}`]],
      },
    ],
    'Loss': [
      {
        type: 'timeseries', width: 8, unit: 'percentunit', title: 'Retransmission ratio',
        description: 'Retransmissions per DATA chunk sent, over five minutes.',
        alert: 'SctpHostRetransmissionRatio',
        queries: [[compared('SctpHostRetransmissionRatio'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Retransmissions by cause',
        description: 'A second: t3 after a timeout, fast after gaps, pmtud for a smaller MTU.',
        queries: [[rate('sctp_host_retransmits_total'), `${instance} {{cause}}`]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Timers that ran out',
        description: 'A second, by timer as RFC 9260 names it.',
        queries: [[rate('sctp_host_timer_expirations_total'), `${instance} {{timer}}`]],
      },
    ],
    'Trouble': [
      {
        type: 'timeseries', width: 8, unit: 'pps', title: 'Out-of-the-blue packets',
        description: 'Packets a second that belong to no association.',
        alert: 'SctpHostOutOfTheBlue',
        queries: [[rate('sctp_host_out_of_the_blue_packets_total'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'pps', title: 'Checksum errors',
        description: 'Packets a second with a wrong CRC32c.', alert: 'SctpHostChecksumErrors',
        queries: [[rate('sctp_host_checksum_errors_total'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Discards',
        description: 'Packets and DATA chunks a second that were received and thrown away.',
        alert: 'SctpHostDiscards',
        queries: [[rate('sctp_host_discards_total'), `${instance} {{kind}}`]],
      },
    ],
  });
