'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { pair, message, collect, closed } = require('./support');

const messages = Array.from({ length: 20 }, (_, i) =>
  message(Buffer.alloc(1 + i * 37, i + 1), { sid: i % 5, ppid: i }));

function expectedByStream(list) {
  const byStream = {};
  for (const one of list) (byStream[one.sid] ??= []).push([one.ppid, one.length, one[0]]);
  return byStream;
}

// Order holds within a stream.
function check(got) {
  assert.deepStrictEqual(expectedByStream(got), expectedByStream(messages));
}

function writeAll(socket) {
  for (const one of messages) socket.write(one);
}

test('each data event is one message', async (t) => {
  const { client, peer } = await pair(t);
  writeAll(client);
  check(await collect(peer, messages.length));
});

test('for await gives one message at a time', async (t) => {
  const { client, peer } = await pair(t);
  writeAll(client);
  client.end();
  const got = [];
  for await (const one of peer) got.push(one);
  check(got);
});

test('readable and read() give one message at a time', async (t) => {
  const { client, peer } = await pair(t);
  const got = [];
  const done = new Promise((resolve) => {
    peer.on('readable', () => {
      for (let one; (one = peer.read()) !== null;) got.push(one);
      if (got.length === messages.length) resolve();
    });
  });
  writeAll(client);
  await done;
  check(got);
});

test('pause and resume lose nothing', async (t) => {
  const { client, peer } = await pair(t);
  const got = [];
  const done = new Promise((resolve) => {
    peer.on('data', (one) => {
      got.push(one);
      peer.pause();
      setImmediate(() => peer.resume());
      if (got.length === messages.length) resolve();
    });
  });
  writeAll(client);
  await done;
  check(got);
});

test('messages of every size are whole', async (t) => {
  const sizes = [1, 2, 1200, 1452, 4095, 4096, 4097, 16384, 65535, 65536, 131072, 262144,
    1024 * 1024];
  const { client, peer } = await pair(t);
  const received = collect(peer, sizes.length);
  for (const size of sizes) {
    const data = Buffer.alloc(size);
    for (let i = 0; i < size; i++) data[i] = (i * 7 + size) & 0xff;
    client.write(data);
  }
  const got = await received;
  assert.deepStrictEqual(got.map((one) => one.length), sizes);
  for (const one of got) {
    for (let i = 0; i < one.length; i += 997) assert.strictEqual(one[i], (i * 7 + one.length) & 0xff);
  }
});

test('a message above maxMessageSize is an error on that socket alone', async (t) => {
  const { client, peer } = await pair(t, { server: { maxMessageSize: 10_000 } });
  peer.resume();
  client.resume();
  const ended = closed(client);
  client.write(Buffer.alloc(10_001));
  const [error] = await once(peer, 'error');
  assert.strictEqual(error.code, 'ERR_SCTP_MESSAGE_TOO_LARGE');
  await ended;
});

test('a socket that is not read holds a bounded part, and its peer waits', async (t) => {
  const { client, peer } = await pair(t, { server: { highWaterMark: 8192 } });
  peer.pause();
  const count = 3000;
  let written = 0;
  (function more() {
    while (written < count) {
      written++;
      if (!client.write(Buffer.alloc(1000, written))) return client.once('drain', more);
    }
    client.end();
  })();
  const got = [];
  peer.on('data', (one) => got.push(one.length));
  peer.resume();
  await once(peer, 'end');
  assert.strictEqual(got.length, count);
});

test('a socket that is not read holds few messages, however small they are', async (t) => {
  const { client, peer } = await pair(t, { server: { highWaterMark: 16 * 1024 } });
  peer.pause();
  const count = 500;
  const taken = [];
  for (let i = 0; i < count; i++) {
    taken.push(new Promise((resolve) => client.write(Buffer.from([i]), resolve)));
  }
  await Promise.all(taken);
  // All of them have reached the other end's stack, and its loop what it takes of them.
  while (client.status().unackdata > 0 || peer.bytesRead === 0) await delay(1);
  for (let i = 0; i < 50; i++) await delay(1);
  assert.ok(peer.bytesRead <= 16 * 1024 / 128, `${peer.bytesRead} messages wait`);
  const got = [];
  await new Promise((resolve) => {
    peer.on('data', (one) => {
      got.push(one[0]);
      if (got.length === count) resolve();
    });
    peer.resume();
  });
  assert.deepStrictEqual(got, Array.from({ length: count }, (_, i) => i & 0xff));
});

test('a socket that is not read still hears of notifications and of its end', async (t) => {
  const { client, peer } = await pair(t);
  peer.pause();
  const change = new Promise((resolve) => peer.on('notification', ({ event }) => {
    if (event.stateName === 'SCTP_COMM_LOST') resolve();
  }));
  const error = once(peer, 'error');
  client.write('unread');
  await new Promise((resolve) => client.write('unread too', resolve));
  client.destroy();
  await change;
  assert.strictEqual((await error)[0].code, 'ECONNRESET');
});

test('what a listener throws is an uncaught exception, and nothing is lost', async (t) => {
  const { client, peer } = await pair(t);
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const thrown = [];
  process.on('uncaughtException', (error) => thrown.push(error));
  t.after(() => {
    process.removeAllListeners('uncaughtException');
    for (const one of listeners) process.on('uncaughtException', one);
  });
  const got = [];
  const done = new Promise((resolve) => {
    peer.on('data', (one) => {
      got.push(one);
      if (got.length === messages.length) resolve();
      if (got.length === 3) throw null; // the worst there is
      if (got.length === 5) throw new Error('mine');
    });
  });
  writeAll(client);
  await done;
  check(got);
  assert.deepStrictEqual(thrown.map((error) => error?.message), [undefined, 'mine']);
});
