'use strict';

// Whom a server takes, and what it calls them.

const assert = require('node:assert');
const { once } = require('node:events');
const test = require('node:test');
const { sctp, onKernel, serverBase, clientBase, listen, connect, collect, closed } =
  require('./support');

test('a server names its peers one by one', async (t) => {
  const asked = [];
  const server = await listen(t, {
    peerName: (remote) => {
      asked.push(remote);
      return `peer ${asked.length}`;
    },
  });
  for (const expected of ['peer 1', 'peer 2']) {
    const accepted = once(server, 'connection');
    const client = connect(t, server);
    client.write('early'); // waits until the peer has its name
    const [peer] = await accepted;
    assert.strictEqual(peer.peerName, expected);
    assert.strictEqual((await collect(peer, 1))[0].toString(), 'early');
    assert.strictEqual(asked.at(-1).port, client.localPort);
  }
  assert.deepStrictEqual(asked.map(({ address, family }) => [address, family]),
    [['127.0.0.1', 'IPv4'], ['127.0.0.1', 'IPv4']]);
});

for (const [what, peerName] of [
  ['throws', () => { throw new Error('no idea'); }],
  ['throws null', () => { throw null; }],
  ['gives no string', () => 5],
]) {
  test(`a peerName that ${what} is a warning, and the address is the name`, async (t) => {
    const server = await listen(t, { peerName });
    const warned = once(process, 'warning');
    const accepted = once(server, 'connection');
    const client = connect(t, server);
    const [warning] = await warned;
    assert.strictEqual(warning.code, 'LKSCTP_PEER_NAME');
    const [peer] = await accepted;
    assert.strictEqual(peer.peerName, '127.0.0.1');
    client.write('x');
    await collect(peer, 1);
  });
}

test('a server that closes while it names a peer', async (t) => {
  const server = await listen(t, {
    peerName: () => {
      server.close();
      return 'too late';
    },
  });
  server.on('connection', () => assert.fail('it has closed'));
  const serverClosed = once(server, 'close');
  const client = connect(t, server);
  await Promise.all([serverClosed, closed(client)]);
});

test('peerName is a string or a function', () => {
  for (const peerName of [5, {}, null, true]) {
    assert.throws(() => sctp.createServer({ peerName }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
});

const at = (server, host) => ({ ...clientBase, host, port: server.address().port });

test('the any address of IPv6 takes IPv4 peers too', async (t) => {
  const server = await listen(t, { listenOptions: { host: '::' } });
  assert.deepStrictEqual(server.getLocalAddresses().map(({ address }) => address), ['::']);
  for (const [host, family] of [['127.0.0.1', 'IPv4'], ['::1', 'IPv6']]) {
    const accepted = once(server, 'connection');
    const client = await sctp.connectAsync(at(server, host));
    t.after(() => client.destroy());
    const [peer] = await accepted;
    assert.deepStrictEqual([peer.remoteAddress, peer.remoteFamily], [host, family]);
  }
});

test('ipv6Only takes none', async (t) => {
  const server = await listen(t, { listenOptions: { host: undefined, ipv6Only: true } });
  assert.strictEqual(server.address().address, '::');
  await assert.rejects(sctp.connectAsync(at(server, '127.0.0.1')), { code: 'ECONNREFUSED' });
  const client = await sctp.connectAsync(at(server, '::1'));
  t.after(() => client.destroy());
});

test('ipv6Only and an address of IPv4 exclude each other', async () => {
  const server = sctp.createServer(serverBase);
  assert.throws(() => server.listen({ ipv6Only: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
  server.listen({ host: '127.0.0.1', ipv6Only: true });
  const [error] = await once(server, 'error');
  assert.strictEqual(error.code, 'ERR_INVALID_ARG_VALUE');
  assert.match(error.message, /ipv6Only/);
});

test('errors name options as they are written here', { skip: onKernel }, async () => {
  // Nobody listens there.
  await assert.rejects(
    sctp.connectAsync({ ...clientBase, host: '127.0.0.1', port: 9, udpEncapsulation: { remotePort: 9 } }),
    ({ code, message }) => {
      assert.strictEqual(code, 'ECONNREFUSED');
      assert.match(message, /udpEncapsulation\.remotePort/);
      assert.doesNotMatch(message, /remote_port/);
      return true;
    });
});
