'use strict';

// Recording rules: what several panels and alerts ask for. Names are level:metric:operation.

const PEER = 'job, instance, endpoint, peer';

/** @type {{ record: string, expr: string }[]} */
module.exports = [
  { record: 'endpoint:sctp_availability:ratio',
    expr: 'sctp_endpoint_associations / (sctp_endpoint_configured_peers > 0)' },
  { record: 'peer:sctp_paths_up:sum',
    expr: `sum by (${PEER}) (sctp_path_up)` },
  { record: 'peer:sctp_paths:count',
    expr: `count by (${PEER}) (sctp_path_up)` },
  { record: 'peer:sctp_retransmit:ratio_rate5m',
    expr: `sum by (${PEER}) (rate(sctp_association_retransmitted_chunks_total[5m])) / ` +
      `sum by (${PEER}) (rate(sctp_association_sent_data_chunks_total[5m]))` },
  { record: 'path:sctp_path_srtt_seconds:avg1d',
    expr: 'avg_over_time(sctp_path_srtt_seconds[1d])' },
  { record: 'host:sctp_retransmit:ratio_rate5m',
    expr: 'sum by (job, instance) (rate(sctp_host_retransmits_total[5m])) / ' +
      'sum by (job, instance) (rate(sctp_host_data_chunks_total{direction="out"}[5m]))' },
];
