'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const { setImmediate: turn } = require('node:timers/promises');
const { sctp, listen, connect, pair, message, likeNet, collect } = require('./support');

/** The outcome of one write, as its callback hears it. */
function written(socket, data, method = 'write', ...rest) {
  return new Promise((resolve) => socket[method](data, ...rest, (error) => resolve(error ?? null)));
}

test('a message carries stream and payload protocol identifier', async (t) => {
  const { client, peer } = await pair(t);
  client.write(message('one', { sid: 3, ppid: sctp.ppids.M3UA }));
  client.write(message('two', { sid: 9, ppid: 0xffffffff }));
  client.write(message('three'));
  const got = await collect(peer, 3);
  const bySid = got.sort((a, b) => a.sid - b.sid);
  assert.deepStrictEqual(bySid.map((one) => [one.toString(), one.sid, one.ppid]),
    [['three', 0, 0], ['one', 3, 3], ['two', 9, 0xffffffff]]);
  for (const one of got) {
    assert.ok(Buffer.isBuffer(one));
    assert.strictEqual(one.unordered, false);
    assert.strictEqual(typeof one.ssn, 'number');
    assert.strictEqual(typeof one.tsn, 'number');
    assert.strictEqual(typeof one.context, 'number');
  }
});

test('strings and typed arrays are written as a Stream writes them', async (t) => {
  const { client, peer } = await pair(t);
  client.write('häh');
  client.write('68e4', 'hex');
  client.write(new Uint16Array([0x4241]));
  client.write(new DataView(new Uint8Array([1, 2, 3]).buffer, 1));
  client.setDefaultEncoding('latin1');
  client.write('ä');
  client.send('ä');
  client.write('ä', 'utf8');
  const got = await collect(peer, 7);
  assert.deepStrictEqual(got.map((one) => one.toString('hex')),
    ['68c3a468', '68e4', '4142', '0203', 'e4', 'e4', 'c3a4']);
  for (const bad of [5, {}, [], true, undefined]) {
    assert.throws(() => client.write(bad), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
  }
  assert.throws(() => client.write(null), { code: 'ERR_STREAM_NULL_VALUES' });
});

test('strings have the default encoding of the stream, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const server = mod.createServer(serverBase).listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const client = mod.connect(
      { ...clientBase, host: '127.0.0.1', port: server.address().port });
    client.write('ä');
    client.setDefaultEncoding('hex');
    client.write('6869');
    client.end('ff');
    const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
    client.resume();
    const got = [];
    for await (const one of peer) got.push(one);
    server.close();
    return Buffer.concat(got).toString('hex');
  });
});

test('the program may use its buffer again at once', async (t) => {
  const { client, peer } = await pair(t);
  const buffer = Buffer.from('first');
  client.write(buffer);
  buffer.fill('x');
  const [got] = await collect(peer, 1);
  assert.strictEqual(got.toString(), 'first');
});

test('a bad attribute throws, sends nothing, and everything lives on', async (t) => {
  const { client, peer } = await pair(t, { client: { OS: 5 } });
  const bad = [
    [{ sid: 5 }, 'ERR_OUT_OF_RANGE'],
    [{ sid: 65537 }, 'ERR_OUT_OF_RANGE'],
    [{ sid: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ sid: 1.5 }, 'ERR_OUT_OF_RANGE'],
    [{ sid: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ ppid: 0x100000000 }, 'ERR_OUT_OF_RANGE'],
    [{ ppid: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ ppid: '46' }, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [attributes, code] of bad) {
    assert.throws(() => client.write(message('x', attributes)), { code });
    assert.throws(() => client.send('x', attributes), { code });
  }
  assert.throws(() => client.write(''), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => client.write(Buffer.alloc(0)), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => client.write(Buffer.alloc(1024 * 1024 + 1)),
    { code: 'ERR_SCTP_MESSAGE_TOO_LARGE' });
  client.write(message('good', { sid: 4 }));
  const [got] = await collect(peer, 1);
  assert.strictEqual(got.toString(), 'good');
  assert.strictEqual(client.destroyed, false);
  assert.strictEqual(client.status().stateName, 'established');
});

test('what is found out only later reaches the callback of that write', async (t) => {
  const server = await listen(t);
  const accepted = once(server, 'connection');
  const client = connect(t, server, { OS: 2 });
  const outcomes = [written(client, message('bad', { sid: 2 })),
    written(client, message('good', { sid: 1 }))];
  const refused = once(client, 'send-failed');
  client.write(message('silent', { sid: 2 }));
  const [[peer], [bad, good], [failed]] =
    await Promise.all([accepted, Promise.all(outcomes), refused]);
  assert.strictEqual(bad.code, 'ERR_OUT_OF_RANGE');
  assert.strictEqual(good, null);
  assert.strictEqual(failed.error.code, 'ERR_OUT_OF_RANGE');
  const [got] = await collect(peer, 1);
  assert.strictEqual(got.toString(), 'good');
});

test('send takes attributes', async (t) => {
  const { client, peer } = await pair(t);
  client.send('plain', { sid: 1, ppid: 2, unordered: true, context: 7, ttl: 60_000 });
  const [got] = await collect(peer, 1);
  assert.strictEqual(got.unordered, true);
  assert.strictEqual(got.sid, 1);
  assert.strictEqual(got.ppid, 2);
  assert.throws(() => client.send('x', { ttl: 0 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => client.send('x', { unordered: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => client.send('x', { context: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.strictEqual(await written(client, 'told', 'send', { sid: 0 }), null);
});

test('every callback is called once, in order', async (t) => {
  const { client, peer } = await pair(t);
  peer.resume();
  const order = [];
  const all = Array.from({ length: 2000 }, (_, i) => new Promise((resolve) => {
    client.write(Buffer.alloc(100, i), (error) => {
      order.push([i, error ?? null]);
      resolve();
    });
  }));
  await Promise.all(all);
  assert.deepStrictEqual(order, Array.from({ length: 2000 }, (_, i) => [i, null]));
});

test('callbacks of messages that wait are called once, in order, however many they are', async (t) => {
  const { client, peer } = await pair(t);
  peer.resume();
  const count = 20_000;
  const order = [];
  await new Promise((resolve) => {
    for (let i = 0; i < count; i++) {
      client.write('tiny', (error) => {
        assert.ok(!error);
        if (order.push(i) === count) resolve();
      });
    }
    // Most of them wait in the stream.
    assert.ok(client.writableNeedDrain);
  });
  assert.deepStrictEqual(order, Array.from({ length: count }, (_, i) => i));
});

test('many tiny messages without a callback do not stall', async (t) => {
  const { client, peer } = await pair(t);
  for (let round = 0; round < 3; round++) {
    const received = collect(peer, 2000);
    for (let i = 0; i < 2000; i++) client.write('x');
    await received;
  }
});

test('back-pressure: write says no and drain follows; memory stays bounded', async (t) => {
  const highWaterMark = 16 * 1024;
  const { client, peer } = await pair(t,
    { client: { highWaterMark }, server: { highWaterMark } });
  peer.pause();
  const chunk = Buffer.alloc(4096);
  // Whatever stacks and queues hold between the two, it is finite.
  let sent = 0;
  while (client.write(chunk)) {
    sent++;
    if (sent % 16 === 0) await turn();
    assert.ok(sent < 10_000, 'write() never said no');
  }
  assert.ok(client.writableNeedDrain);
  assert.ok(client.writableLength >= highWaterMark);
  const drained = once(client, 'drain');
  let received = 0;
  peer.on('data', () => received++);
  peer.resume();
  await drained;
  client.end();
  await once(peer, 'end');
  assert.strictEqual(received, sent + 1);
});

test('cork holds messages back, uncork sends each of them', async (t) => {
  const { client, peer } = await pair(t);
  client.cork();
  client.write(message('a', { sid: 1, ppid: 1 }));
  client.write(message('b', { sid: 1, ppid: 2 }));
  assert.strictEqual(client.writableLength, 2);
  client.uncork();
  const got = await collect(peer, 2);
  assert.deepStrictEqual(got.map((one) => [one.toString(), one.sid, one.ppid]),
    [['a', 1, 1], ['b', 1, 2]]);
});

test('pipe keeps message boundaries and attributes', async (t) => {
  const { client, peer } = await pair(t);
  peer.pipe(peer);
  for (let i = 0; i < 50; i++) client.write(message(`m${i}`, { sid: 2, ppid: i }));
  const got = await collect(client, 50);
  assert.deepStrictEqual(got.map((one) => [one.toString(), one.sid, one.ppid]),
    Array.from({ length: 50 }, (_, i) => [`m${i}`, 2, i]));
});

test('a received message whose stream is none here fails alone, also in a pipe', async (t) => {
  // The peer has ten streams to us, we have one to it.
  const { client, peer } = await pair(t, { client: { MIS: 1, OS: 10 } });
  const failed = [];
  const outcomes = [];
  peer.on('send-failed', (one) => failed.push(one));
  peer.pipe(peer);
  peer.on('data', (one) => outcomes.push(written(peer, one)));
  client.write(message('nowhere', { sid: 5, ppid: 7 }));
  const echo = collect(client, 2);
  await once(peer, 'send-failed');
  client.write(message('back', { sid: 0 }));
  assert.deepStrictEqual((await echo).map(String), ['back', 'back']);
  assert.deepStrictEqual(failed.map(({ sid, ppid, size, sent, error: { code } }) =>
    [sid, ppid, size, sent, code]), [[5, 7, 7, false, 'ERR_OUT_OF_RANGE']]);
  assert.deepStrictEqual((await Promise.all(outcomes)).map((error) => error?.code),
    ['ERR_OUT_OF_RANGE', undefined]);
  // What the program has made itself is its mistake.
  assert.throws(() => peer.write(message('x', { sid: 5 })), { code: 'ERR_OUT_OF_RANGE' });
});

test('writing after end is net\'s error', async (t) => {
  const { client } = await pair(t);
  client.end();
  const error = await written(client, 'late');
  assert.strictEqual(error.code, 'ERR_STREAM_WRITE_AFTER_END');
});

test('writing to a destroyed socket is an error of that write', async (t) => {
  const { client } = await pair(t);
  client.destroy();
  assert.strictEqual((await written(client, 'late')).code, 'ERR_STREAM_DESTROYED');
});

test('writes left over when the peer has shut down fail with "remote ended"', async (t) => {
  const { client, peer } = await pair(t, { client: { highWaterMark: 1024 } });
  peer.pause();
  const outcomes = [];
  const chunk = Buffer.alloc(64 * 1024);
  // More than fits anywhere between the two.
  for (let i = 0; i < 200; i++) outcomes.push(written(client, chunk));
  client.resume();
  peer.end();
  const results = await Promise.all(outcomes);
  const failed = results.filter((error) => error !== null);
  assert.ok(failed.length > 0);
  for (const error of failed) {
    assert.strictEqual(error.code, 'ERR_SCTP_REMOTE_ENDED');
    assert.match(error.message, /remote ended/);
  }
});

test('bytesWritten counts what was given', async (t) => {
  const { client, peer } = await pair(t);
  client.write(Buffer.alloc(10));
  client.write(Buffer.alloc(20));
  assert.strictEqual(client.bytesWritten, 30);
  await collect(peer, 2);
  assert.strictEqual(peer.bytesRead, 30);
});
