'use strict';

// A real Prometheus that scrapes the demo, in which a path fails and the peer restarts, and
// beside it the golden scrape: a page of the same exporter, with what one process on
// usrsctp does not have.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const yaml = require('yaml');
const { root } = require('./series');

const dashboards = path.join(root, 'dashboards');

// Prometheus does not tell which port it was given.
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function start(stack, program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (log += data));
  stack.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  });
  return { child, exited, log: () => log };
}

/** Counters begin at zero, as they do in a process: what is counted is an increase. */
async function serveGolden(stack) {
  const page = fs.readFileSync(path.join(root, 'tests/golden/metrics.prom'), 'utf8');
  let next = page.replace(/^(\w+_(?:total|bucket|sum|count)(?:\{.*\})?) \S+$/gm, '$1 0');
  const server = http.createServer((request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(next);
    next = page;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${server.address().port}`;
}

/**
 * The configuration we ship, but with these targets and faster. Resolves when it has asked
 * each of them once, so that nothing of what they do later is missed.
 */
async function startPrometheus(stack, targets) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lksctp-prometheus-'));
  stack.push(() => fs.rmSync(directory, { recursive: true }));
  const shipped = path.join(dashboards, 'provisioning/prometheus/prometheus.yml');
  const config = yaml.parse(fs.readFileSync(shipped, 'utf8'));
  config.global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  config.rule_files = config.rule_files.map((name) => path.join(dashboards, 'prometheus', name));
  config.scrape_configs[0].static_configs = [{ targets }];
  fs.writeFileSync(path.join(directory, 'prometheus.yml'), yaml.stringify(config));

  const port = await freePort();
  const prometheus = start(stack, 'prometheus', [
    `--config.file=${directory}/prometheus.yml`, `--storage.tsdb.path=${directory}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (prometheus.child.exitCode !== null) {
      throw new Error(`Prometheus did not start: ${prometheus.log()}`);
    }
    const response = await fetch(`${url}/api/v1/targets`).catch(() => undefined);
    const { data } = response?.ok ? await response.json() : {};
    const scraped = (data?.activeTargets ?? []).filter(({ health }) => health !== 'unknown');
    if (scraped.length === targets.length) return url;
    await sleep(100);
  }
}

/**
 * Runs all of it; resolves when the demo has ended, with what asks Prometheus about it.
 * `stack` gets what ends it: the last first.
 */
async function runScenario(stack) {
  const program = process.env.LKSCTP_DEMO;
  if (!program) throw new Error('LKSCTP_DEMO must name the program lksctp-demo');
  const began = Date.now() / 1000;
  const golden = await serveGolden(stack);
  const port = await freePort();
  const instance = `127.0.0.1:${port}`;
  const url = await startPrometheus(stack, [instance, golden]);
  const demo = start(stack, program,
    ['--stack', 'usrsctp', '--port', `${port}`, '--seconds', '15']);
  const [code] = await demo.exited;
  if (code !== 0) throw new Error(`the demo failed: ${demo.log()}`);
  const ended = Date.now() / 1000;

  async function ask(resource, parameters = {}) {
    const response = await fetch(`${url}/api/v1/${resource}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = await response.json();
    if (status !== 'success') throw new Error(`${error}: ${parameters.query}`);
    return data;
  }
  return {
    demo: instance,
    golden,
    rules: async () => (await ask('rules')).groups.flatMap((group) => group.rules),
    /** Series that the query has had at any time while the demo ran. */
    query: async (query) =>
      (await ask('query_range', { query, start: began, end: ended, step: 1 })).result,
  };
}

module.exports = { runScenario };
