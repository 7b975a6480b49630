'use strict';

// What observers see of a path that fails and of messages that are lost: fields, events and
// channels of the same facts.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const diagnostics = require('node:diagnostics_channel');
const { once } = require('node:events');
const { constants } = require('node:os');
const test = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { sctp, onKernel, listen, connect, pair, collect } = require('./support');

function ip(...args) {
  return spawnSync('ip', args, { encoding: 'utf8' }).status === 0;
}

/** What a channel of node:diagnostics_channel tells while the test runs. */
function watch(t, name) {
  const told = [];
  const subscriber = (message) => told.push(message);
  diagnostics.subscribe(name, subscriber);
  t.after(() => diagnostics.unsubscribe(name, subscriber));
  return told;
}

test('lksctp:send-failed tells of each message once, with its socket', async (t) => {
  const told = watch(t, 'lksctp:send-failed');
  const { client } = await pair(t);
  const failed = once(client, 'send-failed');
  client.send('nowhere', { to: '127.0.0.9', context: 4 });
  const [one] = await failed;
  // In a callback, or in the event: observers see it anyway.
  await new Promise((resolve) => client.send('nor here', { to: '127.0.0.9', context: 5 }, resolve));
  assert.deepStrictEqual(told.map(({ socket, context, size, sent }) =>
    [socket === client, context, size, sent]), [[true, 4, 7, false], [true, 5, 8, false]]);
  assert.strictEqual(told[0].error, one.error);
});

test('a message that is given up is told the same wherever it waited', async (t) => {
  const told = watch(t, 'lksctp:send-failed');
  const facts = [];
  // In the stream, and in front of the stack.
  for (const highWaterMark of [16 * 1024, 256 * 1024 * 1024]) {
    const { client, peer } = await pair(t,
      { client: { highWaterMark }, server: { highWaterMark: 16 * 1024 } });
    peer.pause();
    const chunks = 200;
    for (let i = 0; i < chunks; i++) client.write(Buffer.alloc(64 * 1024));
    const failed = once(client, 'send-failed');
    client.send('silent', { ttl: 1, sid: 2, ppid: 3, context: 4 });
    const outcome = new Promise((resolve) => {
      client.send('told', { ttl: 1, sid: 5, ppid: 6, context: 7 }, resolve);
    });
    await delay(5);
    const received = collect(peer, chunks);
    peer.resume();
    const [[one], error] = await Promise.all([failed, outcome, received]);
    const published = told.splice(0);
    assert.strictEqual(published.length, 2);
    assert.strictEqual(published[1].error, error);
    const plain = ({ socket, data, error: { message, code, errno, syscall }, ...rest }) =>
      ({ ...rest, data: String(data), error: { message, code, errno, syscall } });
    facts.push([one, ...published].map(plain));
  }
  assert.deepStrictEqual(facts[0], facts[1]);
  const silent = { sid: 2, ppid: 3, context: 4, size: 6, sent: false, data: 'silent', error: {
    message: 'write ETIMEDOUT', code: 'ETIMEDOUT', errno: -constants.errno.ETIMEDOUT,
    syscall: 'write',
  } };
  assert.deepStrictEqual(facts[0], [silent, silent,
    { ...silent, sid: 5, ppid: 6, context: 7, size: 4, data: 'told' }]);
});

const noRoutes = (!onKernel && 'usrsctp has one path here') ||
  ((process.getuid() !== 0 || !ip('link', 'show', 'lo')) && 'needs root, and ip');
test('a path that fails is told by notification, channel and fields', { skip: noRoutes }, async (t) => {
  const told = watch(t, 'lksctp:path');
  const addresses = ['127.0.0.1', '127.0.0.77'];
  const server = await listen(t, { listenOptions: { host: undefined, localAddresses: addresses } });
  const client = connect(t, server, {
    remoteAddresses: addresses,
    peerInfoInterval: 0,
    sctp: {
      rto: { initial: 20, min: 20, max: 20 },
      path: { heartbeatInterval: 20, maxRetransmissions: 1 },
    },
  });
  const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  const confirmed = ({ event }) => event.aaddr?.address === addresses[1];
  const until = (wanted) => new Promise((resolve) => client.on('notification', (one) => {
    if (wanted(one)) resolve(one);
  }));
  if (client.peerInfoByAddress[addresses[1]].stateName !== 'active') await until(confirmed);
  const failed = until(({ event }) => confirmed({ event }) &&
    event.stateName === 'SCTP_ADDR_UNREACHABLE');
  assert.ok(ip('route', 'add', 'blackhole', addresses[1], 'table', 'local'));
  t.after(() => ip('route', 'del', 'blackhole', addresses[1], 'table', 'local'));
  const { interpreted, event } = await failed;
  // Without a period, an event of a path has it sampled.
  await once(client, 'peer-info-update');
  assert.strictEqual(interpreted, `SCTP_PEER_ADDR_CHANGE: SCTP_ADDR_UNREACHABLE ${addresses[1]}`);
  assert.strictEqual(client.peerInfoByAddress[addresses[1]].stateName, 'inactive');
  assert.strictEqual(client.paths.find(({ address }) => address === addresses[1]).stateName, 'inactive');
  assert.strictEqual(client.peerInfoByAddress[addresses[0]].stateName, 'active');
  assert.ok(told.some((one) => one.socket === client && one.event === event));
  const shown = sctp.metrics.snapshot().associations.find(({ localPort }) =>
    localPort === client.localPort);
  assert.deepStrictEqual(shown.paths.map(({ address, stateName }) => [address, stateName]),
    [[addresses[0], 'active'], [addresses[1], 'inactive']]);
  client.write('on the other path');
  assert.strictEqual(String((await collect(peer, 1))[0]), 'on the other path');
});

test('sctp.events tells again after removeAllListeners', async (t) => {
  const { client } = await pair(t);
  const tellsOf = async (forget) => {
    sctp.events.on('event', () => assert.fail('this one was removed'));
    forget();
    assert.deepStrictEqual([sctp.events.listenerCount('event'), sctp.events.watching], [0, false]);
    const told = once(sctp.events, 'event');
    client.setOptions({ maxBurst: 3 });
    await told;
    assert.strictEqual(sctp.events.watching, false);
  };
  const own = sctp.events.eventNames();
  await tellsOf(() => sctp.events.removeAllListeners());
  await tellsOf(() => sctp.events.removeAllListeners('event'));
  await tellsOf(() => sctp.events.removeAllListeners('event').removeAllListeners('newListener')
    .removeAllListeners('removeListener'));
  // The class's own are there once.
  assert.deepStrictEqual(sctp.events.eventNames().sort(), own.sort());
  for (const name of own) assert.strictEqual(sctp.events.listenerCount(name), 1);
});

test('a reader of sctp.events that is too slow is told what it missed', async (t) => {
  const iterator = sctp.events[Symbol.asyncIterator]();
  t.after(() => iterator.return());
  const { client } = await pair(t);
  const seen = [];
  const counted = (event) => seen.push(event.seq);
  sctp.events.on('event', counted);
  t.after(() => sctp.events.removeListener('event', counted));
  // Each is an event of the log.
  while (seen.length < 10_500) {
    for (let i = 0; i < 100; i++) client.setOptions({ maxBurst: 1 + (i % 9) });
    await new Promise(setImmediate);
  }
  sctp.events.removeListener('event', counted);
  const last = seen.at(-1);
  let next;
  let gap;
  do {
    const { value } = await iterator.next();
    if (value.type === 'log_gap') {
      assert.strictEqual(value.from, next);
      gap = value;
      next = value.to + 1;
    } else {
      if (next !== undefined) assert.strictEqual(value.seq, next);
      next = value.seq + 1;
    }
  } while (next <= last);
  assert.ok(gap.to - gap.from > 100);
  client.setOptions({ maxBurst: 3 });
  assert.strictEqual((await iterator.next()).value.seq, next);
});
