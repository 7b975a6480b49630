'use strict';

// Defects that earlier SCTP packages for Node had, in what becomes of messages: each
// test is named after what must not happen.
//
//  2  a large message ended the process            a large message of a peer …,
//                                                  a message above 128 KiB …
//  3  partial delivery ended it, too               partial delivery under pressure …
//  5  end() lost what was on its way               data of the peer in flight …
//  9  a bad sid or size aborted the association    a bad sid or an empty message …
// 10  sid was cut to 16 bits                       sid 65537 …
// 11  a sid that was a string ended the process    a sid that is a string …
// 12  the option sctp.sack did nothing             sctp.sack is not ignored
// 14  messages merged, attributes lost             messages are not merged … (several)
// 15  a large receive buffer for each socket       a connection that nothing arrives on …
// 24  few attributes in either direction           attributes of a message …, and for
//                                                  28, a time to live on every message …
// 31  a turn and a promise for each message        not every message costs a turn …
//
// The others are about connections and processes: defects-connections.test.js.

const assert = require('node:assert');
const { once } = require('node:events');
const { PassThrough } = require('node:stream');
const fs = require('node:fs');
const test = require('node:test');
const { onKernel, listen, connect, pair, message, collect, closed } = require('./support');

function filled(size, seed) {
  const data = Buffer.alloc(size);
  for (let i = 0; i < size; i++) data[i] = (i * 13 + seed) & 0xff;
  return data;
}

test('a large message of a peer does not end the process, nor another connection', async (t) => {
  const server = await listen(t, { maxMessageSize: 100_000 });
  const peers = [];
  server.on('connection', (peer) => peers.push(peer));
  const good = connect(t, server);
  await once(good, 'connect');
  const bad = connect(t, server);
  await once(bad, 'connect');
  while (peers.length < 2) await once(server, 'connection');
  for (const peer of peers) peer.resume();
  bad.write(filled(200_000, 1));
  const [error] = await once(peers[1], 'error');
  assert.strictEqual(error.code, 'ERR_SCTP_MESSAGE_TOO_LARGE');
  good.write(filled(90_000, 2));
  const [got] = await collect(peers[0], 1);
  assert.ok(got.equals(filled(90_000, 2)));
});

test('a message above 128 KiB does not throw: it is whole', async (t) => {
  const { client, peer } = await pair(t);
  const sent = filled(700_000, 3);
  client.write(sent);
  const [got] = await collect(peer, 1);
  assert.ok(got.equals(sent));
});

test('partial delivery under pressure does not split a message', async (t) => {
  const { client, peer } = await pair(t,
    { server: { highWaterMark: 16 * 1024, sctp: { receiveBuffer: 64 * 1024 } } });
  peer.pause();
  const sent = Array.from({ length: 8 }, (_, i) => filled(120 * 1024, i));
  for (const one of sent) client.write(one);
  const received = collect(peer, sent.length);
  peer.resume();
  (await received).forEach((one, i) => assert.ok(one.equals(sent[i])));
});

test('data of the peer in flight at end() is not lost', async (t) => {
  const { client, peer } = await pair(t);
  peer.resume();
  const events = [];
  let sent = 0; // bytes of which nothing says that they were lost
  peer.on('send-failed', ({ size }) => {
    sent -= size;
  });
  for (let i = 0; i < 100; i++) {
    peer.write(filled(8000, i), (error) => {
      if (!error) sent += 8000;
      else events.push(error.code);
    });
  }
  client.end();
  let bytes = 0;
  client.on('data', (data) => {
    bytes += data.length;
  });
  for (const socket of [client, peer]) socket.on('error', (error) => events.push(error.code));
  client.on('notification', ({ event }) => events.push(event.stateName));
  await Promise.all([closed(client), closed(peer)]);
  assert.ok(sent > 0);
  assert.strictEqual(bytes, sent);
  assert.ok(events.includes('SCTP_SHUTDOWN_COMP'));
  assert.ok(!events.includes('ECONNRESET'));
});

test('a bad sid or an empty message does not abort the association', async (t) => {
  const { client, peer } = await pair(t, { client: { OS: 4 } });
  assert.throws(() => client.write(message('x', { sid: 4 })), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => client.write(''), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => client.write(Buffer.alloc(2 * 1024 * 1024)),
    { code: 'ERR_SCTP_MESSAGE_TOO_LARGE' });
  client.write('still here');
  assert.strictEqual(String((await collect(peer, 1))[0]), 'still here');
});

test('sid 65537 does not go out on stream 1', async (t) => {
  const { client, peer } = await pair(t);
  assert.throws(() => client.write(message('x', { sid: 65537 })), { code: 'ERR_OUT_OF_RANGE' });
  client.write(message('only this', { sid: 1 }));
  assert.strictEqual(String((await collect(peer, 1))[0]), 'only this');
});

test('a sid that is a string is a TypeError at the call, not the end of the process', async (t) => {
  const { client } = await pair(t);
  assert.throws(() => client.write(message('x', { sid: '1' })),
    { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
});

// How many control chunks, SACKs above all, the kernel has sent.
function controlChunks() {
  const [, count] = fs.readFileSync('/proc/net/sctp/snmp', 'utf8').match(/OutCtrlChunks\s+(\d+)/);
  return Number(count);
}

test('sctp.sack is not ignored', async (t) => {
  const sent = {};
  for (const [name, sack] of [['each', { freq: 1 }], ['few', { delay: 500, freq: 100 }]]) {
    const { client, peer } = await pair(t, { server: { sctp: { sack } } });
    assert.strictEqual(peer.options().sack.freq, sack.freq);
    if (sack.delay) assert.strictEqual(peer.options().sack.delay, sack.delay);
    if (!onKernel) continue;
    const before = controlChunks();
    for (let i = 0; i < 40; i++) {
      const got = once(peer, 'data');
      client.write('x');
      await got;
    }
    sent[name] = controlChunks() - before;
  }
  if (onKernel) {
    assert.ok(sent.each >= 40, `${sent.each} SACKs`);
    assert.ok(sent.few < 20, `${sent.few} SACKs`);
  }
});

const READERS = {
  async 'for await'(socket, got) {
    for await (const one of socket) got.push(one);
  },
  async 'read()'(socket, got) {
    socket.on('readable', () => {
      for (let one; (one = socket.read()) !== null;) got.push(one);
    });
    await once(socket, 'end');
  },
  async 'pipe'(socket, got) {
    const through = socket.pipe(new PassThrough({ objectMode: true }));
    for await (const one of through) got.push(one);
  },
  async 'data'(socket, got) {
    socket.on('data', (one) => got.push(one));
    await once(socket, 'end');
  },
};

for (const [name, reader] of Object.entries(READERS)) {
  test(`messages are not merged, nor their attributes dropped, under ${name}`, async (t) => {
    const { client, peer } = await pair(t);
    const got = [];
    const done = reader(peer, got);
    const sent = Array.from({ length: 50 }, (_, i) => [`message ${i}`, i % 10, 1000 + i]);
    for (const [text, sid, ppid] of sent) client.write(message(text, { sid, ppid }));
    client.end();
    client.resume();
    await done;
    const told = got.map((one) => [String(one), one.sid, one.ppid]);
    // Order holds within a stream.
    assert.deepStrictEqual(told.sort((a, b) => a[2] - b[2]), sent);
  });
}

test('messages are not merged under setEncoding', async (t) => {
  const { client, peer } = await pair(t);
  peer.setEncoding('utf8');
  for (const text of ['one', 'two', 'drei']) client.write(text);
  assert.deepStrictEqual(await collect(peer, 3), ['one', 'two', 'drei']);
});

test('attributes of a message are not dropped in either direction', async (t) => {
  const { client, peer } = await pair(t);
  const received = collect(peer, 3);
  client.send('a', { sid: 2, ppid: 7, context: 5 });
  client.send('b', { sid: 2, ppid: 8, ttl: 60_000 });
  client.send('c', { sid: 3, ppid: 9, unordered: true });
  const [a, b, c] = (await received).sort((x, y) => x.ppid - y.ppid);
  assert.deepStrictEqual([a.sid, b.sid, c.sid, a.unordered, c.unordered], [2, 2, 3, false, true]);
  assert.strictEqual(b.ssn, a.ssn + 1);
  assert.strictEqual(new Set([a.tsn, b.tsn, c.tsn]).size, 3);
});

test('a time to live on every message does not overwrite anything', async (t) => {
  const { client, peer } = await pair(t);
  const count = 300;
  for (let i = 0; i < count; i++) {
    client.send(filled(1 + i, i), { sid: i % 10, ppid: i, ttl: 60_000 });
  }
  const got = (await collect(peer, count)).sort((a, b) => a.ppid - b.ppid);
  got.forEach((one, i) => {
    assert.ok(one.equals(filled(1 + i, i)));
    assert.strictEqual(one.sid, i % 10);
  });
});

test('not every message costs a turn of the loop', async (t) => {
  const { client, peer } = await pair(t);
  const count = 2000;
  let now = 0;
  let most = 0;
  peer.on('data', () => {
    most = Math.max(most, ++now);
    if (now === 1) setImmediate(() => { now = 0; });
  });
  const received = collect(peer, count);
  for (let i = 0; i < count; i++) client.write('x');
  await received;
  assert.ok(most > 1, 'one message per turn');
});

test('a connection that nothing arrives on does not hold a receive buffer', async (t) => {
  const server = await listen(t);
  await pair(t); // what is made once
  const before = process.memoryUsage().external;
  const clients = Array.from({ length: 100 }, () => connect(t, server));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  const grown = process.memoryUsage().external - before;
  assert.ok(grown < 100 * 32 * 1024, `${grown} bytes`);
});
