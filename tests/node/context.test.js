'use strict';

// AsyncLocalStorage: what a socket or a server tells runs in the context of who made it,
// and a callback in that of who gave it, as with net.

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const test = require('node:test');
const { likeNet, listen, connect, pair } = require('./support');

const storage = new AsyncLocalStorage();

test('events come in the context of who made the socket or server, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const seen = new Set();
    const note = (what) => seen.add(`${what}: ${storage.getStore()}`);
    const watch = (socket, name) => {
      for (const event of ['connect', 'ready', 'data', 'end']) {
        socket.on(event, () => note(`${name} ${event}`));
      }
      return socket;
    };
    const server = storage.run('server', () => mod.createServer(serverBase, (socket) => {
      note('connection');
      socket.on('data', (data) => socket.write(data));
    }).listen({ ...serverBase, host: '127.0.0.1', port: 0 }).on('listening', () => note('listening')));
    await once(server, 'listening');
    const options = { ...clientBase, host: '127.0.0.1', port: server.address().port,
      highWaterMark: 1000 };
    const clients = ['one', 'two', 'three'].map((name) => storage.run(name, () => {
      const socket = watch(mod.connect(options, () => note(`${name} callback`)), name);
      socket.write('x', () => note(`${name} written`));
      return socket;
    }));
    const closed = clients.map((socket) => once(socket, 'close'));
    await Promise.all(clients.map((socket) => once(socket, 'data')));
    for (const socket of clients) {
      // Whoever calls, the answer is the socket's.
      storage.run('caller', () => socket.write(Buffer.alloc(2000)));
      await once(socket, 'data');
      socket.end();
    }
    await Promise.all(closed);
    server.close();
    await once(server, 'close');
    return [...seen].sort();
  });
});

test('callbacks of write() and end() come in the context of who gave them, as net', async () => {
  const taken = await likeNet(assert, async (mod, serverBase, clientBase) => {
    const seen = [];
    const note = (what) => () => seen.push(`${what}: ${storage.getStore()}`);
    const server = mod.createServer(serverBase, (socket) => socket.resume());
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const client = storage.run('create', () => mod.connect(
      { ...clientBase, host: '127.0.0.1', port: server.address().port }));
    client.resume();
    await once(client, 'connect');
    // The later ones wait for those before.
    storage.run('one', () => client.write('x', note('one')));
    storage.run('large', () => client.write(Buffer.alloc(900_000), note('large')));
    storage.run('queued', () => client.write('y', note('queued')));
    storage.run('last', () => client.end('z', note('end')));
    await once(client, 'close');
    server.close();
    await once(server, 'close');
    return seen;
  });
  assert.deepStrictEqual(taken, ['one: one', 'large: large', 'queued: queued', 'end: last']);
});

test('callbacks of messages that waited for the connection come there, too', async (t) => {
  const server = await listen(t);
  const client = connect(t, server);
  const seen = await storage.run('before', () => new Promise((resolve) => {
    client.write('x', () => resolve(storage.getStore()));
  }));
  assert.strictEqual(seen, 'before');
});

test('callbacks of messages that fail come in the context of who gave them', async (t) => {
  const { client } = await pair(t, { client: { highWaterMark: 1000 } });
  const seen = [];
  const note = (what) => (error) => seen.push(`${what} ${error.code}: ${storage.getStore()}`);
  const refused = storage.run('refused', () => new Promise((resolve) => {
    client.send('x', { to: '127.0.0.9' }, (error) => resolve(note('refused')(error)));
  }));
  await refused;
  storage.run('first', () => client.write(Buffer.alloc(2000), note('first')));
  storage.run('second', () => client.write('waits', note('second')));
  client.destroy();
  await once(client, 'close');
  assert.deepStrictEqual(seen, ['refused ERR_INVALID_ARG_VALUE: refused',
    'first ERR_STREAM_DESTROYED: first', 'second ERR_STREAM_DESTROYED: second']);
});
