'use strict';

// For every alert: series under which it fires, with the labels it has then, and series
// just below or beside that under which it stays silent. One sample a minute, in promtool's
// notation: `first+step x more`.

const E = 'job="lksctp", instance="a:9464", endpoint="e"';
const P = `${E}, peer="p"`;
const A = `${P}, address="192.0.2.1"`;
const B = `${P}, address="192.0.2.2"`;
const UP = { [`sctp_association_up{${P}}`]: '1+0x60' };
const I = 'job="lksctp", instance="a:9464"';

/** Sums of a counter: none until minute 10, then `count`. */
const jumps = (count) => `0+0x9 ${count}+0x40`;

/**
 * @typedef {object} Case
 * @property {string} at when Prometheus is asked
 * @property {string} labels of the alert that fires
 * @property {Record<string, string>} fires values of each series
 * @property {Record<string, Record<string, string>>} silent by what is different
 * @property {Record<string, Record<string, string>>} [also] fires here too
 */

/** @type {Record<string, Case>} */
module.exports = {
  SctpExporterDown: {
    at: '10m',
    labels: I,
    fires: { [`up{${I}}`]: '0+0x60' },
    silent: { 'it answers': { [`up{${I}}`]: '1+0x60' } },
  },
  SctpAssociationDown: {
    at: '5m',
    labels: P,
    fires: down({ configured: 1, lost: 0 }),
    silent: {
      'it is up': { ...down({ configured: 1, lost: 1 }), ...UP },
      'it came back within a minute': {
        ...down({ configured: 1, lost: 1 }), [`sctp_association_up{${P}}`]: '1+0x4 0 1+0x60',
      },
      'it came by itself, and left by a shutdown': down({ configured: 0, lost: 0 }),
    },
    also: { 'it came by itself, and was lost': down({ configured: 0, lost: 1 }) },
  },
  SctpEndpointAllAssociationsDown: {
    at: '5m',
    labels: E,
    fires: {
      [`sctp_endpoint_associations{${E}}`]: '0+0x60',
      [`sctp_endpoint_configured_peers{${E}}`]: '2+0x60',
    },
    silent: {
      'one is left': {
        [`sctp_endpoint_associations{${E}}`]: '1+0x60',
        [`sctp_endpoint_configured_peers{${E}}`]: '2+0x60',
      },
      'none is wanted': {
        [`sctp_endpoint_associations{${E}}`]: '0+0x60',
        [`sctp_endpoint_configured_peers{${E}}`]: '0+0x60',
      },
    },
  },
  SctpMassAssociationLoss: {
    at: '11m',
    labels: E,
    fires: {
      [`sctp_endpoint_associations{${E}}`]: '10+0x9 7+0x40',
      [`sctp_endpoint_association_changes_total{${E}, event="comm_lost"}`]: jumps(3),
    },
    silent: {
      'one fifth': {
        [`sctp_endpoint_associations{${E}}`]: '10+0x9 8+0x40',
        [`sctp_endpoint_association_changes_total{${E}, event="comm_lost"}`]: jumps(2),
      },
      'there were few': {
        [`sctp_endpoint_associations{${E}}`]: '5+0x9 2+0x40',
        [`sctp_endpoint_association_changes_total{${E}, event="comm_lost"}`]: jumps(3),
      },
    },
  },
  SctpAssociationFlapping: {
    at: '15m',
    labels: P,
    fires: {
      [`sctp_association_changes_total{${P}, event="comm_lost"}`]: jumps(3),
      [`sctp_association_changes_total{${P}, event="restart"}`]: jumps(1),
    },
    silent: {
      'three times': {
        [`sctp_association_changes_total{${P}, event="comm_lost"}`]: jumps(3),
        [`sctp_association_changes_total{${P}, event="comm_up"}`]: jumps(3),
      },
    },
  },
  SctpPathDown: {
    at: '5m',
    labels: A,
    fires: { ...UP, [`sctp_path_up{${A}}`]: '0+0x60' },
    silent: {
      'it is up': { ...UP, [`sctp_path_up{${A}}`]: '1+0x60' },
      'so is the association': {
        [`sctp_association_up{${P}}`]: '0+0x60', [`sctp_path_up{${A}}`]: '0+0x60',
      },
    },
  },
  SctpRedundancyLost: {
    at: '10m',
    labels: P,
    fires: { [`sctp_path_up{${A}}`]: '1+0x60', [`sctp_path_up{${B}}`]: '0+0x60' },
    silent: {
      'two are up': { [`sctp_path_up{${A}}`]: '1+0x60', [`sctp_path_up{${B}}`]: '1+0x60' },
      'there never were two': { [`sctp_path_up{${A}}`]: '1+0x60' },
    },
  },
  SctpPrimaryPathDown: {
    at: '5m',
    labels: A,
    fires: { [`sctp_path_up{${A}}`]: '0+0x60', [`sctp_path_primary{${A}}`]: '1+0x60' },
    silent: {
      'it is up': { [`sctp_path_up{${A}}`]: '1+0x60', [`sctp_path_primary{${A}}`]: '1+0x60' },
      'it is another': { [`sctp_path_up{${A}}`]: '0+0x60', [`sctp_path_primary{${A}}`]: '0+0x60' },
    },
  },
  SctpPathFlapping: {
    at: '30m',
    labels: A,
    fires: { [`sctp_path_changes_total{${A}, event="unreachable"}`]: jumps(4) },
    silent: { 'three times': { [`sctp_path_changes_total{${A}, event="unreachable"}`]: jumps(3) } },
  },
  SctpRttDegraded: {
    at: '1440m',
    labels: A,
    fires: { [`sctp_path_srtt_seconds{${A}}`]: '0.01+0x1400 0.05+0x60' },
    silent: {
      'less than three times': { [`sctp_path_srtt_seconds{${A}}`]: '0.01+0x1400 0.03+0x60' },
      'fast all the same': { [`sctp_path_srtt_seconds{${A}}`]: '0.001+0x1400 0.02+0x60' },
    },
  },
  SctpRtoBackoff: {
    at: '10m',
    labels: A,
    fires: { ...UP, [`sctp_path_rto_seconds{${A}}`]: '4.1+0x60' },
    silent: {
      'four seconds': { ...UP, [`sctp_path_rto_seconds{${A}}`]: '4+0x60' },
      'the association is gone': {
        [`sctp_association_up{${P}}`]: '0+0x60', [`sctp_path_rto_seconds{${A}}`]: '8+0x60',
      },
    },
  },
  SctpPeerWindowClosed: {
    at: '5m',
    labels: P,
    fires: { ...UP, [`sctp_association_receive_window_bytes{${P}}`]: '1499+0x60' },
    silent: {
      'room for a packet': { ...UP, [`sctp_association_receive_window_bytes{${P}}`]: '1500+0x60' },
      'the association is gone': {
        [`sctp_association_up{${P}}`]: '0+0x60',
        [`sctp_association_receive_window_bytes{${P}}`]: '0+0x60',
      },
    },
  },
  SctpSendQueueBacklog: {
    at: '20m',
    labels: P,
    fires: { [`sctp_association_send_queue_bytes{${P}}`]: '1000000+1000x60' },
    silent: {
      'not so long': { [`sctp_association_send_queue_bytes{${P}}`]: '980000+1000x60' },
      'not growing': { [`sctp_association_send_queue_bytes{${P}}`]: '2000000+0x60' },
    },
  },
  SctpSendFailures: {
    at: '15m',
    labels: P,
    fires: {
      [`sctp_association_send_failures_total{${P}, reason="sent"}`]: '0+4x60',
      [`sctp_association_send_failures_total{${P}, reason="unsent"}`]: '0+3x60',
    },
    silent: {
      'fewer': { [`sctp_association_send_failures_total{${P}, reason="unsent"}`]: '0+5x60' },
    },
  },
  SctpHighRetransmissionRatio: {
    at: '20m',
    labels: P,
    fires: sentAgain(21),
    silent: {
      'two in a hundred': sentAgain(20),
      'nothing is sent': sentAgain(0, 0),
    },
  },
  SctpStreamMismatch: {
    at: '10m',
    labels: `${P}, direction="in"`,
    fires: { [`sctp_association_streams{${P}, direction="in"}`]: '1+0x60' },
    silent: { 'two': { [`sctp_association_streams{${P}, direction="in"}`]: '2+0x60' } },
  },
  SctpTrafficStopped: {
    at: '1620m',
    labels: P,
    fires: traffic('0+6000x1500 9000000+54x200'),
    silent: {
      'a little': traffic('0+6000x1500 9000000+66x200'),
      'nor was there any a day before': traffic('0+0x1700'),
      'the association is gone': {
        ...traffic('0+6000x1500 9000000+0x200'), [`sctp_association_up{${P}}`]: '0+0x1700',
      },
    },
  },
  SctpDecodeErrors: {
    at: '20m',
    labels: `${E}, reason="oversized"`,
    fires: { [`sctp_endpoint_decode_errors_total{${E}, reason="oversized"}`]: '0+1x60' },
    silent: {
      'none': { [`sctp_endpoint_decode_errors_total{${E}, reason="oversized"}`]: '7+0x60' },
      'one, and no more': {
        [`sctp_endpoint_decode_errors_total{${E}, reason="oversized"}`]: jumps(1),
      },
    },
  },
  SctpHostRetransmissionRatio: {
    at: '20m',
    labels: I,
    fires: retransmits(21),
    silent: { 'two in a hundred': retransmits(20) },
  },
  SctpHostOutOfTheBlue: {
    at: '20m',
    labels: I,
    fires: { [`sctp_host_out_of_the_blue_packets_total{${I}}`]: '0+310x60' },
    silent: { 'five a second': { [`sctp_host_out_of_the_blue_packets_total{${I}}`]: '0+300x60' } },
  },
  SctpHostChecksumErrors: {
    at: '20m',
    labels: I,
    fires: { [`sctp_host_checksum_errors_total{${I}}`]: '0+1x60' },
    silent: {
      'none': { [`sctp_host_checksum_errors_total{${I}}`]: '7+0x60' },
      'one, and no more': { [`sctp_host_checksum_errors_total{${I}}`]: jumps(1) },
    },
  },
  SctpHostDiscards: {
    at: '20m',
    labels: `${I}, kind="packet"`,
    fires: { [`sctp_host_discards_total{${I}, kind="packet"}`]: '0+1x60' },
    silent: { 'none': { [`sctp_host_discards_total{${I}, kind="packet"}`]: '7+0x60' } },
  },
  SctpSnapshotStale: {
    at: '5m',
    labels: I,
    fires: { [`sctp_exporter_snapshot_age_seconds{${I}}`]: '61+0x60' },
    silent: { 'a minute': { [`sctp_exporter_snapshot_age_seconds{${I}}`]: '60+0x60' } },
  },
  SctpReactorLag: {
    at: '20m',
    labels: I,
    fires: lags({ 0.1: 98, 1: 100 }),
    silent: { 'one in a hundred': lags({ 0.1: 99, 1: 100 }) },
  },
  SctpJournalFailing: {
    at: '12m',
    labels: I,
    fires: { [`sctp_journal_up{${I}}`]: '1+0x9 0+0x40' },
    silent: {
      'it is written': { [`sctp_journal_up{${I}}`]: '1+0x60' },
      'it was tried again': { [`sctp_journal_up{${I}}`]: '1+0x10 0 1+0x40' },
      'there is none': {},
    },
  },
  SctpJournalGap: {
    at: '15m',
    labels: I,
    fires: { [`sctp_journal_gaps_total{${I}}`]: jumps(1) },
    silent: {
      'none': { [`sctp_journal_gaps_total{${I}}`]: '0+0x60' },
      'long ago': { [`sctp_journal_gaps_total{${I}}`]: '3+0x60' },
    },
  },
  SctpCardinalityGuardActive: {
    at: '20m',
    labels: E,
    fires: { [`sctp_exporter_dropped_peers{${E}}`]: '1+0x60' },
    silent: { 'none': { [`sctp_exporter_dropped_peers{${E}}`]: '0+0x60' } },
  },
};

/** @param {{ configured: number, lost: number }} peer that is down */
function down({ configured, lost }) {
  return {
    [`sctp_association_up{${P}}`]: '0+0x60',
    [`sctp_association_configured{${P}}`]: `${configured}+0x60`,
    [`sctp_association_lost{${P}}`]: `${lost}+0x60`,
  };
}

/** @param {number} count a minute, beside `sent` of first transmissions */
function sentAgain(count, sent = 1000) {
  return {
    [`sctp_association_retransmitted_chunks_total{${P}}`]: `0+${count}x60`,
    [`sctp_association_sent_data_chunks_total{${P}, ordering="ordered"}`]: `0+${0.6 * sent}x60`,
    [`sctp_association_sent_data_chunks_total{${P}, ordering="unordered"}`]: `0+${0.4 * sent}x60`,
  };
}

function traffic(sent) {
  return {
    [`sctp_association_up{${P}}`]: '1+0x1700',
    [`sctp_association_sent_bytes_total{${P}}`]: sent,
    [`sctp_association_received_bytes_total{${P}}`]: '0+0x1700',
  };
}

/** @param {number} count of a thousand DATA chunks */
function retransmits(count) {
  return {
    [`sctp_host_retransmits_total{${I}, cause="t3"}`]: `0+${count}x60`,
    [`sctp_host_data_chunks_total{${I}, direction="out", ordering="ordered"}`]: '0+600x60',
    [`sctp_host_data_chunks_total{${I}, direction="out", ordering="unordered"}`]: '0+400x60',
  };
}

/** @param {Record<string, number>} counts per minute, by the bound of the bucket */
function lags(counts) {
  const buckets = Object.entries(counts).concat([['+Inf', Math.max(...Object.values(counts))]]);
  return Object.fromEntries(buckets.map(([le, count]) =>
    [`sctp_reactor_loop_lag_seconds_bucket{${I}, le="${le}"}`, `0+${count}x60`]));
}
