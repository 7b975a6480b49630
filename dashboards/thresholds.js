'use strict';

// Where every alert begins, once: the alerts are made from this and so are the colours
// and lines of the panels. These are starting values, chosen by reasoning and not from
// traffic of the field; change them here and run `npm run dashboards`.
//
// `for` is how long the condition must hold. `why` says where the value comes from.

/** @typedef {{ value: number, for: string, why: string }} Threshold */

/** @type {Record<string, Threshold>} */
module.exports = {
  SctpExporterDown: { value: 1, for: '5m',
    why: 'Long enough for a restart of the process.' },
  SctpAssociationDown: { value: 1, for: '1m',
    why: 'Longer than a reconnect, shorter than the patience of the users.' },
  SctpEndpointAllAssociationsDown: { value: 1, for: '30s',
    why: 'Nothing is left to carry the traffic, so sooner than for one association.' },
  SctpMassAssociationLoss: { value: 0.2, for: '0s',
    why: 'One fifth at once is not chance: something in common has failed.' },
  SctpAssociationFlapping: { value: 3, for: '0s',
    why: 'In 15 minutes; planned work takes an association down once or twice.' },
  SctpPathDown: { value: 1, for: '2m',
    why: 'An idle path is noticed within HB.interval (30 s) and some retransmissions.' },
  SctpRedundancyLost: { value: 2, for: '5m',
    why: 'With fewer than two paths the next failure is an outage.' },
  SctpPrimaryPathDown: { value: 1, for: '2m',
    why: 'As for any path.' },
  SctpPathFlapping: { value: 3, for: '0s',
    why: 'In 30 minutes; a path that fails once is covered by SctpPathDown.' },
  SctpRttDegraded: { value: 3, for: '15m',
    why: 'Times the average of a day: other paths differ by less, rerouting by more.' },
  SctpRtoBackoff: { value: 4, for: '5m',
    why: 'Seconds; the initial RTO of RFC 9260 is one second, so it has doubled twice.' },
  SctpPeerWindowClosed: { value: 1500, for: '1m',
    why: 'Bytes: less than one packet on Ethernet.' },
  SctpSendQueueBacklog: { value: 1_000_000, for: '5m',
    why: 'Bytes, and growing: several seconds of signalling traffic.' },
  SctpSendFailures: { value: 0.1, for: '5m',
    why: 'Messages a second: more than what one association\'s end leaves behind.' },
  SctpHighRetransmissionRatio: { value: 0.02, for: '10m',
    why: 'Of DATA chunks: signalling networks lose next to nothing.' },
  SctpStreamMismatch: { value: 2, for: '5m',
    why: 'Streams: S1AP, NGAP and M3UA keep management apart from traffic.' },
  SctpTrafficStopped: { value: 1, for: '10m',
    why: 'Bytes a second: silence, where there was traffic a day before.' },
  SctpDecodeErrors: { value: 0, for: '10m',
    why: 'None is right, and one by itself is over before that.' },
  SctpHostRetransmissionRatio: { value: 0.02, for: '10m',
    why: 'Of DATA chunks: signalling networks lose next to nothing.' },
  SctpHostOutOfTheBlue: { value: 5, for: '10m',
    why: 'Packets a second: one peer that has lost its association sends fewer.' },
  SctpHostChecksumErrors: { value: 0, for: '10m',
    why: 'None is right, and one by itself is over before that.' },
  SctpHostDiscards: { value: 0, for: '10m',
    why: 'None is right, and one by itself is over before that.' },
  SctpSnapshotStale: { value: 60, for: '2m',
    why: 'Seconds; a snapshot is made for every scrape, and takes milliseconds.' },
  SctpReactorLag: { value: 0.1, for: '10m',
    why: 'Seconds, of the slowest hundredth: handlers hold up all associations.' },
  SctpJournalFailing: { value: 1, for: '1m',
    why: 'A commit is tried again within 5 s: longer is a disk that needs somebody.' },
  SctpJournalGap: { value: 0, for: '0s',
    why: 'None is right: what a gap hides cannot be had again.' },
  SctpCardinalityGuardActive: { value: 0, for: '15m',
    why: 'Any peer without series of its own is one that no other alert sees.' },
};
