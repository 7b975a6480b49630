'use strict';

// Multihoming: which paths there are, which carry, and how good they are.

const { board, chosen, compared, increase } = require('../board');
const { PATH_STATES, PRIMARY_VALUES, UP_VALUES } = require('../panels');

const path = '{{endpoint}} {{peer}} {{address}}';

module.exports = board('paths', 'Paths',
  'The paths of the associations chosen: which there are, which carry, and how good they are.', {
    'State': [
      {
        type: 'state-timeline', width: 24, unit: 'none', title: 'State',
        description: 'State of each path, as the stack tells it.', alert: 'SctpPathDown',
        queries: [[chosen('sctp_path_state'), path]], values: PATH_STATES,
      },
      {
        type: 'state-timeline', width: 12, unit: 'none', title: 'Up',
        description: 'Whether each path is active.', alert: 'SctpPathDown',
        queries: [[chosen('sctp_path_up'), path]], values: UP_VALUES,
      },
      {
        type: 'state-timeline', width: 12, unit: 'none', title: 'Primary',
        description: 'Which path traffic takes while it is up.', values: PRIMARY_VALUES,
        queries: [[chosen('sctp_path_primary'), path]],
      },
      {
        type: 'stat', width: 8, unit: 'none', title: 'Paths up',
        description: 'Active paths of each peer.', alert: 'SctpRedundancyLost',
        queries: [[chosen('peer:sctp_paths_up:sum'), '{{endpoint}} {{peer}}']],
      },
      {
        type: 'stat', width: 8, unit: 'none', title: 'Paths',
        description: 'All paths of each peer, active or not.',
        queries: [[chosen('peer:sctp_paths:count'), '{{endpoint}} {{peer}}']],
      },
      {
        type: 'stat', width: 8, unit: 'none', title: 'Primary path up',
        description: 'Whether the primary path of each peer is active.',
        alert: 'SctpPrimaryPathDown',
        queries: [[`${chosen('sctp_path_up')} and ${chosen('sctp_path_primary')} == 1`, path]],
        values: UP_VALUES,
      },
    ],
    'Quality': [
      {
        type: 'timeseries', width: 12, unit: 's', title: 'Round-trip time', logarithmic: true,
        description: 'Smoothed round-trip time of each path.',
        queries: [[chosen('sctp_path_srtt_seconds'), path]],
      },
      {
        type: 'timeseries', width: 12, unit: 's',
        title: 'Retransmission timeout', logarithmic: true,
        description: 'How long the stack waits for an acknowledgement; doubled each time it ' +
          'waits in vain.',
        alert: 'SctpRtoBackoff',
        queries: [[chosen('sctp_path_rto_seconds'), path]],
      },
      {
        type: 'timeseries', width: 12, unit: 'short',
        title: 'Round-trip time against its average of a day',
        description: 'As a multiple of the average of the last day.', alert: 'SctpRttDegraded',
        queries: [[compared('SctpRttDegraded'), path]],
      },
      {
        type: 'timeseries', width: 12, unit: 'bytes', title: 'Congestion window',
        description: 'Bytes that may be on their way on each path; falls when something is lost.',
        queries: [[chosen('sctp_path_congestion_window_bytes'), path]],
      },
    ],
    'Changes': [
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Changes',
        description: 'SCTP_PEER_ADDR_CHANGE notifications by event, in each interval of the graph.',
        queries: [[increase('sctp_path_changes_total'), `${path} {{event}}`]],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Failures',
        description: 'Times that each path became unreachable within 30 minutes.',
        alert: 'SctpPathFlapping',
        queries: [[compared('SctpPathFlapping'), path]],
      },
      {
        type: 'timeseries', width: 8, unit: 'bytes', title: 'Path MTU',
        description: 'Largest packet that the path takes, as the stack knows it.',
        queries: [[chosen('sctp_path_mtu_bytes'), path]],
      },
    ],
  });
