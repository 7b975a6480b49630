'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const {
  sctp, clientBase, serverBase, listen, connect, connectOptions, pair, record, likeNet,
} = require('./support');

test('a connection shows its addresses on both sides', async (t) => {
  const { server, client, peer } = await pair(t);
  assert.strictEqual(client.remoteAddress, '127.0.0.1');
  assert.strictEqual(client.remotePort, server.address().port);
  assert.strictEqual(client.remoteFamily, 'IPv4');
  assert.deepStrictEqual(client.remoteAddresses, ['127.0.0.1']);
  assert.strictEqual(client.localFamily, 'IPv4');
  assert.strictEqual(client.localPort, peer.remotePort);
  assert.strictEqual(client.localAddress, peer.remoteAddress);
  assert.ok(client.localAddresses.includes('127.0.0.1'));
  assert.strictEqual(peer.localPort, server.address().port);
  assert.deepStrictEqual(client.address(),
    { address: '127.0.0.1', family: 'IPv4', port: client.localPort });
});

test('peerInfoByAddress is filled at connect', async (t) => {
  const { client } = await pair(t);
  const info = client.peerInfoByAddress['127.0.0.1'];
  assert.deepStrictEqual(Object.keys(info), ['state', 'stateName', 'cwnd', 'srtt', 'rto', 'mtu']);
  assert.strictEqual(info.state, sctp.constants.SCTP_ACTIVE);
  assert.ok(info.cwnd > 0 && info.mtu > 500 && info.rto > 0);
});

test('states while connecting, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const server = mod.createServer(serverBase).listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    server.on('connection', (socket) => socket.resume());
    await once(server, 'listening');
    const seen = [];
    const look = (socket, when) => seen.push([when, socket.connecting, socket.pending,
      socket.readyState, socket.destroyed]);
    const client = mod.connect({ ...clientBase, host: '127.0.0.1', port: server.address().port });
    look(client, 'called');
    await once(client, 'connect');
    look(client, 'connected');
    client.end();
    look(client, 'ended');
    client.resume();
    await once(client, 'close');
    look(client, 'closed');
    server.close();
    await once(server, 'close');
    return seen;
  });
});

test('event order of connect, end and close, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const events = [];
    const names = ['connect', 'ready', 'end', 'finish', 'close'];
    const server = mod.createServer(serverBase, (socket) => socket.resume());
    server.listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const client = mod.connect({ ...clientBase, host: '127.0.0.1', port: server.address().port },
      () => client.end('last'));
    record(client, names, events);
    client.resume();
    await once(client, 'close');
    server.close();
    await once(server, 'close');
    return events;
  });
});

test('a refused connection is an error like net\'s', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    // A port that was free a moment ago. The server stays: on usrsctp somebody must
    // hear the INIT to refuse it.
    const other = mod.createServer(serverBase).listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(other, 'listening');
    const free = mod.createServer(serverBase).listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(free, 'listening');
    const { port } = free.address();
    free.close();
    await once(free, 'close');
    const client = mod.connect({ ...clientBase, host: '127.0.0.1', port });
    const events = record(client, ['connect', 'ready', 'end', 'close'], []);
    const [error] = await once(client, 'error');
    await once(client, 'close');
    other.close();
    assert.strictEqual(error.port, port);
    const { code, errno, syscall, address } = error;
    return { code, errno, syscall, address, events, isError: error instanceof Error,
      start: error.message.startsWith(`connect ECONNREFUSED 127.0.0.1:${port}`) };
  });
});

test('arguments are checked at the call', () => {
  const bad = [
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [{ host: '127.0.0.1' }, 'ERR_MISSING_ARGS'],
    [{ port: -1 }, 'ERR_SOCKET_BAD_PORT'],
    [{ port: 65536 }, 'ERR_SOCKET_BAD_PORT'],
    [{ port: 1, host: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ port: 1, host: '127.0.0.1', remoteAddresses: ['127.0.0.1'] }, 'ERR_INVALID_ARG_VALUE'],
    [{ port: 1, remoteAddresses: [] }, 'ERR_INVALID_ARG_VALUE'],
    [{ port: 1, remoteAddresses: '127.0.0.1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ port: 1, localAddress: '127.0.0.1', localAddresses: ['127.0.0.1'] },
      'ERR_INVALID_ARG_VALUE'],
    [{ port: 1, localAddress: 'nowhere' }, 'ERR_INVALID_IP_ADDRESS'],
    [{ port: 1, localPort: 65536 }, 'ERR_SOCKET_BAD_PORT'],
    [{ port: 1, MIS: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ port: 1, OS: '5' }, 'ERR_INVALID_ARG_TYPE'],
    [{ port: 1, highWaterMark: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ port: 1, sctp: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ port: 1, sctp: { sack: { delay: 501 } } }, 'ERR_OUT_OF_RANGE'],
    [{ port: 1, stack: 'tcp' }, 'ERR_INVALID_ARG_VALUE'],
    [{ port: 1, signal: {} }, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [options, code] of bad) {
    assert.throws(() => sctp.connect(options), { code }, JSON.stringify(options));
  }
});

test('a host name is looked up, and lookup is told of', async (t) => {
  const server = await listen(t);
  const { port } = server.address();
  const client = sctp.connect({
    ...clientBase, host: 'name.test', port,
    lookup: (host, options, callback) =>
      process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]),
  });
  client.on('error', () => {}); // of the clean-up
  t.after(() => client.destroy());
  const [error, address, family, host] = await once(client, 'lookup');
  assert.deepStrictEqual([error, address, family, host], [null, '127.0.0.1', 4, 'name.test']);
  await once(client, 'connect');
});

test('a host name that does not exist is an error', async () => {
  const failure = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  const client = sctp.connect({
    ...clientBase, host: 'name.test', port: 1, lookup: (host, options, callback) =>
      process.nextTick(callback, failure),
  });
  const [error] = await once(client, 'error');
  assert.strictEqual(error, failure);
  await once(client, 'close');
});

test('connectAsync resolves to a connected socket and rejects with the error', async (t) => {
  const server = await listen(t);
  const client = await sctp.connectAsync(connectOptions(server));
  assert.strictEqual(client.connecting, false);
  client.destroy();
  server.close();
  const other = await listen(t);
  const { port } = server.address() ?? { port: 1 };
  await assert.rejects(sctp.connectAsync(connectOptions(other, { port })),
    { code: 'ECONNREFUSED', syscall: 'connect' });
});

test('a signal cancels a connection attempt', async (t) => {
  const server = await listen(t);
  const controller = new AbortController();
  const promise = sctp.connectAsync(connectOptions(server, { signal: controller.signal }));
  controller.abort();
  await assert.rejects(promise, { name: 'AbortError', code: 'ABORT_ERR' });
  await assert.rejects(sctp.connectAsync(
    connectOptions(server, { signal: AbortSignal.abort() })), { name: 'AbortError' });
});

test('connectTimeout ends an attempt that nobody answers', async (t) => {
  const server = await listen(t);
  // A black hole: TEST-NET-1, or for usrsctp a UDP port that nobody reads.
  const silent = require('node:dgram').createSocket('udp4');
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const client = sctp.connect({ ...clientBase, stack: 'usrsctp', host: '127.0.0.1', port: 5,
    udpEncapsulation: { remotePort: silent.address().port }, connectTimeout: 50 });
  const [error] = await once(client, 'error');
  assert.strictEqual(error.code, 'ETIMEDOUT');
  assert.strictEqual(error.syscall, 'connect');
  server.close();
});

test('destroying while connecting closes without an error, as net', async () => {
  await likeNet(assert, async (mod, serverBase, clientBase) => {
    const server = mod.createServer(serverBase, (socket) => socket.on('error', () => {}))
      .listen({ ...serverBase, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const client = mod.connect({ ...clientBase, host: '127.0.0.1', port: server.address().port });
    const events = record(client, ['connect', 'ready', 'error', 'end', 'close'], []);
    client.destroy();
    await once(client, 'close');
    server.close();
    await once(server, 'close');
    return events;
  });
});

test('the peer has a name for observers', async (t) => {
  const { client } = await pair(t, { client: { peerName: 'hlr' } });
  assert.strictEqual(client.peerName, 'hlr');
  const { peer } = await pair(t, { server: { peerName: 'msc' } });
  assert.strictEqual(peer.peerName, 'msc');
});

test('connect takes its local address and port', async (t) => {
  const server = await listen(t);
  const client = connect(t, server, { localAddresses: ['127.0.0.1'] });
  await once(client, 'connect');
  assert.deepStrictEqual(client.localAddresses, ['127.0.0.1']);
});

for (const host of ['127.0.0.1', '::1']) {
  test(`connect takes a local port alone, to ${host}`, async (t) => {
    const server = await listen(t, { listenOptions: { host } });
    const localPort = 4000 + (process.pid % 1000);
    const accepted = once(server, 'connection');
    const client = connect(t, server, { localPort });
    const [[peer]] = await Promise.all([accepted, once(client, 'connect')]);
    assert.strictEqual(client.localPort, localPort);
    assert.strictEqual(peer.remotePort, localPort);
  });
}

test('IPv6', async (t) => {
  const server = await listen(t, { listenOptions: { host: '::1' } });
  assert.strictEqual(server.address().family, 'IPv6');
  const accepted = once(server, 'connection');
  const client = connect(t, server);
  const [[peer]] = await Promise.all([accepted, once(client, 'connect')]);
  for (const socket of [client, peer]) {
    assert.strictEqual(socket.localFamily, 'IPv6');
    assert.strictEqual(socket.remoteFamily, 'IPv6');
    assert.strictEqual(socket.remoteAddress, '::1');
  }
});

test('destroying while a name is looked up closes, and the answer comes to nothing', async (t) => {
  const server = await listen(t);
  let answer;
  const client = sctp.connect({
    ...clientBase, host: 'name.test', port: server.address().port,
    lookup: (host, options, callback) => (answer = callback),
  });
  client.destroy();
  const [hadError] = await once(client, 'close');
  assert.strictEqual(hadError, false);
  answer(null, [{ address: '127.0.0.1', family: 4 }]);
  assert.strictEqual(client.connecting, false);
});
