'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const { sctp, serverBase, listen, connect, likeNet, record } = require('./support');

test('listen returns the server; listening and the callback come later', async () => {
  await likeNet(assert, async (mod, serverBase) => {
    const order = [];
    const server = mod.createServer(serverBase);
    server.on('listening', () => order.push('event'));
    const returned = server.listen({ ...serverBase, host: '127.0.0.1', port: 0 }, () =>
      order.push('callback'));
    order.push('returned', returned === server, server.listening);
    await once(server, 'listening');
    order.push(server.listening, typeof server.address().port, server.address().family);
    server.close();
    await once(server, 'close');
    order.push(server.listening, server.address());
    return order.filter((one) => one !== 'x');
  });
});

test('port defaults to one that is free', async (t) => {
  const server = await listen(t);
  assert.ok(server.address().port > 0);
  assert.deepStrictEqual(server.getLocalAddresses(), [server.address()]);
});

test('several local addresses', async (t) => {
  const server = await listen(t,
    { listenOptions: { host: undefined, localAddresses: ['127.0.0.1', '127.0.0.2'] } });
  const bound = server.getLocalAddresses();
  assert.deepStrictEqual(bound.map(({ address }) => address).sort(), ['127.0.0.1', '127.0.0.2']);
  assert.ok(bound.every(({ port }) => port === server.address().port));
  for (const host of ['127.0.0.1', '127.0.0.2']) {
    const client = connect(t, server, { host });
    await once(client, 'connect');
  }
});

test('arguments are checked at the call', () => {
  assert.throws(() => sctp.createServer(5), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => sctp.createServer({}, 5), { code: 'ERR_INVALID_ARG_TYPE' });
  const bad = [
    [{ port: -1 }, 'ERR_SOCKET_BAD_PORT'],
    [{ port: 65536 }, 'ERR_SOCKET_BAD_PORT'],
    [{ port: 'x' }, 'ERR_SOCKET_BAD_PORT'],
    [{ host: '127.0.0.1', localAddresses: ['127.0.0.1'] }, 'ERR_INVALID_ARG_VALUE'],
    [{ localAddresses: [] }, 'ERR_INVALID_ARG_VALUE'],
    [{ localAddresses: '127.0.0.1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ host: 'nowhere' }, 'ERR_INVALID_IP_ADDRESS'],
    [{ backlog: '5' }, 'ERR_INVALID_ARG_TYPE'],
    [{ signal: 5 }, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [options, code] of bad) {
    assert.throws(() => sctp.createServer().listen(options), { code }, JSON.stringify(options));
  }
});

test('errors of listen, as net', async () => {
  await likeNet(assert, async (mod, serverBase) => {
    const results = [];
    const first = mod.createServer(serverBase).listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(first, 'listening');
    const { port } = first.address();
    for (const options of [{ host: '127.0.0.1', port }, { host: '192.0.2.1', port: 0 }]) {
      const server = mod.createServer(serverBase);
      const events = record(server, ['listening', 'close'], []);
      server.listen({ ...serverBase, ...options });
      const [error] = await once(server, 'error');
      const { code, errno, syscall, address } = error;
      results.push({ code, errno, syscall, address, events, listening: server.listening,
        samePort: error.port === options.port });
    }
    first.close();
    await once(first, 'close');
    return results.map(({ samePort, ...rest }) => rest);
  });
});

test('listening twice throws; after an error or close it may listen again', async () => {
  await likeNet(assert, async (mod, serverBase) => {
    const options = { ...serverBase, host: '127.0.0.1', port: 0 };
    const server = mod.createServer(serverBase).listen(options);
    await once(server, 'listening');
    let code;
    try {
      server.listen(options);
    } catch (error) {
      ({ code } = error);
    }
    server.close();
    await once(server, 'close');
    server.listen(options);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return code;
  });
});

test('close: callbacks, events, and a server that does not run, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const order = [];
    const server = mod.createServer(serverBase);
    await new Promise((resolve) => server.close((error) => {
      order.push(error.code);
      resolve();
    }));
    server.listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const client = mod.connect({ ...clientBase, host: '127.0.0.1', port: server.address().port });
    const [socket] = await accepted;
    socket.resume();
    client.resume();
    server.on('close', () => order.push('close'));
    server.close((error) => order.push(['callback', error]));
    order.push(server.listening);
    await new Promise((resolve) => server.getConnections((error, count) => {
      order.push(['connections', error, count]);
      resolve();
    }));
    socket.on('close', () => order.push('socket closed'));
    client.end();
    await Promise.all([once(server, 'close'), once(socket, 'close')]);
    return order;
  });
});

test('maxConnections and drop, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const server = mod.createServer(serverBase, (socket) => {
      socket.on('error', () => {});
      socket.resume();
    });
    server.maxConnections = 1;
    server.listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const { port } = server.address();
    const options = { ...clientBase, host: '127.0.0.1', port };
    const accepted = once(server, 'connection');
    const first = mod.connect(options);
    await Promise.all([accepted, once(first, 'connect')]);
    const dropped = once(server, 'drop');
    const second = mod.connect(options);
    second.on('error', () => {});
    second.resume();
    const closed = once(second, 'close');
    const [data] = await dropped;
    await closed;
    first.destroy();
    server.close();
    await once(server, 'close');
    return { keys: Object.keys(data).sort(), localPort: data.localPort === port,
      remoteAddress: data.remoteAddress, family: data.remoteFamily };
  });
});

test('a signal closes the server', async () => {
  const controller = new AbortController();
  const server = sctp.createServer(serverBase);
  server.listen({ host: '127.0.0.1', signal: controller.signal });
  await once(server, 'listening');
  controller.abort();
  await once(server, 'close');
  assert.strictEqual(server.listening, false);
});

test('asyncDispose closes the server', async () => {
  const dispose = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');
  const server = sctp.createServer(serverBase);
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  await server[dispose]();
  assert.strictEqual(server.listening, false);
  await server[dispose]();
});

test('many connections at once are all accepted', async (t) => {
  const server = await listen(t);
  let accepted = 0;
  const all = new Promise((resolve) => server.on('connection', (socket) => {
    socket.resume();
    if (++accepted === 100) resolve();
  }));
  const clients = Array.from({ length: 100 }, () => connect(t, server));
  await Promise.all([all, ...clients.map((client) => once(client, 'connect'))]);
});

test('a server that listens again at once after close still tells of the close, as net', async () => {
  await likeNet(assert, async (mod, serverBase) => {
    const server = mod.createServer(serverBase);
    const told = [];
    server.on('close', () => told.push('close'));
    server.listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    await new Promise((resolve) => {
      server.close((error) => {
        told.push(`callback: ${error}`);
        resolve();
      });
      server.listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    });
    if (!server.listening) await once(server, 'listening');
    told.push(`again: ${server.listening} ${server.address() !== null}`);
    server.close(() => told.push('second callback'));
    await once(server, 'close');
    told.push(`end: ${server.listening}`);
    return told;
  });
});
