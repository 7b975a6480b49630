'use strict';

// What a write's callback, 'finish', writableLength and bytesWritten tell: what the stack
// has taken, as net's tell what the kernel has. Highest water marks keep it from being
// only the stream that holds messages back.

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const { setImmediate: turn, setTimeout: pause } = require('node:timers/promises');
const { likeNet, listen, pair, collect, closed } = require('./support');

const HUGE = 256 * 1024 * 1024;
const CHUNK = 64 * 1024;
// More than any two buffers of a stack hold, TCP's included.
const CHUNKS = 400;

/** A pair whose server end does not read, for net and for us. */
async function stalled(mod, serverBase, clientBase, highWaterMark = HUGE) {
  const server = mod.createServer({ ...serverBase, highWaterMark: CHUNK, pauseOnConnect: true });
  server.listen({ host: '127.0.0.1', port: 0 });
  const accepted = once(server, 'connection');
  await once(server, 'listening');
  const client = mod.connect({
    ...clientBase, highWaterMark, host: '127.0.0.1', port: server.address().port,
  });
  const [[peer]] = await Promise.all([accepted, once(client, 'connect')]);
  peer.pause();
  peer.on('error', () => {});
  client.on('error', () => {});
  const outcomes = [];
  const all = Array.from({ length: CHUNKS }, (_, i) => new Promise((resolve) => {
    client.write(Buffer.alloc(CHUNK, i), (error) => {
      outcomes.push([i, error ?? null]);
      resolve();
    });
  }));
  // As many are taken as ever will be, or nearly.
  await all[0];
  for (let i = 0; i < 50; i++) await turn();
  const close = async () => {
    client.destroy();
    peer.destroy();
    server.close();
    await once(server, 'close');
  };
  return { client, peer, outcomes, all: Promise.all(all), close };
}

const inOrder = (outcomes) => outcomes.every(([i], at) => i === at);

test('callbacks stop while the peer does not read, and come when it does, as net', async () => {
  await likeNet(assert, async (...base) => {
    const { client, peer, outcomes, all, close } = await stalled(...base);
    const before = {
      some: outcomes.length > 0,
      notAll: outcomes.length < CHUNKS,
      waits: client.writableLength > 0,
      atMost: client.writableLength <= (CHUNKS - outcomes.length) * CHUNK,
      bytesWritten: client.bytesWritten,
    };
    peer.resume();
    await all;
    const after = {
      good: outcomes.every(([, error]) => error === null),
      inOrder: inOrder(outcomes),
      writableLength: client.writableLength,
      bytesWritten: client.bytesWritten,
    };
    await close();
    return { before, after };
  });
});

test('finish waits for what the stack has not taken, as net', async () => {
  await likeNet(assert, async (...base) => {
    const { client, peer, outcomes, close } = await stalled(...base);
    let told;
    client.once('finish', () => {
      told = outcomes.length;
    });
    client.end();
    for (let i = 0; i < 50; i++) await turn();
    const early = client.writableFinished;
    const finished = once(client, 'finish');
    let bytes = 0;
    peer.on('data', (data) => {
      bytes += data.length;
    });
    peer.resume();
    await Promise.all([finished, once(peer, 'end')]);
    await close();
    return { early, told, bytes };
  });
});

test('what the stack has not taken fails when the socket is destroyed, as net', async () => {
  const codes = [];
  await likeNet(assert, async (...base) => {
    const { client, outcomes, all, close } = await stalled(...base);
    client.destroy();
    await all;
    codes.push(outcomes.at(-1)[1]?.code);
    await close();
    return { inOrder: inOrder(outcomes), writableLength: client.writableLength };
  });
  // Net's is that of its stream or, in later versions, of its handle.
  assert.ok(['ERR_STREAM_DESTROYED', 'ECANCELED'].includes(codes[0]), codes[0]);
  assert.strictEqual(codes[1], 'ERR_STREAM_DESTROYED');
});

test('the callback of end() hears of what ends the socket before, as net', async (t) => {
  // On usrsctp somebody must hear the INIT to refuse it.
  const heard = await listen(t);
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const seen = {};
    /** Ends after a write that is held, and is ended by `cut`. */
    const ended = async (client, name, cut) => {
      seen[name] = [];
      const note = (what) => (error) => seen[name].push(
        // Net's is that of the state it was in.
        `${what}: ${(error?.code ?? String(error)).replace(/^ERR_SOCKET_CLOSED.*|^ECANCELED$/,
          'ERR_STREAM_DESTROYED')}`);
      client.on('error', note('error'));
      const closes = closed(client);
      await new Promise((resolve) => {
        client.end((error) => {
          note('end')(error);
          resolve();
        });
        cut?.(client);
      });
      await closes;
      seen[name].push(`writable: ${client.writable} ${client.writableFinished}`);
    };
    const server = mod.createServer(serverBase).listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const options = { ...clientBase, host: '127.0.0.1', port: server.address().port };
    server.close();
    await once(server, 'close');
    assert.ok(heard.listening);
    for (const [name, cut] of [['refused'], ['destroyed', (client) => client.destroy()]]) {
      const client = mod.connect(options);
      client.write('held');
      await ended(client, name, cut);
      await ended(mod.connect(options), `${name}, without a write`, cut);
    }
    for (const [name, cut] of [
      ['full', (client) => client.destroy()],
      ['full, with an error', (client) => client.destroy(Object.assign(new Error(), { code: 'MINE' }))],
    ]) {
      const { client, close } = await stalled(mod, serverBase, clientBase, CHUNK);
      await ended(client, name, cut);
      await close();
    }
    return seen;
  });
});

test('what the stack has not taken fails when the peer resets, as net', async () => {
  await likeNet(assert, async (...base) => {
    const { client, peer, outcomes, all, close } = await stalled(...base);
    const failed = once(client, 'error');
    client.resume();
    peer.resetAndDestroy();
    const [error] = await failed;
    await all;
    const last = outcomes.at(-1)[1];
    await close();
    return { inOrder: inOrder(outcomes), same: last.code === error.code, number: outcomes.length };
  });
});

test('what the stack has taken is told without anybody asking', async (t) => {
  const { client, peer } = await pair(t);
  peer.resume();
  client.write('x');
  assert.strictEqual(client.writableLength, 1);
  assert.strictEqual(client.bufferSize, 1);
  while (client.writableLength > 0) await pause(1);
  assert.strictEqual(client.bytesWritten, 1);
});

test('a time to live that is over before the stack has room fails its callback alone', async (t) => {
  const { client, peer } = await pair(t,
    { client: { highWaterMark: HUGE }, server: { highWaterMark: CHUNK } });
  peer.pause();
  const taken = [];
  for (let i = 0; i < 200; i++) client.write(Buffer.alloc(CHUNK), (error) => taken.push(error));
  const failed = [];
  client.on('send-failed', (one) => failed.push(one));
  const outcome = new Promise((resolve) => {
    client.send('short', { ttl: 1 }, (error) => resolve(error));
  });
  client.send('silent', { ttl: 1, context: 7 });
  const behind = new Promise((resolve) => client.write('behind', resolve));
  await pause(5);
  const received = collect(peer, 201);
  peer.resume();
  const error = await outcome;
  assert.strictEqual(error.code, 'ETIMEDOUT');
  assert.strictEqual(error.syscall, 'write');
  assert.strictEqual(await behind ?? null, null);
  assert.deepStrictEqual(failed.map(({ context, size, sent, error: { code } }) =>
    ({ context, size, sent, code })), [{ context: 7, size: 6, sent: false, code: 'ETIMEDOUT' }]);
  assert.deepStrictEqual(taken.map((one) => one ?? null), Array(200).fill(null));
  assert.strictEqual((await received).at(-1).toString(), 'behind');
});

test('where messages fail, every callback is called once, and the others in order', async (t) => {
  // Some wait in the stream, and some in front of the stack.
  const { client, peer } = await pair(t,
    { client: { highWaterMark: 40 * CHUNK }, server: { highWaterMark: CHUNK } });
  peer.pause();
  const count = 300;
  const good = [];
  const failed = [];
  const all = Array.from({ length: count }, (_, i) => new Promise((resolve) => {
    const options = i % 3 === 2 ? { ttl: 1 } : {};
    client.send(Buffer.alloc(CHUNK), options, (error) => {
      assert.strictEqual(error?.code, error ? 'ETIMEDOUT' : undefined);
      (error ? failed : good).push(i);
      resolve();
    });
  }));
  await pause(5);
  peer.resume();
  await Promise.all(all);
  assert.ok(failed.length > 0);
  assert.ok(failed.every((i) => i % 3 === 2));
  assert.deepStrictEqual(good, good.slice().sort((a, b) => a - b));
  assert.deepStrictEqual([...good, ...failed].sort((a, b) => a - b), Array.from(all.keys()));
});

test('an association that is lost fails each message once', async (t) => {
  const { client, peer } = await pair(t,
    { client: { highWaterMark: HUGE }, server: { highWaterMark: CHUNK } });
  peer.pause();
  let good = 0;
  let bad = 0;
  let lost = 0;
  const told = (error) => {
    if (error) bad++;
    else good++;
  };
  for (let i = 0; i < 200; i++) client.write(Buffer.alloc(CHUNK), i % 2 ? told : undefined);
  client.on('send-failed', (one) => {
    if (one.error) lost++;
  });
  await new Promise((resolve) => client.once('send-failed', resolve) && peer.abort());
  await closed(client);
  assert.strictEqual(good + bad, 100);
  assert.ok(bad > 0);
  assert.ok(lost > 0 && lost <= 100);
});
