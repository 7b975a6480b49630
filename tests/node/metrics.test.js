'use strict';

// sctp.metrics: the series of the process as text, over HTTP and in a registry.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');
const { Registry } = require('prom-client');
const sctp = require('../..');
const { pair, serverBase, clientBase } = require('./support');

const root = path.resolve(__dirname, '../..');

/** Series and values, labels in order. @param {string} page */
function samplesOf(page) {
  const samples = new Map();
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    samples.set(`${name}{${labels.match(/\w+="(?:[^"\\]|\\.)*"/g)?.sort().join() ?? ''}}`,
      Number(value.replace('Inf', 'Infinity')));
  }
  return samples;
}

/** @param {string} url @returns {Promise<{ status: number, type: string, body: string }>} */
async function get(url) {
  const [response] = await once(http.get(url, { agent: false }), 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, type: response.headers['content-type'], body };
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

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

test('a registry of prom-client shows what text() shows', async (t) => {
  await pair(t, { server: { name: 'registered', peerName: 'peer "1"\n' } });
  const registry = new Registry();
  assert.strictEqual(sctp.metrics.register(registry), registry);
  const ours = samplesOf(await sctp.metrics.text());
  const theirs = samplesOf(await registry.metrics());
  assert.deepStrictEqual([...theirs.keys()].sort(), [...ours.keys()].sort());
  for (const [series, value] of ours) {
    // What goes on with time.
    if (/^sctp_(reactor|exporter|path|host)_/.test(series)) continue;
    assert.strictEqual(theirs.get(series), value, series);
  }
  assert.throws(() => sctp.metrics.register({}), { code: 'ERR_INVALID_ARG_TYPE' });
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
