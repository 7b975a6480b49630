'use strict';

// All peers of all endpoints: is anything wrong, and where.

const { alert } = require('../alerts');
const { board, chosen, compared, increase, rate } = require('../board');
const { UP_VALUES } = require('../panels');

const PEER = 'job, instance, endpoint, peer';
const peer = '{{endpoint}} {{peer}}';
const buckets = (/** @type {string} */ metric) => `sum by (le) (${increase(metric)})`;
const byEndpoint = (/** @type {string} */ metric) => `sum by (endpoint) (${rate(metric)})`;

module.exports = board('fleet', 'Fleet',
  'All peers of all endpoints: is anything wrong, and where.', {
    'Now': [
      {
        type: 'stat', width: 6, unit: 'percentunit', title: 'Availability',
        description: 'Established associations per configured peer; above 100 % with others.',
        queries: [[`sum(${chosen('sctp_endpoint_associations')}) / ` +
          `(sum(${chosen('sctp_endpoint_configured_peers')}) > 0)`, '']],
      },
      {
        type: 'stat', width: 6, unit: 'none', title: 'Associations',
        description: 'Established associations of each endpoint.',
        alert: 'SctpEndpointAllAssociationsDown',
        queries: [[chosen('sctp_endpoint_associations'), '{{instance}} {{endpoint}}']],
      },
      {
        type: 'stat', width: 6, unit: 'none', title: 'Configured peers',
        description: 'Peers that each endpoint is configured to be connected with.',
        queries: [[chosen('sctp_endpoint_configured_peers'), '{{instance}} {{endpoint}}']],
      },
      {
        type: 'stat', width: 6, unit: 'none', title: 'Processes that answer',
        description: '1 for each process whose metrics Prometheus can read.',
        alert: 'SctpExporterDown',
        queries: [['up{job=~"$job", instance=~"$instance"}', '{{instance}}']], values: UP_VALUES,
      },
      {
        type: 'table', width: 12, unit: 'none', title: 'Peers that are down',
        description: 'Peers that are configured, or were lost, without an established ' +
          'association at the end of the time range.',
        alert: 'SctpAssociationDown', values: UP_VALUES, drillDown: 'association',
        queries: [[`${chosen('sctp_association_up')} < ${alert('SctpAssociationDown').value} ` +
          `and on (${PEER}) (${chosen('sctp_association_configured')} == 1 ` +
          `or ${chosen('sctp_association_lost')} == 1)`, '']],
      },
      {
        type: 'table', width: 12, unit: 'short', title: 'Why associations ended',
        description: 'Ends of associations and connection attempts in the time range, by peer ' +
          'and reason.',
        drillDown: 'association',
        queries: [[`sum by (${PEER}, reason) ` +
          `(increase(${chosen('sctp_association_closed_total')}[$__range])) > 0`, '']],
      },
    ],
    'Changes': [
      {
        type: 'timeseries', width: 8, unit: 'percentunit', title: 'Availability by endpoint',
        description: 'Established associations per configured peer.',
        queries: [[chosen('endpoint:sctp_availability:ratio'), '{{instance}} {{endpoint}}']],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Association changes',
        description: 'Associations that came up, were lost, restarted, ended or could not ' +
          'start, a second.',
        queries: [
          [`sum by (event) (${rate('sctp_endpoint_association_changes_total')})`, '{{event}}'],
        ],
      },
      {
        type: 'timeseries', width: 8, unit: 'percentunit', title: 'Associations lost at once',
        description: 'Part of an endpoint\'s associations that was lost within two minutes.',
        alert: 'SctpMassAssociationLoss',
        queries: [[compared('SctpMassAssociationLoss'), '{{instance}} {{endpoint}}']],
      },
      {
        type: 'timeseries', width: 12, unit: 'none', title: 'Associations that come and go',
        description: 'Losses and restarts of the 10 worst peers within 15 minutes.',
        alert: 'SctpAssociationFlapping', drillDown: 'association',
        queries: [[`topk(10, ${compared('SctpAssociationFlapping')})`, peer]],
      },
      {
        type: 'timeseries', width: 12, unit: 'none', title: 'Paths up',
        description: 'Active paths of the 10 peers with the fewest. With one path configured, ' +
          'one is all there is.',
        alert: 'SctpRedundancyLost', drillDown: 'paths',
        queries: [[`bottomk(10, ${chosen('peer:sctp_paths_up:sum')})`, peer]],
      },
    ],
    'Durations': [
      {
        type: 'heatmap', width: 8, unit: 'short', title: 'Setup',
        description: 'How many associations took how long from connect to established.',
        queries: [[buckets('sctp_endpoint_setup_duration_seconds_bucket'), '{{le}}']],
      },
      {
        type: 'heatmap', width: 8, unit: 'short', title: 'Outages',
        description: 'How many peers were gone for how long before they came back.',
        queries: [[buckets('sctp_endpoint_outage_duration_seconds_bucket'), '{{le}}']],
      },
      {
        type: 'heatmap', width: 8, unit: 'short', title: 'Lifetimes',
        description: 'How many associations had lasted how long when they ended.',
        queries: [[buckets('sctp_endpoint_association_lifetime_seconds_bucket'), '{{le}}']],
      },
    ],
    'Traffic': [
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Messages',
        description: 'User messages a second, by endpoint and direction.',
        queries: [
          [byEndpoint('sctp_association_sent_messages_total'), '{{endpoint}} sent'],
          [byEndpoint('sctp_association_received_messages_total'), '{{endpoint}} received'],
        ],
      },
      {
        type: 'timeseries', width: 8, unit: 'Bps', title: 'Bytes',
        description: 'Payload bytes of user messages a second, by endpoint and direction.',
        queries: [
          [byEndpoint('sctp_endpoint_sent_bytes_total'), '{{endpoint}} sent'],
          [byEndpoint('sctp_endpoint_received_bytes_total'), '{{endpoint}} received'],
        ],
      },
      {
        type: 'timeseries', width: 8, unit: 'short', title: 'Messages not delivered',
        description: 'Messages a second that will not be delivered, of the 10 worst peers.',
        alert: 'SctpSendFailures', drillDown: 'association',
        queries: [[`topk(10, sum by (${PEER}) (${rate('sctp_association_send_failures_total')}))`,
          peer]],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Messages received by protocol',
        description: 'User messages a second, by the protocol that their PPID names.',
        queries: [[`sum by (protocol) (${rate('sctp_endpoint_received_messages_total')})`,
          '{{protocol}}']],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Messages sent by protocol',
        description: 'User messages a second, by the protocol that their PPID names.',
        queries: [[`sum by (protocol) (${rate('sctp_endpoint_sent_messages_total')})`,
          '{{protocol}}']],
      },
      {
        type: 'timeseries', width: 12, unit: 'percentunit', title: 'Most retransmissions',
        description: 'Retransmissions per DATA chunk sent, of the 10 worst peers; kernel stack ' +
          'only.',
        alert: 'SctpHighRetransmissionRatio', drillDown: 'association',
        queries: [[`topk(10, ${chosen('peer:sctp_retransmit:ratio_rate5m')})`, peer]],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Messages not delivered, by reason',
        description: 'Messages a second of each endpoint, by whether they were ever on the wire.',
        queries: [[rate('sctp_endpoint_send_failures_total'), '{{endpoint}} {{reason}}']],
      },
      {
        type: 'bargauge', width: 12, unit: 's', title: 'Slowest paths',
        description: 'Smoothed round-trip time of the 10 slowest paths.', drillDown: 'paths',
        queries: [[`topk(10, ${chosen('sctp_path_srtt_seconds')})`, `${peer} {{address}}`]],
      },
      {
        type: 'bargauge', width: 12, unit: 'bytes', title: 'Longest send queues',
        description: 'Bytes that wait in this library, of the 10 worst peers.',
        alert: 'SctpSendQueueBacklog', drillDown: 'association',
        queries: [[`topk(10, ${chosen('sctp_association_send_queue_bytes')})`, peer]],
      },
    ],
    'Endpoints': [
      {
        type: 'table', width: 24, unit: 'none', title: 'Endpoints',
        description: 'What each endpoint is: its port, style, role and stack.',
        queries: [[chosen('sctp_endpoint_info'), '']],
      },
    ],
  });
