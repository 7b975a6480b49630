'use strict';

// Attributes of single messages, as `send()` takes them.

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const { sctp, stack, onKernel, pair, message, collect } = require('./support');

/** What the callback of `send(data, options)` hears. */
function sent(socket, data, options) {
  return new Promise((resolve) => {
    socket.send(data, options, (error) => resolve(error ?? null));
  });
}

test('attributes of a message that is delivered', async (t) => {
  const { client, peer } = await pair(t);
  const all = [
    { sid: 1, ppid: 7, unordered: true, sackImmediately: true },
    { sid: 2, ttl: 60_000 },
    { sid: 3, retransmissions: 100 },
    { sid: 4, to: '127.0.0.1', sackImmediately: false },
    undefined,
  ];
  const received = collect(peer, all.length);
  for (const options of all) client.send('x', options);
  const bySid = (await received).sort((a, b) => a.sid - b.sid);
  assert.deepStrictEqual(bySid.map(({ sid, ppid, unordered }) => [sid, ppid, unordered]),
    [[0, 0, false], [1, 7, true], [2, 0, false], [3, 0, false], [4, 0, false]]);
});

test('attributes of a Buffer count for send() too', async (t) => {
  const { client, peer } = await pair(t);
  client.send(message('x', { sid: 3, ppid: 5, unordered: true, to: '127.0.0.1' }));
  const [got] = await collect(peer, 1);
  assert.deepStrictEqual([got.toString(), got.sid, got.ppid, got.unordered], ['x', 3, 5, true]);
});

test('bad attributes throw', async (t) => {
  const { client, peer } = await pair(t);
  const bad = [
    [{ ttl: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ retransmissions: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ retransmissions: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ priority: 2 ** 32 }, 'ERR_OUT_OF_RANGE'],
    [{ ttl: 5, retransmissions: 1 }, 'ERR_INVALID_ARG_VALUE'],
    [{ ttl: 5, priority: 1 }, 'ERR_INVALID_ARG_VALUE'],
    [{ retransmissions: 5, priority: 1 }, 'ERR_INVALID_ARG_VALUE'],
    [{ sackImmediately: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ to: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ to: 'localhost' }, 'ERR_INVALID_IP_ADDRESS'],
  ];
  for (const [options, code] of bad) {
    assert.throws(() => client.send('x', options), { code }, JSON.stringify(options));
  }
  client.send('good');
  assert.strictEqual((await collect(peer, 1))[0].toString(), 'good');
});

test('an address that is no path is an error of that message alone', async (t) => {
  const { client, peer } = await pair(t);
  const error = await sent(client, 'nowhere', { to: '127.0.0.9' });
  assert.strictEqual(error.code, 'ERR_INVALID_ARG_VALUE');
  assert.match(error.message, /127\.0\.0\.9/);
  // Without a callback it is an event.
  client.send('nowhere', { to: 'fd00::9' });
  const [failed] = await once(client, 'send-failed');
  assert.strictEqual(failed.error.code, 'ERR_INVALID_ARG_VALUE');
  assert.strictEqual(await sent(client, 'there', { to: '127.0.0.1' }), null);
  assert.strictEqual((await collect(peer, 1))[0].toString(), 'there');
});

test('a priority, where the stack has them', async (t) => {
  const { client, peer } = await pair(t);
  const error = await sent(client, 'x', { priority: 0 });
  assert.strictEqual(sctp.capabilities(stack).partialReliabilityPriority, onKernel);
  if (onKernel) {
    assert.strictEqual(error, null);
    assert.strictEqual((await collect(peer, 1))[0].toString(), 'x');
  } else {
    assert.strictEqual(error.code, 'ERR_SCTP_NOT_SUPPORTED');
    assert.match(error.message, /kernel/);
  }
});

test('several paths: a message takes the one it names', { skip: !onKernel }, async (t) => {
  const addresses = ['127.0.0.1', '127.0.0.2'];
  const { client, peer } = await pair(t, {
    server: { listenOptions: { host: undefined, localAddresses: addresses } },
    client: { remoteAddresses: addresses },
  });
  const received = collect(peer, 2);
  for (const to of addresses) assert.strictEqual(await sent(client, to, { to }), null);
  assert.deepStrictEqual((await received).map(String), addresses);
});

test('a Buffer\'s attributes count for write(), as those of send()', async (t) => {
  const { client, peer } = await pair(t);
  const received = collect(peer, 3);
  client.write(message('u', { sid: 1, ppid: 3, unordered: true, context: 9, ttl: 60_000 }));
  client.write(message('r', { sid: 2, retransmissions: 5, sackImmediately: true }));
  client.write(message('p', { sid: 3, to: '127.0.0.1' }));
  const got = (await received).sort((a, b) => a.sid - b.sid);
  assert.deepStrictEqual(got.map((one) => [String(one), one.sid, one.ppid, one.unordered]),
    [['u', 1, 3, true], ['r', 2, 0, false], ['p', 3, 0, false]]);
  assert.throws(() => client.write(message('x', { ttl: 1, priority: 1 })),
    { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => client.write(message('x', { unordered: 1 })), { code: 'ERR_INVALID_ARG_TYPE' });
  const failed = once(client, 'send-failed');
  client.write(message('nowhere', { to: '127.0.0.9', context: 11 }));
  assert.strictEqual((await failed)[0].context, 11);
});
