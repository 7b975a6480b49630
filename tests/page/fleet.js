'use strict';

// A status with as many associations as wanted, two paths each, in the form of
// docs/http.md.

/** @param {number} number @param {number} now */
function association(number, now) {
  const [high, low] = [Math.floor(number / 250), number % 250];
  /** @param {number} net @param {boolean} primary */
  const path = (net, primary) => ({
    address: `10.${net}.${high}.${low}`, family: 'IPv4', port: 2905, primary, state: 2,
    stateName: 'active', cwnd: 4380 + 1460 * (number % 7), srtt: 2 + number % 40, rto: 300, mtu: 1500,
  });
  return {
    id: String(number), endpointId: '1', endpoint: 'signalling', peer: `peer-${number}`,
    role: 'listen', stack: 'kernel', stackAssociationId: number, state: 4, stateName: 'established',
    up: true, since: now - 3_600_000, established: now - 3_600_000 + number,
    localAddresses: ['10.1.255.1', '10.2.255.1'], localPort: 2905,
    remoteAddresses: [`10.1.${high}.${low}`, `10.2.${high}.${low}`], remotePort: 2905,
    inboundStreams: 17, outboundStreams: 17,
    sent: { messages: 0, bytes: 0 }, received: { messages: 0, bytes: 0 },
    failedMessages: 0, unsentMessages: 0, restarts: 0,
    shutdownRequested: false, peerShutdown: false, abortRequested: false,
    rwnd: 131072, unackdata: number % 3, penddata: 0, fragmentationPoint: 1420, sendQueue: 0,
    statistics: { maxRto: 300, retransmittedChunks: 0 },
    paths: [path(1, true), path(2, false)],
  };
}

/** @param {any} one */
const peerOf = ({ endpoint, peer, sent, received }) => ({
  endpoint, peer, configured: true, up: true, associations: 1, established: 1,
  sent, received, failedMessages: 0, unsentMessages: 0,
});

/**
 * With what the server counts of all there is, sent or not.
 * @param {any} status @param {{ associations: any[], peers: any[] }} unsent
 */
function withTotals(status, unsent) {
  const associations = [...status.associations, ...unsent.associations];
  /** @type {any[]} */
  const peers = [...status.peers, ...unsent.peers];
  /** @param {'sent' | 'received'} way @param {'messages' | 'bytes'} unit */
  const sum = (way, unit) => peers.reduce((total, peer) => total + peer[way][unit], 0);
  return {
    ...status,
    totals: {
      associations: associations.filter((one) => one.up).length,
      alive: associations.length,
      pathsFailed: associations.flatMap((one) => one.paths)
        .filter((path) => ['inactive', 'potentially_failed'].includes(path.stateName)).length,
      peersDown: peers.filter((peer) => peer.configured && !peer.up).length,
      sent: { messages: sum('sent', 'messages'), bytes: sum('sent', 'bytes') },
      received: { messages: sum('received', 'messages'), bytes: sum('received', 'bytes') },
    },
    omitted: { peers: unsent.peers.length, associations: unsent.associations.length },
  };
}

/** @param {number} size @returns {any} */
function fleet(size) {
  const now = Date.now();
  const associations = Array.from({ length: size }, (_, index) => association(index + 1, now));
  return {
    format: 1, version: '0.1.0', started: now - 3_600_000, now, seq: 0,
    loop: { turns: 100, busy: 50, lag: 0.08, lagMean: 0.06 },
    endpoints: [{
      id: '1', name: 'signalling', role: 'listen', stack: 'kernel',
      localAddresses: ['10.1.255.1', '10.2.255.1'], port: 2905, open: true,
      associations: size, alive: size,
    }],
    peers: associations.map(peerOf),
    associations,
  };
}

/** Some traffic and new round-trip times, as a second brings them. @param {any} status */
function goOn(status) {
  status.associations.forEach((/** @type {any} */ one, /** @type {number} */ index) => {
    one.sent.bytes += 1000 + 37 * (index % 50);
    one.sent.messages += 10;
    one.received.bytes += 3000 + 53 * (index % 30);
    one.received.messages += 10;
    one.statistics.retransmittedChunks += index % 4;
    for (const path of one.paths) path.srtt = 2 + (path.srtt * 7 + index) % 40;
  });
}

module.exports = { fleet, goOn, withTotals };
