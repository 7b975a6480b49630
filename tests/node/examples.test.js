'use strict';

// Every program of examples/node does what its head says.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { stack, onKernel, udpPort } = require('./support');

const directory = path.resolve(__dirname, '../../examples/node');
const udp = onKernel ? [] : ['--udp-port', String(udpPort)];
const port = String(10_000 + (process.pid % 10_000));

/** A running example, killed when the test ends. */
function start(t, name, ...args) {
  const child = spawn(process.execPath, [path.join(directory, name), ...udp, ...args],
    { env: { ...process.env, LKSCTP_STACK: stack }, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  const example = {
    child,
    output: '',
    /** Resolves when the output has `text`. */
    says: (text) => new Promise((resolve, reject) => {
      waiting.push({ text, resolve, reject });
      look();
    }),
    ended: new Promise((resolve) => child.on('close', (code) => {
      resolve(code);
      for (const { text, reject } of waiting) {
        reject(new Error(`ended (${code}) before "${text}": ${example.output}`));
      }
    })),
  };
  function look() {
    for (const one of [...waiting]) {
      if (!example.output.includes(one.text)) continue;
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve();
    }
  }
  child.stdout.on('data', (data) => {
    example.output += data;
    look();
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await example.ended;
  });
  return example;
}

test('echo.js', async (t) => {
  const echo = start(t, 'echo.js', 'first', 'second');
  assert.strictEqual(await echo.ended, 0);
  const [connected, ...others] = echo.output.trim().split('\n');
  assert.match(connected, /^connected to 127\.0\.0\.1:\d+, 10 streams$/);
  // The two travel on streams of their own: their order is not promised.
  assert.deepStrictEqual(others.slice(0, 2).sort(),
    ['"first" on stream 0, PPID 38', '"second" on stream 1, PPID 38']);
  assert.deepStrictEqual(others.slice(2), ['closed']);
});

test('m3ua-server.js and m3ua-client.js', async (t) => {
  const server = start(t, 'm3ua-server.js', '--port', port);
  await server.says('listening on port');
  const client = start(t, 'm3ua-client.js', '--port', port, '--count', '500', '--bytes', '99');
  assert.strictEqual(await client.ended, 0);
  assert.match(client.output, /^500 answers, \d+ per second\nround trip: half within \d+ us/);
  await server.says('is down');
  server.child.kill('SIGTERM');
  assert.strictEqual(await server.ended, 0);
});

test('multihomed-client.js', async (t) => {
  const server = start(t, 'm3ua-server.js', '--port', port, '--host', '127.0.0.1',
    ...(onKernel ? ['--host', '127.0.0.2'] : []));
  await server.says('listening on port');
  const client = start(t, 'multihomed-client.js', '--port', port,
    '--remote', '127.0.0.1', '--remote', '127.0.0.2', '--local', '127.0.0.1', '--local', '127.0.0.3');
  await client.says('connected to 127.0.0.1');
  assert.strictEqual(client.output.includes('has one path per association'), !onKernel);
  await client.says('path to 127.0.0.1: active, primary');
  if (onKernel) await client.says('path to 127.0.0.2: ');
  client.child.stdin.write('a line\n');
  client.child.stdin.end();
  await client.says('closed');
  assert.strictEqual(await client.ended, 0);
});

test('journal.js', async (t) => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'lksctp-journal-')), 'example');
  t.after(() => fs.rmSync(path.dirname(file), { recursive: true }));
  const journal = start(t, 'journal.js', '--path', file);
  assert.strictEqual(await journal.ended, 0);
  const lines = journal.output.trim().split('\n');
  assert.match(lines[0], /^\d+ connect_requested $/);
  assert.ok(lines.some((line) => /^\d+ association_change .*SCTP_COMM_UP/.test(line)));
  assert.match(lines.at(-2) ?? '', /^after event \d+: (127\.0\.0\.1 established, )?echo established/);
  assert.match(lines.at(-1) ?? '', /^after event \d+: no association$/);
});

test('the M3UA on the wire is RFC 4666\'s', () => {
  const m3ua = require('../../examples/node/m3ua');
  const bytes = m3ua.encodeData({ opc: 0x010203, dpc: 4, sls: 5, data: Buffer.from('abcde') });
  assert.strictEqual(bytes.toString('hex'),
    '010001010000002002100015000102030000000403020005616263646500' + '0000');
  assert.deepStrictEqual(m3ua.decodeData(bytes),
    { opc: 0x010203, dpc: 4, sls: 5, data: Buffer.from('abcde') });
  assert.strictEqual(m3ua.encode(m3ua.types.ASP_UP).toString('hex'), '0100030100000008');
  // Whatever comes is a message or it is not: nothing throws.
  for (let length = 0; length < bytes.length; length++) {
    assert.strictEqual(m3ua.decodeData(bytes.subarray(0, length)), undefined);
  }
  for (let i = 0; i < bytes.length; i++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const changed = Buffer.from(bytes);
      changed[i] = value;
      m3ua.decodeData(changed);
    }
  }
});

test('no example is without a test', () => {
  const programs = fs.readdirSync(directory).filter((name) => name.endsWith('.js'));
  const tested = fs.readFileSync(__filename, 'utf8');
  for (const name of programs) assert.ok(tested.includes(name.replace('.js', '')), name);
});
