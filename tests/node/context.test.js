'use strict';

// AsyncLocalStorage: what a socket or a server tells runs in the context of who made it,
// as with net.

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const test = require('node:test');
const { likeNet } = require('./support');

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
