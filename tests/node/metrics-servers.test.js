'use strict';

// What others serve of sctp.metrics: the programs of docs/node-api.md in servers of their
// own, and registries of both clients of Prometheus.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { sctp, stack, pair } = require('./support');
const { samplesOf, get, freePort } = require('./scrape');

const root = path.resolve(__dirname, '../..');
const page = fs.readFileSync(path.join(root, 'docs/node-api.md'), 'utf8');
const [, section] = /^### Served by a program\n(.*?)^##/ms.exec(page);
const programs = [...section.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code);

for (const needs of ['node:http', 'express', 'fastify']) {
  test(`the program of the page for ${needs} serves metrics and status`, async (t) => {
    const code = programs.find((one) => one.includes(`require('${needs}')`));
    const port = await freePort();
    const program = spawn(process.execPath, ['-e', `${code.replaceAll('9464', String(port))}
      sctp.createServer({ name: 'shown' }).listen({ host: '127.0.0.1' });`],
    { cwd: root, env: { ...process.env, LKSCTP_STACK: stack }, stdio: ['ignore', 'inherit', 'inherit'] });
    t.after(() => program.kill());
    let answer;
    const reach = async () => {
      answer = await get(`http://127.0.0.1:${port}/status.json`).catch((error) => {
        if (error.code !== 'ECONNREFUSED' || program.exitCode !== null) throw error;
      });
      // Listening takes a turn of its own.
      return answer !== undefined && JSON.parse(answer.body).endpoints.length > 0;
    };
    while (!await reach());
    assert.match(answer.type, /^application\/json/);
    assert.strictEqual(JSON.parse(answer.body).endpoints[0].name, 'shown');
    const scrape = await get(`http://127.0.0.1:${port}/metrics`);
    assert.strictEqual(scrape.status, 200);
    assert.strictEqual(scrape.type, sctp.metrics.contentType);
    assert.strictEqual(samplesOf(scrape.body).get(
      [...samplesOf(scrape.body).keys()].find((one) => one.startsWith('sctp_build_info'))), 1);
    program.kill();
    await once(program, 'exit');
  });
}

test('each program of the page was run', () => {
  assert.strictEqual(programs.length, 3);
});

/** The client, or why it is not to be had here. */
function clientOf(name) {
  try {
    return { client: require(name) };
  } catch (error) {
    const major = Number(process.versions.node.split('.')[0]);
    const { engines } = require(`${name}/package.json`);
    if (major >= 22) throw error;
    return { why: `${name} needs Node.js ${engines.node}: ${error.message}` };
  }
}

for (const name of ['prom-client', '@prometheus-io/client']) {
  const { client, why } = clientOf(name);
  for (const format of ['PROMETHEUS', 'OPENMETRICS']) {
    test(`a registry of ${name} shows what text() shows: ${format}`, { skip: why }, async (t) => {
      await pair(t, { server: { name: 'registered', peerName: 'peer "1"\n' } });
      const registry = new client.Registry();
      registry.setContentType(client.Registry[`${format}_CONTENT_TYPE`]);
      assert.strictEqual(sctp.metrics.register(registry), registry);
      for (let scrape = 0; scrape < 2; scrape++) {
        const ours = samplesOf(await sctp.metrics.text());
        const theirs = samplesOf(await registry.metrics());
        assert.deepStrictEqual([...theirs.keys()].sort(), [...ours.keys()].sort());
        for (const [series, value] of ours) {
          // What goes on with time.
          if (/^sctp_(reactor|exporter|path|host)_/.test(series)) continue;
          assert.strictEqual(theirs.get(series), value, series);
        }
      }
    });
  }
}

test('what is no registry is refused', () => {
  assert.throws(() => sctp.metrics.register({}), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => sctp.metrics.register(null), { code: 'ERR_INVALID_ARG_TYPE' });
});
