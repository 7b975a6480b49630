'use strict';

// The alerts. Each compares `query` with its row in thresholds.js; `and` narrows it. So a
// panel can show the same query, and a test can ask for its value.

const { job } = require('./config');
const thresholds = require('./thresholds');

/**
 * @typedef {object} Alert
 * @property {string} name
 * @property {'critical' | 'warning' | 'info'} severity
 * @property {string} query
 * @property {'<' | '>'} op
 * @property {string} [and]
 * @property {string} summary
 * @property {string} description
 */

const PEER = 'job, instance, endpoint, peer';
const WHILE_UP = `on (${PEER}) sctp_association_up == 1`;
const WHO = '{{ $labels.peer }} at endpoint {{ $labels.endpoint }} of {{ $labels.instance }}';
const PATH = 'Path {{ $labels.address }} to {{ $labels.peer }}';
// Over the same labels as the losses: targets may have labels of their own.
const MOST_10M = 'max by (job, instance, endpoint) ' +
  '(max_over_time(sctp_endpoint_associations[10m]))';
const BYTES_10M = 'rate(sctp_association_sent_bytes_total[10m]) + ' +
  'rate(sctp_association_received_bytes_total[10m])';

/** @type {Alert[]} */
const alerts = [
  {
    name: 'SctpExporterDown',
    severity: 'critical',
    query: `up{job="${job}"} or 0 * absent(up{job="${job}"})`,
    op: '<',
    summary: 'No metrics from {{ or $labels.instance "any process" }}',
    description: 'Prometheus cannot read /metrics of {{ or $labels.instance "any process" }}, ' +
      'so nothing is known of its associations.',
  },
  {
    name: 'SctpAssociationDown',
    severity: 'critical',
    query: 'sctp_association_up',
    op: '<',
    // One that came by itself may leave by itself.
    and: `on (${PEER}) (sctp_association_configured == 1 or sctp_association_lost == 1)`,
    summary: 'Association with {{ $labels.peer }} is down',
    description: `There is no established association with ${WHO}, which is configured ` +
      'or was lost.',
  },
  {
    name: 'SctpEndpointAllAssociationsDown',
    severity: 'critical',
    query: 'sctp_endpoint_associations',
    op: '<',
    and: 'sctp_endpoint_configured_peers > 0',
    summary: 'Endpoint {{ $labels.endpoint }} has no association',
    description: 'Endpoint {{ $labels.endpoint }} of {{ $labels.instance }} is configured to be ' +
      'connected with peers, and is with none.',
  },
  {
    name: 'SctpMassAssociationLoss',
    severity: 'critical',
    query: 'sum by (job, instance, endpoint) ' +
      `(increase(sctp_endpoint_association_changes_total{event="comm_lost"}[2m])) / ${MOST_10M}`,
    op: '>',
    // With few associations the loss of one would be a mass.
    and: `${MOST_10M} > 5`,
    summary: 'Endpoint {{ $labels.endpoint }} is losing many associations at once',
    description: '{{ $value | humanizePercentage }} of the associations of endpoint ' +
      '{{ $labels.endpoint }} of {{ $labels.instance }} were lost within two minutes.',
  },
  {
    name: 'SctpAssociationFlapping',
    severity: 'warning',
    query: `sum by (${PEER}) ` +
      '(increase(sctp_association_changes_total{event=~"comm_lost|restart"}[15m]))',
    op: '>',
    summary: 'Association with {{ $labels.peer }} comes and goes',
    description: 'Within 15 minutes the association with ' + WHO +
      ' was lost or restarted {{ $value | humanize }} times.',
  },
  {
    name: 'SctpPathDown',
    severity: 'warning',
    query: 'sctp_path_up',
    op: '<',
    and: WHILE_UP,
    summary: `${PATH} is down`,
    description: `Address {{ $labels.address }} of ${WHO} does not answer, ` +
      'while the association is up.',
  },
  {
    name: 'SctpRedundancyLost',
    severity: 'warning',
    query: 'peer:sctp_paths_up:sum',
    op: '<',
    and: 'peer:sctp_paths:count > 1',
    summary: 'Association with {{ $labels.peer }} has no second path',
    description: `Of several paths to ${WHO} {{ $value }} is left: the next failure is an outage.`,
  },
  {
    name: 'SctpPrimaryPathDown',
    severity: 'warning',
    query: 'sctp_path_up',
    op: '<',
    and: 'sctp_path_primary == 1',
    summary: `${PATH}, the primary, is down`,
    description: `Address {{ $labels.address }} of ${WHO} is the primary path and does not ` +
      'answer; traffic goes another way, if there is one.',
  },
  {
    name: 'SctpPathFlapping',
    severity: 'warning',
    query: `sum by (${PEER}, address) ` +
      '(increase(sctp_path_changes_total{event="unreachable"}[30m]))',
    op: '>',
    summary: `${PATH} comes and goes`,
    description: `Within 30 minutes address {{ $labels.address }} of ${WHO} ` +
      'was unreachable {{ $value | humanize }} times.',
  },
  {
    name: 'SctpRttDegraded',
    severity: 'warning',
    query: 'sctp_path_srtt_seconds / path:sctp_path_srtt_seconds:avg1d',
    op: '>',
    // Below that nobody notices: three times nothing is nothing.
    and: 'sctp_path_srtt_seconds > 0.02',
    summary: `${PATH} has become slow`,
    description: `The round trip to address {{ $labels.address }} of ${WHO} ` +
      'takes {{ $value | humanize }} times as long as on average of a day.',
  },
  {
    name: 'SctpRtoBackoff',
    severity: 'warning',
    query: 'sctp_path_rto_seconds',
    op: '>',
    and: WHILE_UP,
    summary: `${PATH} waits {{ $value | humanizeDuration }} for an acknowledgement`,
    description: 'Retransmissions were not acknowledged either, so the retransmission timeout of ' +
      `address {{ $labels.address }} of ${WHO} has grown to {{ $value | humanizeDuration }}.`,
  },
  {
    name: 'SctpPeerWindowClosed',
    severity: 'warning',
    query: 'sctp_association_receive_window_bytes',
    op: '<',
    and: WHILE_UP,
    summary: '{{ $labels.peer }} does not read',
    description: `The receive window of ${WHO} is {{ $value }} bytes: it takes no more messages.`,
  },
  {
    name: 'SctpSendQueueBacklog',
    severity: 'warning',
    query: 'sctp_association_send_queue_bytes',
    op: '>',
    and: 'deriv(sctp_association_send_queue_bytes[5m]) > 0',
    summary: 'Messages for {{ $labels.peer }} pile up',
    description: '{{ $value | humanize1024 }}B wait to be sent to ' + `${WHO}, and it grows.`,
  },
  {
    name: 'SctpSendFailures',
    severity: 'warning',
    query: `sum by (${PEER}) (rate(sctp_association_send_failures_total[5m]))`,
    op: '>',
    summary: 'Messages to {{ $labels.peer }} are not delivered',
    description: '{{ $value | humanize }} messages a second to ' + `${WHO} are not delivered.`,
  },
  {
    name: 'SctpHighRetransmissionRatio',
    severity: 'warning',
    query: 'peer:sctp_retransmit:ratio_rate5m',
    op: '>',
    summary: 'Much is sent again to {{ $labels.peer }}',
    description: 'For {{ $value | humanizePercentage }} of the DATA chunks sent to ' +
      `${WHO} there was a retransmission.`,
  },
  {
    name: 'SctpStreamMismatch',
    severity: 'info',
    query: 'sctp_association_streams',
    op: '<',
    summary: 'Association with {{ $labels.peer }} has {{ $value }} stream {{ $labels.direction }}',
    description: `With ${WHO} {{ $value }} stream was negotiated, direction ` +
      '{{ $labels.direction }}; signalling protocols need two.',
  },
  {
    name: 'SctpTrafficStopped',
    severity: 'warning',
    query: BYTES_10M,
    op: '<',
    and: `(${BYTES_10M.replace(/\[10m\]/g, '[10m] offset 1d')}) >= ` +
      `${thresholds.SctpTrafficStopped.value} and ${WHILE_UP}`,
    summary: 'No messages to or from {{ $labels.peer }}',
    description: `The association with ${WHO} is up and carries nothing; ` +
      'at this time of yesterday it did.',
  },
  {
    name: 'SctpDecodeErrors',
    severity: 'warning',
    query: 'rate(sctp_endpoint_decode_errors_total[5m])',
    op: '>',
    summary: 'Endpoint {{ $labels.endpoint }} cannot use what the stack gives it',
    description: '{{ $value | humanize }} messages or notifications a second at endpoint ' +
      '{{ $labels.endpoint }} of {{ $labels.instance }} are {{ $labels.reason }} and dropped.',
  },
  {
    name: 'SctpHostRetransmissionRatio',
    severity: 'warning',
    query: 'host:sctp_retransmit:ratio_rate5m',
    op: '>',
    summary: '{{ $labels.instance }} sends much again',
    description: '{{ $value | humanizePercentage }} of the DATA chunks that the host of ' +
      '{{ $labels.instance }} sends are retransmissions.',
  },
  {
    name: 'SctpHostOutOfTheBlue',
    severity: 'info',
    query: 'rate(sctp_host_out_of_the_blue_packets_total[5m])',
    op: '>',
    summary: 'Packets for no association at {{ $labels.instance }}',
    description: '{{ $value | humanize }} packets a second that the host of ' +
      '{{ $labels.instance }} receives belong to no association.',
  },
  {
    name: 'SctpHostChecksumErrors',
    severity: 'warning',
    query: 'rate(sctp_host_checksum_errors_total[5m])',
    op: '>',
    summary: 'Broken packets at {{ $labels.instance }}',
    description: '{{ $value | humanize }} packets a second that the host of ' +
      '{{ $labels.instance }} receives have a wrong checksum.',
  },
  {
    name: 'SctpHostDiscards',
    severity: 'warning',
    query: 'rate(sctp_host_discards_total[5m])',
    op: '>',
    summary: 'The kernel of {{ $labels.instance }} throws SCTP away',
    description: '{{ $value | humanize }} a second of what the host of {{ $labels.instance }} ' +
      'receives, kind {{ $labels.kind }}, are thrown away.',
  },
  {
    name: 'SctpSnapshotStale',
    severity: 'warning',
    query: 'sctp_exporter_snapshot_age_seconds',
    op: '>',
    summary: 'Metrics of {{ $labels.instance }} are old',
    description: 'What {{ $labels.instance }} shows is {{ $value | humanizeDuration }} old: ' +
      'its SCTP loop does not turn.',
  },
  {
    name: 'SctpReactorLag',
    severity: 'warning',
    query: 'histogram_quantile(0.99, sum by (job, instance, le) ' +
      '(rate(sctp_reactor_loop_lag_seconds_bucket[5m])))',
    op: '>',
    summary: 'SCTP loop of {{ $labels.instance }} is late',
    description: 'One in a hundred timers of the SCTP loop of {{ $labels.instance }} runs ' +
      '{{ $value | humanizeDuration }} late or more; all its associations wait that long.',
  },
  {
    name: 'SctpJournalFailing',
    severity: 'critical',
    query: 'sctp_journal_up',
    op: '<',
    summary: 'Journal of {{ $labels.instance }} cannot be written',
    description: 'Commits of the journal of {{ $labels.instance }} fail. Events wait in memory; ' +
      'when its queue is full they are lost.',
  },
  {
    name: 'SctpJournalGap',
    severity: 'warning',
    query: 'increase(sctp_journal_gaps_total[15m])',
    op: '>',
    summary: 'Journal of {{ $labels.instance }} lacks events',
    description: 'Events came faster than the journal of {{ $labels.instance }} could be ' +
      'written: within 15 minutes it has got {{ $value | humanize }} gaps.',
  },
  {
    name: 'SctpCardinalityGuardActive',
    severity: 'info',
    query: 'sctp_exporter_dropped_peers',
    op: '>',
    summary: 'Too many peers of endpoint {{ $labels.endpoint }} for series of their own',
    description: '{{ $value }} peers of endpoint {{ $labels.endpoint }} of ' +
      '{{ $labels.instance }} have no series of their own.',
  },
];

/** @param {Alert} alert */
function expression({ name, query, op, and }) {
  const compared = /^[\w:]+$/.test(query) ? query : `(${query})`;
  return `${compared} ${op} ${thresholds[name].value}${and ? ` and ${and}` : ''}`;
}

/** @param {string} name */
function alert(name) {
  const found = alerts.find((one) => one.name === name);
  if (!found) throw new Error(`no alert ${name}`);
  return { ...found, ...thresholds[name] };
}

module.exports = { alerts, alert, expression };
