'use strict';

// sctp.metrics: the series of the process as text and over HTTP.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');
const sctp = require('../..');
const { pair, serverBase, clientBase } = require('./support');
const { samplesOf, get, freePort } = require('./scrape');

const root = path.resolve(__dirname, '../..');

test('text() tells of a connection what both ends did', async (t) => {
  const { client, peer } = await pair(t, {
    server: { name: 'hlr', peerName: 'msc-1' },
    client: { name: 'msc', peerName: 'hlr-1' },
  });
  client.write('four');
  await once(peer, 'data');
  const samples = samplesOf(await sctp.metrics.text());
  assert.strictEqual(samples.get('sctp_association_up{endpoint="hlr",peer="msc-1"}'), 1);
  assert.strictEqual(samples.get('sctp_association_up{endpoint="msc",peer="hlr-1"}'), 1);
  assert.strictEqual(
    samples.get('sctp_association_sent_bytes_total{endpoint="msc",peer="hlr-1"}'), 4);
  assert.strictEqual(
    samples.get('sctp_association_received_messages_total{endpoint="hlr",peer="msc-1"}'), 1);
});

test('an endpoint serves the same, and /healthz, until it is closed', async (t) => {
  await pair(t, { server: { name: 'served', peerName: 'one' } });
  const endpoint = await sctp.metrics.listen({ port: 0 });
  assert.strictEqual(endpoint.host, '127.0.0.1');
  assert.strictEqual(endpoint.url, `http://127.0.0.1:${endpoint.port}`);
  const page = await get(`${endpoint.url}/metrics`);
  assert.strictEqual(page.status, 200);
  assert.match(page.type, /^text\/plain; version=0\.0\.4/);
  assert.strictEqual(
    samplesOf(page.body).get('sctp_association_up{endpoint="served",peer="one"}'), 1);
  assert.strictEqual((await get(`${endpoint.url}/healthz`)).status, 200);
  endpoint.close();
  endpoint.close();
  await assert.rejects(get(`${endpoint.url}/metrics`), { code: 'ECONNREFUSED' });
});

/** What JSON makes of it, with bytes as hexadecimal digits. @param {any} value */
function asSent(value) {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(asSent);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => [name, asSent(member)]));
}

/** Every member of `part` is in `whole`. @param {any} whole @param {any} part */
function assertHas(whole, part, where = '') {
  if (typeof part !== 'object' || part === null) {
    assert.strictEqual(whole, part, where);
    return;
  }
  for (const name of Object.keys(part)) assertHas(whole?.[name], part[name], `${where}.${name}`);
}

test('/events and sctp.events tell the same', async (t) => {
  const endpoint = await sctp.metrics.listen({ port: 0 });
  t.after(() => endpoint.close());
  const told = [];
  const listener = (event) => told.push(event);
  sctp.events.on('event', listener);
  t.after(() => sctp.events.off('event', listener));
  const [stream] = await once(http.get(`${endpoint.url}/events`, { agent: false }), 'response');
  assert.strictEqual(stream.headers['content-type'], 'text/event-stream');
  stream.setEncoding('utf8');
  const { client, peer } = await pair(t, { server: { name: 'told' } });
  peer.resume();
  client.end('bye');
  await once(client, 'close');

  const sent = [];
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block);
      if (data !== null && /^id: /m.test(block)) sent.push(JSON.parse(data[1]));
    }
    if (sent.some(({ type }) => type === 'association_closed')) break;
  }
  assert.ok(sent.length > 5);
  for (const event of sent) {
    const same = told.find(({ seq }) => seq === event.seq);
    assert.ok(same, `${event.type} ${event.seq}`);
    const { time, monotonic, endpointId, associationId, ...rest } = asSent(same);
    assert.ok(Math.abs(event.time - time) < 0.01);
    assert.ok(Math.abs(event.monotonic - monotonic) < 0.01);
    assert.strictEqual(event.endpointId, String(endpointId));
    assert.strictEqual(event.associationId, String(associationId));
    assertHas(event, rest, `${event.type} `);
  }
});

test('/status.json tells what is there', async (t) => {
  const { client } = await pair(t, {
    server: { name: 'status', peerName: 'status-peer' },
  });
  const endpoint = await sctp.metrics.listen({ port: 0 });
  t.after(() => endpoint.close());
  const { body } = await get(`${endpoint.url}/status.json?endpoint=status`);
  const status = JSON.parse(body);
  assert.strictEqual(status.associations.length, 1);
  const [association] = status.associations;
  assert.strictEqual(association.peer, 'status-peer');
  assert.strictEqual(association.stateName, 'established');
  assert.strictEqual(association.remotePort, client.localPort);
  assert.strictEqual(status.peers[0].up, true);
});

test('with a password nobody else reads', async () => {
  const auth = { user: 'prometheus', password: 'pässword' };
  const endpoint = await sctp.metrics.listen({ port: 0, host: '0.0.0.0', auth });
  const url = `http://127.0.0.1:${endpoint.port}`;
  assert.strictEqual((await get(`${url}/metrics`)).status, 401);
  assert.strictEqual((await get(`${url}/events`)).status, 401);
  assert.strictEqual((await get(`${url}/healthz`)).status, 200);
  const credentials = Buffer.from('prometheus:pässword').toString('base64');
  const response = await fetch(`${url}/metrics`,
    { headers: { authorization: `Basic ${credentials}` } });
  assert.strictEqual(response.status, 200);
  assert.match(await response.text(), /^sctp_build_info\{/m);
  endpoint.close();
  for (const wrong of [7, null, {}, { user: 'x' }, { user: 'x', password: 7 }]) {
    await assert.rejects(sctp.metrics.listen({ port: 0, auth: wrong }),
      { code: 'ERR_INVALID_ARG_TYPE' });
  }
  await assert.rejects(sctp.metrics.listen({ port: 0, auth: { user: 'a:b', password: 'x' } }),
    { code: 'ERR_INVALID_ARG_VALUE', message: /auth/ });
});

test('listen() rejects as net does', async () => {
  const endpoint = await sctp.metrics.listen({ port: 0 });
  await assert.rejects(sctp.metrics.listen({ port: endpoint.port }), (error) => {
    assert.strictEqual(error.code, 'EADDRINUSE');
    assert.strictEqual(error.syscall, 'listen');
    assert.strictEqual(error.errno, -98);
    return true;
  });
  endpoint.close();
  await assert.rejects(sctp.metrics.listen({ port: -1 }), { code: 'ERR_SOCKET_BAD_PORT' });
  await assert.rejects(sctp.metrics.listen({ host: 7 }), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(sctp.metrics.listen({ port: 0, host: '0.0.0.0' }),
    { code: 'ERR_INVALID_ARG_VALUE', message: /allowPublic/ });
  const everywhere = await sctp.metrics.listen({ port: 0, host: '0.0.0.0', allowPublic: true });
  assert.strictEqual((await get(`http://127.0.0.1:${everywhere.port}/healthz`)).status, 200);
  everywhere.close();
});

test('peers that are expected are there with up 0', async () => {
  sctp.metrics.expectPeers([{ endpoint: 'expecting', peer: 'late' }]);
  const samples = samplesOf(await sctp.metrics.text());
  assert.strictEqual(samples.get('sctp_association_up{endpoint="expecting",peer="late"}'), 0);
  assert.throws(() => sctp.metrics.expectPeers([{ endpoint: 'x' }]), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => sctp.metrics.expectPeers('x'), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => sctp.metrics.expectPeers([null]), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('connections of workers count', async (t) => {
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads');
    const sctp = require(${JSON.stringify(root)});
    const server = sctp.createServer(${JSON.stringify({ ...serverBase, name: 'in-worker' })});
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      sctp.connect({ ...${JSON.stringify(clientBase)}, host: '127.0.0.1',
        port: server.address().port, peerName: 'here' }, () => parentPort.postMessage('up'));
    });`, { eval: true });
  t.after(() => worker.terminate());
  await once(worker, 'message');
  const samples = samplesOf(await sctp.metrics.text());
  assert.strictEqual(samples.get('sctp_association_up{endpoint="connect",peer="here"}'), 1);
});

test('LKSCTP_METRICS serves without a line of code, and keeps nothing alive', async () => {
  const port = await freePort();
  const program = `
    require(${JSON.stringify(root)});
    fetch('http://127.0.0.1:${port}/metrics').then((r) => r.text()).then(console.log);`;
  const run = (where) => promisify(execFile)(process.execPath, ['-e', program],
    { env: { ...process.env, LKSCTP_METRICS: where } });
  const { stdout } = await run(`127.0.0.1:${port}`);
  assert.match(stdout, /^sctp_build_info\{/m);
  assert.match((await run(String(port))).stdout, /^sctp_build_info\{/m);
});

test('a wrong LKSCTP_METRICS is a warning', async () => {
  for (const [where, why] of [['nonsense', 'host:port'], ['192.0.2.1:9464', 'allowPublic']]) {
    const { stderr } = await promisify(execFile)(process.execPath,
      ['-e', `require(${JSON.stringify(root)})`], { env: { ...process.env, LKSCTP_METRICS: where } });
    assert.match(stderr, new RegExp(`SctpMetricsWarning: LKSCTP_METRICS=${where}.*${why}`, 's'));
  }
});
