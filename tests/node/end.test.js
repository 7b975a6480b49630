'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const { sctp, onKernel, pair, record, likeNet, closed } = require('./support');

const EVENTS = ['end', 'finish', 'error', 'close'];

test('end delivers everything written before it', async (t) => {
  const { client, peer } = await pair(t);
  let bytes = 0;
  peer.on('data', (data) => {
    bytes += data.length;
  });
  for (let i = 0; i < 500; i++) client.write(Buffer.alloc(2000));
  client.end(Buffer.alloc(7));
  client.resume();
  await Promise.all([once(peer, 'end'), once(client, 'close')]);
  assert.strictEqual(bytes, 500 * 2000 + 7);
});

test('after end everything the peer has sent is still read', async (t) => {
  const { client, peer } = await pair(t);
  peer.resume();
  // Of what has not reached the stack when the SHUTDOWN comes the peer is told.
  let sent = 0;
  const told = (error) => {
    if (!error) sent++;
  };
  peer.on('send-failed', () => sent--);
  while (peer.write(Buffer.alloc(1000), told));
  await once(peer, 'drain');
  client.end();
  let received = 0;
  client.on('data', () => received++);
  await Promise.all([once(client, 'end'), closed(peer)]);
  assert.ok(received > 0);
  assert.strictEqual(received, sent);
});

test('writes that are lost because the peer has ended do not abort what is on its way', async (t) => {
  const { client, peer } = await pair(t, { client: { highWaterMark: 4096 } });
  peer.resume();
  const failed = once(peer, 'error');
  for (let i = 0; i < 1000; i++) peer.write(Buffer.alloc(2000));
  client.end();
  client.resume();
  await Promise.all([once(client, 'end'), once(client, 'close')]);
  assert.strictEqual((await failed)[0].code, 'ERR_SCTP_REMOTE_ENDED');
});

test('an echo to a peer that has ended is an error of that socket', async (t) => {
  const { client, peer } = await pair(t);
  peer.pause();
  client.end('hello');
  // The peer has shut down before it is answered.
  await new Promise((resolve) => peer.on('notification', ({ event }) => {
    if (event.type === 'shutdown') resolve();
  }));
  const failed = once(peer, 'error');
  peer.pipe(peer);
  assert.strictEqual((await failed)[0].code, 'ERR_SCTP_REMOTE_ENDED');
});

test('both ends end and close without an error', async (t) => {
  const { client, peer } = await pair(t);
  const events = record(client, EVENTS, [], 'client ');
  record(peer, EVENTS, events, 'peer ');
  client.resume();
  peer.resume();
  client.end();
  await Promise.all([once(client, 'close'), once(peer, 'close')]);
  assert.ok(events.includes('client close:false'));
  assert.ok(events.includes('peer close:false'));
  assert.ok(!events.some((event) => event.endsWith('error')));
});

test('the end as the other side sees it, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const events = [];
    const server = mod.createServer(serverBase).listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const client = mod.connect({ ...clientBase, host: '127.0.0.1', port: server.address().port });
    const [peer] = await accepted;
    record(peer, EVENTS, events);
    const data = [];
    peer.on('data', (chunk) => data.push(chunk.toString()));
    client.end('bye');
    client.resume();
    await once(peer, 'close');
    server.close();
    await once(server, 'close');
    return { events, data, writableEnded: peer.writableEnded, destroyed: peer.destroyed };
  });
});

test('destroy before end is an abort: the peer sees ECONNRESET', async (t) => {
  const { client, peer } = await pair(t);
  const events = record(client, EVENTS, []);
  const closed = once(client, 'close');
  peer.resume();
  client.destroy();
  const [error] = await once(peer, 'error');
  assert.strictEqual(error.code, 'ECONNRESET');
  assert.strictEqual(error.syscall, 'read');
  assert.ok(error.errno < 0);
  assert.strictEqual(error.cause.code, sctp.constants.SCTP_CAUSE_USER_INITIATED_ABORT);
  assert.deepStrictEqual(await closed, [false]);
  assert.deepStrictEqual(events, ['close:false']);
});

test('destroy with an error tells it, then closes, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const server = mod.createServer(serverBase, (socket) => socket.on('error', () => {}).resume());
    server.listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const client = mod.connect({ ...clientBase, host: '127.0.0.1', port: server.address().port });
    await once(client, 'connect');
    const events = record(client, EVENTS, []);
    const told = once(client, 'error');
    client.destroy(new Error('mine'));
    const [error] = await told;
    await once(client, 'close');
    client.destroy();
    server.close();
    await once(server, 'close');
    return { events, message: error.message };
  });
});

test('abort carries its reason where the stack can', async (t) => {
  const { client, peer } = await pair(t);
  peer.resume();
  client.abort('operator decision');
  const [error] = await once(peer, 'error');
  const { abortReason } = sctp.capabilities();
  assert.strictEqual(abortReason, !onKernel);
  assert.strictEqual(error.cause.information?.toString(),
    abortReason ? 'operator decision' : undefined);
  assert.throws(() => client.abort('x'.repeat(1001)), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => client.abort(5), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('abort is one even after end', async (t) => {
  const { client, peer } = await pair(t);
  peer.pause();
  for (let i = 0; i < 1000; i++) client.write(Buffer.alloc(2000));
  client.end();
  const reset = once(peer, 'error');
  client.abort();
  await once(client, 'close');
  assert.strictEqual((await reset)[0].code, 'ECONNRESET');
});

test('destroySoon lets what was written go out', async (t) => {
  const { client, peer } = await pair(t);
  let bytes = 0;
  peer.on('data', (data) => {
    bytes += data.length;
  });
  for (let i = 0; i < 100; i++) client.write(Buffer.alloc(1000));
  client.destroySoon();
  await once(peer, 'end');
  assert.strictEqual(bytes, 100_000);
});

test('resetAndDestroy resets', async (t) => {
  const { client, peer } = await pair(t);
  peer.resume();
  client.resetAndDestroy();
  assert.strictEqual((await once(peer, 'error'))[0].code, 'ECONNRESET');
});

test('setTimeout tells of idleness and stays quiet when it is off, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const server = mod.createServer(serverBase, (socket) => socket.on('error', () => {}).resume());
    server.listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const client = mod.connect(
      { ...clientBase, host: '127.0.0.1', port: server.address().port, timeout: 20 });
    await once(client, 'connect');
    const results = [client.timeout];
    await once(client, 'timeout');
    results.push(client.setTimeout(0) === client, client.timeout);
    for (const bad of ['5', -1, Infinity]) {
      try {
        client.setTimeout(bad);
      } catch (error) {
        results.push(error.code);
      }
    }
    client.destroy();
    server.close();
    await once(server, 'close');
    return results;
  });
});
