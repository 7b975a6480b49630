'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const diagnostics = require('node:diagnostics_channel');
const test = require('node:test');
const { sctp, stack, onKernel, serverBase, listen, connect, pair, closed, collect } =
  require('./support');

/** The notifications of `socket` until one of `type`. */
function notificationsUntil(socket, test) {
  return new Promise((resolve) => {
    const all = [];
    socket.on('notification', (one) => {
      all.push(one);
      if (test(one)) resolve(all);
    });
  });
}

test('status gives what SCTP_STATUS has, and throws once destroyed', async (t) => {
  const { client } = await pair(t, { client: { OS: 7, MIS: 8 }, server: { OS: 6, MIS: 9 } });
  const status = client.status();
  assert.strictEqual(status.state, sctp.constants.SCTP_ESTABLISHED);
  assert.strictEqual(status.stateName, 'established');
  assert.strictEqual(status.numberOfOutgoingStreams, 7);
  assert.strictEqual(status.numberOfIncomingStreams, 6);
  assert.ok(status.rwnd > 0 && status.rwnd <= 0xffffffff);
  assert.ok(status.fragmentationPoint > 500);
  for (const name of ['associationId', 'unackdata', 'penddata']) {
    assert.strictEqual(typeof status[name], 'number', name);
  }
  assert.strictEqual(status.primary.address, '127.0.0.1');
  assert.deepStrictEqual(Object.keys(status.primary),
    ['address', 'state', 'cwnd', 'srtt', 'rto', 'mtu']);
  client.destroy();
  assert.throws(() => client.status(), { code: 'ERR_SOCKET_CLOSED' });
});

test('status knows what sctp_diag tells', { skip: !onKernel }, async (t) => {
  const { client, peer } = await pair(t, { client: { sctp: { maxBurst: 5 } } });
  const mine = client.status();
  const theirs = peer.status();
  assert.ok(mine.tag > 0 && mine.tag <= 0xffffffff);
  assert.strictEqual(mine.tag, theirs.peer.tag);
  assert.strictEqual(theirs.tag, mine.peer.tag);
  assert.deepStrictEqual([mine.maxBurst, theirs.maxBurst], [5, 4]);
  assert.deepStrictEqual([mine.incomingQueue, mine.outgoingQueue, mine.overallError], [0, 0, 0]);
  assert.ok(mine.maxSeg > 500);
  assert.strictEqual(mine.peer.rwnd, mine.rwnd);
  assert.ok(mine.peer.cap & 2, 'partial reliability');
  assert.strictEqual(typeof mine.peer.sack, 'number');
});

test('status of a socket that is not connected throws', async (t) => {
  const server = await listen(t);
  const client = connect(t, server);
  assert.throws(() => client.status(), { code: 'ERR_SOCKET_CLOSED' });
  await once(client, 'connect');
});

test('statistics count messages exactly', async (t) => {
  const { client, peer } = await pair(t);
  client.send('hello', { sid: 1 });
  client.send('you', { sid: 2 });
  await new Promise((resolve) => {
    let count = 0;
    peer.on('data', () => ++count === 2 && resolve());
  });
  const { sent, received, streams, failedMessages, restarts } = client.statistics();
  assert.deepStrictEqual(sent, { messages: 2, bytes: 8 });
  assert.deepStrictEqual(received, { messages: 0, bytes: 0 });
  assert.deepStrictEqual(streams.map(({ sid, sent }) => [sid, sent.bytes]), [[1, 5], [2, 3]]);
  assert.deepStrictEqual([failedMessages, restarts], [0, 0]);
  assert.deepStrictEqual(peer.statistics().received, { messages: 2, bytes: 8 });
});

test('statistics of the stack, where it counts', async (t) => {
  const { client, peer } = await pair(t);
  for (let i = 0; i < 5; i++) client.send('x', { unordered: i < 2 });
  await collect(peer, 5);
  const mine = client.statistics();
  const theirs = peer.statistics();
  const names = ['packetsSent', 'packetsReceived', 'sacksSent', 'sacksReceived',
    'retransmittedChunks', 'tsnsOutOfSequence', 'duplicateChunks', 'gapAckBlocks',
    'unorderedChunksSent', 'unorderedChunksReceived', 'orderedChunksSent',
    'orderedChunksReceived', 'controlChunksSent', 'controlChunksReceived', 'maxRto'];
  for (const name of names) {
    assert.strictEqual(typeof mine[name], onKernel ? 'number' : 'undefined', name);
  }
  if (!onKernel) return;
  assert.deepStrictEqual([mine.unorderedChunksSent, mine.orderedChunksSent], [2, 3]);
  assert.deepStrictEqual([theirs.unorderedChunksReceived, theirs.orderedChunksReceived], [2, 3]);
  assert.strictEqual(mine.retransmittedChunks, 0);
  // Milliseconds, and reading does not change it.
  assert.ok(mine.maxRto <= 60_000);
  assert.ok(client.statistics().maxRto >= mine.maxRto);
});

test('options are set, and read back', async (t) => {
  const settings = {
    sack: { delay: 120, freq: 3 },
    rto: { initial: 400, min: 300, max: 900 },
    association: { maxRetransmissions: 4 },
    path: { heartbeatInterval: 1200, maxRetransmissions: 3 },
  };
  const { client, peer } = await pair(t,
    { client: { sctp: settings, OS: 5, MIS: 6 }, server: { sctp: { sack: { delay: 40 } } } });
  const options = client.options();
  assert.deepStrictEqual(options.sack, settings.sack);
  assert.deepStrictEqual(options.rto, settings.rto);
  assert.strictEqual(options.association.maxRetransmissions, 4);
  assert.strictEqual(options.path.heartbeatInterval, 1200);
  assert.strictEqual(options.path.maxRetransmissions, 3);
  assert.strictEqual(options.noDelay, true);
  assert.strictEqual(peer.options().sack.delay, 40);
});

test('burst, interleaving, potentially failed paths and code point', async (t) => {
  const { client } = await pair(t, { client: { sctp: {
    maxBurst: 9, fragmentInterleave: 1, potentiallyFailed: false,
    path: onKernel ? { dscp: 46 } : {},
  } } });
  const { maxBurst, fragmentInterleave, potentiallyFailed, path } = client.options();
  assert.deepStrictEqual([maxBurst, fragmentInterleave], [9, 1]);
  // Unknown is undefined.
  assert.strictEqual(potentiallyFailed, onKernel ? false : undefined);
  assert.strictEqual(path.dscp, onKernel ? 46 : undefined);
  client.setOptions({ maxBurst: 0, fragmentInterleave: 0 });
  assert.deepStrictEqual([client.options().maxBurst, client.options().fragmentInterleave],
    [0, 0]);
});

test('options that cannot be had say so', async (t) => {
  const { client } = await pair(t);
  const refused = (sctpOptions, reason) => {
    const expected = { code: 'ERR_SCTP_NOT_SUPPORTED', message: reason };
    assert.throws(() => client.setOptions(sctpOptions), expected);
  };
  refused({ autoclose: 5 }, /several associations.*8\.1\.8/);
  refused({ fragmentInterleave: 2 }, /8\.1\.20/);
  assert.throws(() => sctp.createServer({ sctp: { autoclose: 5 } }),
    { code: 'ERR_SCTP_NOT_SUPPORTED' });
  for (const kernelOnly of [{ path: { dscp: 10 } }, { potentiallyFailed: true }]) {
    if (onKernel) client.setOptions(kernelOnly);
    else refused(kernelOnly, /kernel stack/);
  }
  for (const bad of [{ maxBurst: -1 }, { fragmentInterleave: 3 }, { path: { dscp: 64 } }]) {
    assert.throws(() => client.setOptions(bad), { code: 'ERR_OUT_OF_RANGE' });
  }
  assert.throws(() => client.setOptions({ potentiallyFailed: 1 }),
    { code: 'ERR_INVALID_ARG_TYPE' });
  assert.strictEqual(client.options().noDelay, true);
});

test('sack frequency 1 and delay 0 switch the delay off', async (t) => {
  const { client } = await pair(t, { client: { sctp: { sack: { delay: 0 } } } });
  assert.strictEqual(client.options().sack.freq, 1);
});

test('options can be changed while connected', async (t) => {
  const { client } = await pair(t);
  assert.strictEqual(client.setNoDelay(false), client);
  assert.strictEqual(client.options().noDelay, false);
  client.setNoDelay();
  assert.strictEqual(client.options().noDelay, true);
  client.setOptions({ rto: { max: 5000 } });
  assert.strictEqual(client.options().rto.max, 5000);
  assert.throws(() => client.setOptions({ rto: { max: '5' } }), { code: 'ERR_INVALID_ARG_TYPE' });
  client.destroy();
  assert.strictEqual(client.setNoDelay(), client);
});

test('notifications come as raw, parsed, interpreted and event', async (t) => {
  const server = await listen(t);
  const client = connect(t, server, { MIS: 9, OS: 8 });
  const [up] = await notificationsUntil(client, () => true);
  assert.match(up.interpreted, /^SCTP_ASSOC_CHANGE: SCTP_COMM_UP, MIS \d+ \/ OS 8$/);
  const { SCTP_ASSOC_CHANGE, SCTP_COMM_UP } = sctp.constants;
  assert.strictEqual(up.parsed.sn_type, SCTP_ASSOC_CHANGE);
  assert.strictEqual(up.parsed.sn_assoc_change.sac_type, SCTP_ASSOC_CHANGE);
  assert.strictEqual(up.parsed.sn_assoc_change.sac_state, SCTP_COMM_UP);
  assert.strictEqual(up.parsed.sn_assoc_change.sac_outbound_streams, 8);
  // As the stack gave it: its own number of the type, and the length of the record.
  assert.ok(Buffer.isBuffer(up.raw));
  assert.strictEqual(up.raw.readUInt16LE(0), onKernel ? SCTP_ASSOC_CHANGE : 1);
  assert.strictEqual(up.raw.readUInt32LE(4), up.raw.length);
  assert.strictEqual(up.event.type, 'association_change');
  assert.strictEqual(up.event.stateName, 'SCTP_COMM_UP');
  assert.strictEqual(up.event.outboundStreams, 8);
});

test('the accepted side hears of its end', async (t) => {
  const { client, peer } = await pair(t);
  const isShutdown = ({ event }) => event.type === 'shutdown';
  const ends = notificationsUntil(peer, isShutdown);
  client.resume();
  peer.resume();
  client.end();
  assert.match((await ends).find(isShutdown).interpreted, /^SCTP_SHUTDOWN_EVENT/);
});

test('sctp.events tells everything, numbered and typed', async (t) => {
  const seen = [];
  const listener = (event) => seen.push(event);
  sctp.events.on('event', listener);
  t.after(() => sctp.events.removeListener('event', listener));
  const changes = [];
  const onChange = (event) => changes.push(event.notification.stateName);
  sctp.events.on('association_change', onChange);
  t.after(() => sctp.events.removeListener('association_change', onChange));
  const { client, peer } = await pair(t, { client: { name: 'diameter', peerName: 'hss' } });
  client.resume();
  client.end();
  peer.resume();
  await closed(peer);
  await new Promise(setImmediate);
  const types = seen.map(({ type }) => type);
  for (const type of ['endpoint_opened', 'connect_requested', 'association_accepted',
    'association_change', 'paths_sampled', 'shutdown_requested', 'association_closed']) {
    assert.ok(types.includes(type), type);
  }
  assert.deepStrictEqual(seen.map(({ seq }) => seq),
    seen.map((_, i) => seen[0].seq + i));
  assert.ok(seen.every(({ time }) => time > 1.6e12));
  assert.strictEqual(seen.find(({ type, role }) => type === 'endpoint_opened' &&
    role === 'connect').name, 'diameter');
  assert.strictEqual(seen.find(({ type }) => type === 'connect_requested').peer, 'hss');
  assert.ok(changes.includes('SCTP_COMM_UP'));
});

test('sctp.events is an async iterator', async (t) => {
  const iterator = sctp.events[Symbol.asyncIterator]();
  const first = iterator.next();
  await new Promise(setImmediate);
  await listen(t);
  assert.strictEqual((await first).done, false);
  await iterator.return();
  assert.deepStrictEqual(await iterator.next(), { value: undefined, done: true });
});

test('diagnostics_channel', async (t) => {
  const seen = [];
  const subscriber = (message, name) => seen.push([name, message.state, message.socket]);
  diagnostics.subscribe('lksctp:association', subscriber);
  t.after(() => diagnostics.unsubscribe('lksctp:association', subscriber));
  const { client, peer } = await pair(t);
  client.resume();
  peer.resume();
  client.end();
  await Promise.all([closed(client), closed(peer)]);
  const ofClient = seen.filter(([, , socket]) => socket === client);
  assert.deepStrictEqual(ofClient.map(([name, state]) => [name, state]),
    [['lksctp:association', 'up'], ['lksctp:association', 'down']]);
});

test('peer-info-update comes with its period, and keeps nothing alive', async (t) => {
  const { client } = await pair(t, { client: { peerInfoInterval: 10 } });
  await once(client, 'peer-info-update');
  await once(client, 'peer-info-update');
  assert.strictEqual(client.peerInfoByAddress['127.0.0.1'].stateName, 'active');
});

test('capabilities tell of the stack in use', () => {
  const capabilities = sctp.capabilities(stack);
  assert.strictEqual(capabilities.stack, stack);
  assert.strictEqual(capabilities.multihoming, onKernel);
  assert.throws(() => sctp.capabilities('tcp'), { code: 'ERR_INVALID_ARG_VALUE' });
  if (!onKernel) {
    assert.throws(() => sctp.capabilities('kernel'), { code: 'ERR_SCTP_STACK_UNAVAILABLE' });
  }
});

test('a stack that cannot serve is an error of listen and connect', { skip: onKernel }, async () => {
  const server = sctp.createServer({ stack: 'kernel' });
  server.listen({ host: '127.0.0.1' });
  const [error] = await once(server, 'error');
  assert.strictEqual(error.code, 'ERR_SCTP_STACK_UNAVAILABLE');
  assert.match(error.message, /modprobe sctp/);
  await assert.rejects(sctp.connectAsync({ stack: 'kernel', host: '127.0.0.1', port: 5 }),
    { code: 'ERR_SCTP_STACK_UNAVAILABLE' });
});

test('several paths where the stack has them', async (t) => {
  const addresses = ['127.0.0.1', '127.0.0.2'];
  const server = await listen(t, { listenOptions: { host: undefined, localAddresses: addresses } });
  const client = connect(t, server, { remoteAddresses: addresses });
  await once(client, 'connect');
  if (onKernel) {
    assert.deepStrictEqual([...client.remoteAddresses].sort(), addresses);
    assert.strictEqual(client.paths.length, 2);
    assert.deepStrictEqual(Object.keys(client.peerInfoByAddress).sort(), addresses);
  } else {
    assert.deepStrictEqual(client.remoteAddresses, ['127.0.0.1']);
  }
  assert.ok(client.remoteAddresses.includes(client.remoteAddress));
  assert.strictEqual(client.paths.filter(({ primary }) => primary).length, 1);
});

test('constants and ppids have the field\'s names', () => {
  assert.strictEqual(sctp.constants.SCTP_COMM_LOST, 1);
  assert.strictEqual(sctp.constants.SCTP_CAUSE_USER_INITIATED_ABORT, 12);
  assert.strictEqual(sctp.ppids.M3UA, 3);
  assert.strictEqual(sctp.ppids.NGAP, 60);
  assert.ok(Object.isFrozen(sctp.constants) && Object.isFrozen(sctp.ppids));
  assert.strictEqual(serverBase.stack, stack);
});
