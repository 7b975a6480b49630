'use strict';

const assert = require('node:assert');
const { getEventListeners, once } = require('node:events');
const test = require('node:test');
const { setImmediate: turn } = require('node:timers/promises');
const { sctp, serverBase, listen, connectOptions } = require('./support');

const reconnect = { minDelay: 1, maxDelay: 20 };

test('comes back when the association is lost', async (t) => {
  const server = await listen(t);
  const accepted = once(server, 'connection');
  const persistent = sctp.connectPersistent({ ...connectOptions(server), reconnect });
  t.after(() => persistent.close());
  const [first] = await once(persistent, 'up');
  assert.strictEqual(persistent.socket, first);
  assert.ok(persistent.connected);
  assert.strictEqual(persistent.closed, false);
  const again = once(server, 'connection');
  const down = once(persistent, 'down');
  (await accepted)[0].destroy();
  const [{ error, wasUp, retryDelay }] = await down;
  assert.strictEqual(error.code, 'ECONNRESET');
  assert.strictEqual(wasUp, true);
  assert.ok(retryDelay <= reconnect.maxDelay);
  const [[second]] = await Promise.all([once(persistent, 'up'), again]);
  assert.notStrictEqual(second, first);
  const closed = once(persistent, 'close');
  persistent.close();
  assert.strictEqual(persistent.closed, true);
  await closed;
  assert.strictEqual(persistent.connected, false);
  assert.strictEqual(persistent.socket, null);
});

test('keeps trying a server that is not there yet', async (t) => {
  // On usrsctp somebody must hear the INIT to refuse it.
  await listen(t);
  const server = await listen(t);
  const options = connectOptions(server);
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  const persistent = sctp.connectPersistent({ ...options, reconnect });
  t.after(() => persistent.close());
  for (let i = 0; i < 3; i++) {
    const [{ error, wasUp, attempt }] = await once(persistent, 'down');
    assert.strictEqual(error.code, 'ECONNREFUSED');
    assert.strictEqual(wasUp, false);
    assert.strictEqual(attempt, i + 1);
  }
  const late = sctp.createServer(serverBase, (socket) => socket.on('error', () => {}).resume());
  t.after(() => late.close());
  late.listen({ host: '127.0.0.1', port });
  await once(persistent, 'up');
  const closed = once(persistent, 'close');
  persistent.close();
  await closed;
});

test('a signal ends it; wrong options throw at the call', async (t) => {
  const server = await listen(t);
  const controller = new AbortController();
  const persistent = sctp.connectPersistent(
    { ...connectOptions(server), reconnect, signal: controller.signal });
  const closed = once(persistent, 'close');
  controller.abort();
  await closed;
  assert.throws(() => sctp.connectPersistent({}), { code: 'ERR_MISSING_ARGS' });
  assert.throws(() => sctp.connectPersistent({ port: 1, reconnect: { minDelay: -1 } }),
    { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => sctp.connectPersistent({ port: 1, reconnect: { factor: 'x' } }),
    { code: 'ERR_INVALID_ARG_TYPE' });
});

/** A persistent connection that fails to connect, again and again. */
async function refused(t) {
  await listen(t); // on usrsctp somebody must hear the INIT to refuse it
  const server = await listen(t);
  const options = connectOptions(server);
  server.close();
  await once(server, 'close');
  const persistent = sctp.connectPersistent({ ...options, reconnect });
  t.after(() => persistent.close());
  return persistent;
}

const asyncDispose = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

test('close within a listener of down is one close', async (t) => {
  const persistent = await refused(t);
  let closes = 0;
  persistent.on('close', () => closes++);
  const closed = once(persistent, 'close');
  persistent.on('down', () => persistent.close());
  await closed;
  for (let i = 0; i < 10; i++) await turn();
  assert.strictEqual(closes, 1);
});

test('asyncDispose resolves before, during and after the close', async (t) => {
  const server = await listen(t);
  const persistent = sctp.connectPersistent({ ...connectOptions(server), reconnect });
  await once(persistent, 'up');
  let closes = 0;
  persistent.on('close', () => closes++);
  await Promise.all([persistent[asyncDispose](), persistent[asyncDispose]()]);
  await persistent[asyncDispose]();
  persistent.close();
  await persistent[asyncDispose]();
  assert.strictEqual(closes, 1);
});

test('a signal is let go when the connection has closed', async (t) => {
  const server = await listen(t);
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) {
    const persistent = sctp.connectPersistent({ ...connectOptions(server), reconnect, signal });
    await once(persistent, 'up');
    assert.strictEqual(getEventListeners(signal, 'abort').length, 1);
    await persistent[asyncDispose]();
    assert.strictEqual(getEventListeners(signal, 'abort').length, 0);
  }
});

test('a signal that has fired already closes it', async (t) => {
  const server = await listen(t);
  const persistent = sctp.connectPersistent(
    { ...connectOptions(server), reconnect, signal: AbortSignal.abort() });
  await once(persistent, 'close');
  assert.strictEqual(persistent.closed, true);
});
