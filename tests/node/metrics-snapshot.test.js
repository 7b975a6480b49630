'use strict';

// sctp.metrics.snapshot(): the facts that sockets and events tell one by one, at once.

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const { setImmediate: turn } = require('node:timers/promises');
const { sctp, stack, listen, connect, pair, message, collect } = require('./support');

const byPeer = (name) => sctp.metrics.snapshot().associations.find((one) => one.peerName === name);

test('an association has what its socket has', async (t) => {
  const { server, client, peer } = await pair(t, {
    server: { name: 'stp', peerName: 'sp-1', MIS: 5 },
    client: { name: 'sp', peerName: 'stp-1', OS: 5 },
  });
  client.write(message('four', { sid: 3 }));
  client.write(message('sixsix', { sid: 1 }));
  await collect(peer, 2);
  for (const [socket, peerName, endpoint, role] of
    [[client, 'stp-1', 'sp', 'connect'], [peer, 'sp-1', 'stp', 'listen']]) {
    const shown = byPeer(peerName);
    assert.strictEqual(shown.peerName, socket.peerName);
    assert.strictEqual(shown.endpoint, endpoint);
    assert.strictEqual(shown.role, role);
    assert.strictEqual(shown.stack, stack);
    assert.strictEqual(shown.localPort, socket.localPort);
    assert.deepStrictEqual(shown.localAddresses, socket.localAddresses);
    assert.strictEqual(shown.remotePort, socket.remotePort);
    assert.deepStrictEqual(shown.remoteAddresses, socket.remoteAddresses);
    assert.deepStrictEqual(shown.paths.map(({ address }) => address),
      Object.keys(socket.peerInfoByAddress));
    const { stateName, numberOfIncomingStreams, numberOfOutgoingStreams } = socket.status();
    assert.deepStrictEqual(
      [shown.stateName, shown.numberOfIncomingStreams, shown.numberOfOutgoingStreams],
      [stateName, numberOfIncomingStreams, numberOfOutgoingStreams]);
    const { sent, received, failedMessages, restarts, streams } = socket.statistics();
    assert.deepStrictEqual(
      [shown.sent, shown.received, shown.failedMessages, shown.restarts, shown.streams],
      [sent, received, failedMessages, restarts, streams]);
    assert.ok(shown.created <= shown.established);
  }
  assert.deepStrictEqual(byPeer('sp-1').received, { messages: 2, bytes: 10 });
  assert.deepStrictEqual(byPeer('stp-1').streams.map(({ sid }) => sid), [1, 3]);
  const endpoint = sctp.metrics.snapshot().endpoints.find(({ name }) => name === 'stp');
  assert.strictEqual(endpoint.localPort, server.address().port);
  assert.deepStrictEqual(endpoint.localAddresses,
    server.getLocalAddresses().map(({ address }) => address));
  assert.strictEqual(endpoint.open, true);
  assert.strictEqual(endpoint.associations, 1);
  assert.strictEqual(endpoint.role, 'listen');
  assert.strictEqual(byPeer('sp-1').endpointId, endpoint.endpointId);
});

test('paths have what the socket samples', async (t) => {
  const { client } = await pair(t, { client: { peerName: 'sampled' } });
  client.status(); // reads them
  await turn();
  const byAddress = Object.fromEntries(byPeer('sampled').paths.map(
    ({ address, state, stateName, cwnd, srtt, rto, mtu }) =>
      [address, { state, stateName, cwnd, srtt, rto, mtu }]));
  assert.deepStrictEqual(byAddress, client.peerInfoByAddress);
});

test('it is what the events up to its number have told, and no more', async (t) => {
  // Behind each event, the associations there were.
  const behind = new Map();
  let alive;
  const onEvent = ({ seq, type, associationId }) => {
    alive ??= new Set(first.associations.map((one) => one.associationId));
    if (type === 'connect_requested' || type === 'association_accepted') alive.add(associationId);
    if (type === 'association_closed') alive.delete(associationId);
    behind.set(seq, [...alive].sort());
  };
  sctp.events.on('event', onEvent);
  t.after(() => sctp.events.removeListener('event', onEvent));
  const first = sctp.metrics.snapshot();
  const server = await listen(t);
  server.on('connection', (socket) => socket.resume());
  const snapshots = [];
  for (let i = 0; i < 5; i++) {
    const client = connect(t, server, { peerInfoInterval: 0 });
    snapshots.push(sctp.metrics.snapshot());
    await once(client, 'connect');
    snapshots.push(sctp.metrics.snapshot());
    if (i % 2) client.destroy();
    snapshots.push(sctp.metrics.snapshot());
  }
  while (!behind.has(snapshots.at(-1).seq)) await turn();
  for (const { seq, associations } of snapshots) {
    assert.deepStrictEqual(associations.map(({ associationId }) => associationId).sort(),
      behind.get(seq), `behind event ${seq}`);
  }
  assert.ok(snapshots.every(({ seq }, i) => i === 0 || seq >= snapshots[i - 1].seq));
  assert.ok(snapshots.at(-1).seq > first.seq);
});

test('it is nobody else\'s: what a program does to it is not seen again', async (t) => {
  await pair(t, { client: { peerName: 'kept' } });
  byPeer('kept').streams.push('mine');
  assert.deepStrictEqual(byPeer('kept').streams, []);
});
