'use strict';

// Options that show outside of this package: in the stack, or in another one's place.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const dgram = require('node:dgram');
const { once } = require('node:events');
const fs = require('node:fs');
const test = require('node:test');
const { sctp, stack, onKernel, serverBase, listen, connect, pair, collect } =
  require('./support');
const { root, run } = require('./program');

test('createConnection is connect', () => {
  assert.strictEqual(sctp.createConnection, sctp.connect);
});

test('noDelay is on unless it is switched off, on both sides', async (t) => {
  const { client, peer } = await pair(t, { client: { noDelay: false }, server: { noDelay: true } });
  assert.deepStrictEqual([client.options().noDelay, peer.options().noDelay], [false, true]);
  const other = await pair(t, { server: { noDelay: false } });
  assert.deepStrictEqual(
    [other.client.options().noDelay, other.peer.options().noDelay], [true, false]);
});

test('MIS and OS are what INIT asks for', async (t) => {
  const { client, peer } = await pair(t, { client: { OS: 12, MIS: 3 }, server: { OS: 5, MIS: 7 } });
  const streams = (socket) => {
    const { numberOfOutgoingStreams, numberOfIncomingStreams } = socket.status();
    return [numberOfOutgoingStreams, numberOfIncomingStreams];
  };
  assert.deepStrictEqual([streams(client), streams(peer)], [[7, 3], [3, 7]]);
  client.write(Object.assign(Buffer.from('x'), { sid: 6 }));
  assert.strictEqual((await collect(peer, 1))[0].sid, 6);
});

const noSs = (!onKernel && 'usrsctp shows no list of those that listen') ||
  (spawnSync('ss', ['-S']).status !== 0 && 'needs ss');
test('backlog is the kernel\'s', { skip: noSs }, async (t) => {
  for (const backlog of [7, 90]) {
    const server = await listen(t, { listenOptions: { host: '127.0.0.1', backlog } });
    const { stdout } = spawnSync('ss', ['-SlnH'], { encoding: 'utf8' });
    const line = stdout.split('\n').find((one) => one.includes(`:${server.address().port} `));
    assert.strictEqual(Number(line.trim().split(/\s+/)[2]), backlog, line);
  }
});

test('highWaterMark is that of both directions', async (t) => {
  const { client, peer } = await pair(t, { client: { highWaterMark: 5000 }, server: {} });
  assert.deepStrictEqual(
    [client.writableHighWaterMark, client.readableHighWaterMark], [5000, 5000]);
  assert.strictEqual(peer.writableHighWaterMark, 16 * 1024 * (process.versions.node >= '22' ? 4 : 1));
});

test('one local address, by its own name', async (t) => {
  const server = await listen(t);
  const accepted = once(server, 'connection');
  const client = connect(t, server, { localAddress: '127.0.0.1' });
  const [[peer]] = await Promise.all([accepted, once(client, 'connect')]);
  assert.deepStrictEqual(client.localAddresses, ['127.0.0.1']);
  assert.deepStrictEqual(peer.remoteAddresses, ['127.0.0.1']);
});

test('a host name goes through the system\'s lookup', async (t) => {
  const server = await listen(t);
  const client = connect(t, server, { host: 'localhost', family: 4 });
  const [[error, address]] = await Promise.all([once(client, 'lookup'), once(client, 'connect')]);
  assert.deepStrictEqual([error, address], [null, '127.0.0.1']);
});

const FACTS = ['localFamily', 'localPort', 'localAddress', 'localAddresses', 'remoteFamily',
  'remotePort', 'remoteAddress', 'remoteAddresses', 'peerInfoByAddress'];
test('facts are plain properties', async (t) => {
  const { client } = await pair(t);
  for (const name of FACTS) {
    assert.notStrictEqual(Object.getOwnPropertyDescriptor(client, name)?.value, undefined, name);
  }
});

// ---- which stack ---------------------------------------------------------------------

test('the stack of the call is stronger than that of the environment', async () => {
  const { output } = await run(`
    console.log(sctp.capabilities(${JSON.stringify(stack)}).stack);
    try {
      sctp.createServer({ stack: 'tcp' });
    } catch (error) {
      console.log(error.code);
    }
    try {
      sctp.createServer();
    } catch (error) {
      console.log(error.message.includes('LKSCTP_STACK'), error.code);
    }`, { env: { LKSCTP_STACK: 'dccp' } });
  assert.strictEqual(output.trim(), `${stack}\nERR_INVALID_ARG_VALUE\ntrue ERR_INVALID_ARG_VALUE`);
});

test('auto is the kernel where it has SCTP, without a word', { skip: !onKernel }, async () => {
  const { output, code } = await run(`
    const { client } = await pair();
    console.log(sctp.capabilities().stack);
    process.exit(client.status().state === sctp.constants.SCTP_ESTABLISHED ? 0 : 1);
  `, { env: { LKSCTP_STACK: 'auto' } });
  assert.deepStrictEqual([output.trim(), code], ['kernel', 0]);
});

const mayHide = !onKernel && spawnSync('unshare', ['--mount', 'true']).status === 0;
test('where nothing serves, the error names both cures', { skip: !mayHide && 'needs a mount namespace on a kernel without SCTP' }, () => {
  const program = `
    const sctp = require(${JSON.stringify(root)});
    const server = sctp.createServer({ stack: 'auto' }).listen({ host: '127.0.0.1' });
    server.on('error', ({ code, message }) => console.log(JSON.stringify({ code, message })));`;
  const hide = 'for one in /usr/lib/*/libusrsctp.so.2 /usr/lib/*/libusrsctp.so; do ' +
    'mount --bind /dev/null "$(readlink -f "$one")"; done; exec "$0" -e "$1"';
  const { stdout, stderr } = spawnSync('unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', hide, process.execPath, program],
    { encoding: 'utf8', env: { ...process.env, LKSCTP_STACK: '' } });
  const { code, message } = JSON.parse(stdout || stderr);
  assert.strictEqual(code, 'ERR_SCTP_STACK_UNAVAILABLE');
  assert.match(message, /modprobe sctp/);
  assert.match(message, /libusrsctp2/);
});

// ---- UDP encapsulation, RFC 6951 -------------------------------------------------------

/** Passes on what comes to its port, between a client and the port of a server. */
async function middleman(t, serverPort) {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const middle = { port: socket.address().port, packets: 0 };
  let near = serverPort; // the kernel has one port for both ends
  socket.on('message', (packet, { port }) => {
    middle.packets++;
    if (port !== serverPort) near = port;
    socket.send(packet, port === serverPort ? near : serverPort, '127.0.0.1');
  });
  return middle;
}

/** A message over UDP, seen on its way. */
async function throughMiddle(t, localPort) {
  const server = await listen(t, { udpEncapsulation: { localPort } });
  const middle = await middleman(t, localPort);
  const client = connect(t, server, { udpEncapsulation: { remotePort: middle.port } });
  const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  const handshake = middle.packets;
  assert.ok(handshake >= 4, `${handshake} packets`);
  client.write('over UDP');
  assert.strictEqual(String((await collect(peer, 1))[0]), 'over UDP');
  assert.ok(middle.packets > handshake);
}

test('usrsctp speaks over the UDP ports it is told', { skip: onKernel && 'of usrsctp' },
  (t) => throughMiddle(t, serverBase.udpEncapsulation.localPort));

const UDP_PORT = '/proc/sys/net/sctp/udp_port';
const noUdp = (!onKernel && 'of the kernel') ||
  (!fs.existsSync(UDP_PORT) && 'needs Linux 5.11') || (process.getuid() !== 0 && 'needs root');
test('the kernel speaks over its own UDP port, and no other', { skip: noUdp }, async (t) => {
  const before = fs.readFileSync(UDP_PORT);
  t.after(() => fs.writeFileSync(UDP_PORT, before));
  const refused = async (why) => {
    const server = sctp.createServer({ stack, udpEncapsulation: { localPort: 9899 } })
      .listen({ host: '127.0.0.1' });
    const [error] = await once(server, 'error');
    assert.strictEqual(error.code, 'ERR_SCTP_NOT_SUPPORTED');
    assert.match(error.message, why);
  };
  fs.writeFileSync(UDP_PORT, '0');
  await refused(/net\.sctp\.udp_port=9899/);
  fs.writeFileSync(UDP_PORT, '9900');
  await refused(/net\.sctp\.udp_port, which is 9900/);
  await throughMiddle(t, 9900);
});
