'use strict';

// What happens between two hosts: a peer that restarts, addresses that come and go, paths
// of both families, messages that outlive their time. On kernel SCTP with interfaces of
// its own, hence as root (script/guest); usrsctp has one path, over the loopback.

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const test = require('node:test');
const { sctp, stack, onKernel, udpPort, listen, connect, pair } = require('./support');
const { preamble } = require('./program');

const near = '10.77.0.1';
const far = '10.77.0.2';
const added = '10.77.0.3';

function ip(...args) {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(`ip ${args.join(' ')}: ${stderr}`);
}

/** Whether interfaces can be made here. */
function mayChangeNetwork() {
  return process.getuid() === 0 && spawnSync('ip', ['link', 'show', 'lo']).status === 0 &&
    spawnSync('ip', ['link', 'add', 'lksctp-try', 'type', 'dummy']).status === 0 &&
    spawnSync('ip', ['link', 'del', 'lksctp-try']).status === 0;
}
const noNetwork = onKernel && !mayChangeNetwork() && 'needs root, and interfaces of type dummy';

/** The first notification that `wanted` wants. */
function notified(socket, wanted) {
  return new Promise((resolve) => socket.on('notification', function told(one) {
    if (!wanted(one.event)) return;
    socket.removeListener('notification', told);
    resolve(one);
  }));
}

const SCTP_PORT = 4021;
/** A client that is killed, or cut off, and comes back from the same address and port. */
const client = `${preamble}
  const { spawnSync } = require('node:child_process');
  const [port, udpLocal, link, host, local] = process.argv.slice(1);
  const options = { host, port, localAddress: local || undefined, localPort: ${SCTP_PORT}, OS: 4 };
  if (udpLocal) options.udpEncapsulation = { localPort: +udpLocal, remotePort: ${udpPort} };
  const up = () => new Promise((resolve) => {
    const socket = quiet(sctp.connect(options, () => resolve(socket)));
  });
  (async () => {
    const socket = await up();
    console.log('up');
    if (!link) return;
    process.stdin.once('data', async () => {
      // Nothing says goodbye.
      spawnSync('ip', ['link', 'set', link, 'down']);
      socket.destroy();
      await once(socket, 'close');
      spawnSync('ip', ['link', 'set', link, 'up']);
      (await up()).write('again');
    });
  })();`;

test('a peer that restarts keeps its association', { skip: noNetwork }, async (t) => {
  const run = (args) => {
    const command = [process.execPath, '-e', client, ...args];
    if (onKernel) command.unshift('ip', 'netns', 'exec', 'lksctp-far');
    const child = spawn(command[0], command.slice(1),
      { env: { ...process.env, LKSCTP_STACK: stack }, stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    return child;
  };
  if (onKernel) {
    ip('netns', 'add', 'lksctp-far');
    t.after(() => ip('netns', 'del', 'lksctp-far'));
    ip('link', 'add', 'lksctp-near', 'type', 'veth', 'peer', 'name', 'lksctp-far', 'netns', 'lksctp-far');
    ip('addr', 'add', `${near}/24`, 'dev', 'lksctp-near');
    ip('link', 'set', 'lksctp-near', 'up');
    ip('-n', 'lksctp-far', 'addr', 'add', `${far}/24`, 'dev', 'lksctp-far');
    ip('-n', 'lksctp-far', 'link', 'set', 'lksctp-far', 'up');
  }
  const server = await listen(t,
    { listenOptions: { host: onKernel ? near : '127.0.0.1' }, OS: 5 });
  const { address, port } = server.address();
  // The client's UDP port is none of other test programs.
  const args = onKernel ? [port, '', 'lksctp-far', address, far] :
    [port, udpPort - 12_000, '', address, ''];
  const accepted = once(server, 'connection');
  server.on('connection', (socket) => {
    if (socket !== peer) assert.fail('a restart is not another connection');
  });
  let peer;
  server.prependListener('connection', (socket) => (peer ??= socket));
  const first = run(args);
  await Promise.all([accepted, once(first.stdout, 'data')]);
  peer.resume();
  const restarted = notified(peer, ({ stateName }) => stateName === 'SCTP_RESTART');
  if (onKernel) {
    first.stdin.write('go');
  } else {
    first.kill('SIGKILL');
    await once(first, 'exit');
    run(args);
  }
  const { interpreted, parsed, event } = await restarted;
  assert.match(interpreted, /^SCTP_ASSOC_CHANGE: SCTP_RESTART, MIS 4 \/ OS 5$/);
  assert.strictEqual(parsed.sn_assoc_change.sac_state, 2);
  assert.strictEqual(event.outboundStreams, 5);
  assert.strictEqual(peer.destroyed, false);
  assert.strictEqual(peer.statistics().restarts, 1);
  assert.strictEqual(await new Promise((resolve) => peer.write('still here', resolve)) ?? null, null);
});

/** Sets a sysctl for the time of a test. */
function sysctl(t, name, value) {
  const file = `/proc/sys/net/sctp/${name}`;
  const before = fs.readFileSync(file);
  fs.writeFileSync(file, value);
  t.after(() => fs.writeFileSync(file, before));
}

test('address-change: addresses that come and go, on both sides', {
  skip: onKernel ? noNetwork : 'usrsctp has one path here',
}, async (t) => {
  for (const name of ['addip_enable', 'addip_noauth_enable', 'default_auto_asconf']) {
    sysctl(t, name, '1');
  }
  ip('link', 'add', 'lksctp-many', 'type', 'dummy');
  t.after(() => ip('link', 'del', 'lksctp-many'));
  ip('addr', 'add', `${near}/24`, 'dev', 'lksctp-many');
  ip('link', 'set', 'lksctp-many', 'up');
  const server = await listen(t, { listenOptions: { host: '0.0.0.0' } });
  const accepted = once(server, 'connection');
  const socket = connect(t, server, { host: near });
  const [[peer]] = await Promise.all([accepted, once(socket, 'connect')]);
  // Both arrays are current before the event.
  const changed = (one, field, has) => new Promise((resolve) => {
    one.on('address-change', () => one[field].includes(added) === has && resolve());
  });
  const came = [changed(socket, 'remoteAddresses', true), changed(peer, 'remoteAddresses', true),
    changed(socket, 'localAddresses', true)];
  const told = notified(peer, ({ stateName }) => stateName === 'SCTP_ADDR_ADDED');
  ip('addr', 'add', `${added}/24`, 'dev', 'lksctp-many');
  await Promise.all(came);
  assert.strictEqual((await told).interpreted, `SCTP_PEER_ADDR_CHANGE: SCTP_ADDR_ADDED ${added}`);
  assert.ok(added in peer.peerInfoByAddress);
  const gone = [changed(socket, 'remoteAddresses', false), changed(peer, 'remoteAddresses', false)];
  ip('addr', 'del', `${added}/24`, 'dev', 'lksctp-many');
  await Promise.all(gone);
  assert.ok(!(added in peer.peerInfoByAddress));
});

test('a set of IPv4 and IPv6 addresses', async (t) => {
  const addresses = ['127.0.0.1', '::1'];
  const server = await listen(t, { listenOptions: { host: undefined, localAddresses: addresses } });
  const bound = server.getLocalAddresses();
  assert.deepStrictEqual(bound.map(({ address, family }) => [address, family]).sort(),
    [['127.0.0.1', 'IPv4'], ['::1', 'IPv6']]);
  for (const remoteAddresses of [addresses, [...addresses].reverse()]) {
    const accepted = once(server, 'connection');
    const socket = connect(t, server, { remoteAddresses });
    const [[peer]] = await Promise.all([accepted, once(socket, 'connect')]);
    assert.ok(addresses.includes(socket.remoteAddress));
    assert.strictEqual(socket.remoteFamily, socket.remoteAddress === '::1' ? 'IPv6' : 'IPv4');
    if (onKernel) assert.deepStrictEqual([...socket.remoteAddresses].sort(), addresses);
    const got = once(peer, 'data');
    socket.write('both');
    assert.strictEqual(String((await got)[0]), 'both');
  }
  for (const host of addresses) {
    const socket = connect(t, server, { host });
    await once(socket, 'connect');
    assert.strictEqual(socket.remoteAddress, host);
  }
});

test('a message that outlives its time is not delivered, and its sender is told', async (t) => {
  const { client: socket, peer } = await pair(t,
    { server: { highWaterMark: 4096 } });
  peer.pause();
  // More than the peer and the stacks take: what is behind it waits.
  for (let i = 0; i < 1000; i++) socket.write(Buffer.alloc(2000));
  const failed = once(socket, 'send-failed');
  const told = new Promise((resolve) => socket.send('late', { sid: 1, ttl: 1 }, resolve));
  socket.send('late too', { sid: 1, ppid: 9, context: 77, ttl: 1 });
  setTimeout(() => peer.resume(), 20);
  const [{ sid, ppid, context, sent, error }] = await failed;
  assert.deepStrictEqual({ sid, ppid, context, sent }, { sid: 1, ppid: 9, context: 77, sent: false });
  assert.strictEqual(error.code, 'ETIMEDOUT');
  assert.strictEqual((await told).code, 'ETIMEDOUT');
  let late = false;
  peer.on('data', (message) => (late ||= message.sid === 1));
  socket.end();
  await once(peer, 'end');
  assert.strictEqual(late, false);
});

// The kernel drops it itself; usrsctp sends what it has in its buffer.
test('the stack tells of a message that has outlived its time', { skip: !onKernel }, async (t) => {
  const { client: socket, peer } = await pair(t,
    { server: { highWaterMark: 4096, sctp: { receiveBuffer: 8192 } } });
  peer.pause();
  for (let i = 0; i < 30; i++) socket.write(Buffer.alloc(1000));
  const failed = once(socket, 'send-failed');
  socket.send('late', { sid: 1, ppid: 9, context: 77, ttl: 1 });
  setTimeout(() => peer.resume(), 20);
  const [{ sid, ppid, context, sent }] = await failed;
  assert.deepStrictEqual({ sid, ppid, context, sent }, { sid: 1, ppid: 9, context: 77, sent: false });
});

test('the error of an abort has the peer\'s reason as its cause', async (t) => {
  const { client: socket, peer } = await pair(t);
  socket.resume();
  const failed = once(socket, 'error');
  peer.abort('maintenance');
  const [{ cause: { reason, causes, code, name } }] = await failed;
  assert.strictEqual(reason, 'abort_remote');
  assert.strictEqual(causes.length, 1);
  assert.deepStrictEqual([code, name], [causes[0].code, causes[0].name]);
  assert.strictEqual(code, sctp.constants.SCTP_CAUSE_USER_INITIATED_ABORT);
  if (!onKernel) assert.strictEqual(causes[0].information.toString(), 'maintenance');
});
