'use strict';

// Journals as other programs leave, damage and read them.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { Worker } = require('node:worker_threads');
const { all, metaOf, open, place, session, sqlite3 } = require('./journals');
const { root, run } = require('./program');
const { sctp, stack, onKernel, serverBase, udpPort } = require('./support');

test('damage is told in its place, and the rest is read', async (t) => {
  const journal = await open(t);
  await session(t);
  await journal.close();
  const entries = await all(sctp.journal.replay(journal.path));
  const { seq } = entries[3];
  sqlite3(`${journal.path}.1`, `update event set body = '{}' where seq = ${seq}`);
  const damaged = await all(sctp.journal.replay(journal.path));
  assert.deepStrictEqual(damaged.filter(({ type }) => type !== 'damage'),
    entries.filter((entry) => entry.seq !== seq));
  const at = damaged.findIndex(({ type }) => type === 'damage');
  assert.strictEqual(at, 3);
  assert.deepStrictEqual([damaged[at].from, damaged[at].to, damaged[at].part],
    [seq, seq, `${journal.path}.1`]);
  assert.ok(damaged[at].reason);
  const { damage } = await sctp.journal.state(journal.path);
  assert.deepStrictEqual(damage.map(({ from, to }) => [from, to]), [[seq, seq]]);
});

test('a kind that is not known is kept, with its body', async (t) => {
  const journal = await open(t);
  await session(t);
  await journal.close();
  const part = `${journal.path}.1`;
  const count = (await all(sctp.journal.replay(journal.path))).length;
  // As a later version of the package would write it: with a sum that is right.
  const numbers = sqlite3(part, `select seq, monotonic_ns, wall_ns, version, endpoint,
    association from event order by seq desc limit 1`).split('|').map(BigInt);
  const [seq] = numbers;
  const body = '{"of": "tomorrow"}';
  sqlite3(part, `update event set kind = 'from_tomorrow', body = '${body}',
    raw = null, crc = ${crcOf(numbers, ['from_tomorrow', body])} where seq = ${seq}`);
  const entries = await all(sctp.journal.replay(journal.path));
  assert.strictEqual(entries.length, count);
  const last = entries[count - 1];
  assert.deepStrictEqual([last.type, last.seq, last.version, last.body, last.journal],
    ['from_tomorrow', Number(seq), 1, body, journal.id]);
  assert.deepStrictEqual((await sctp.journal.state(journal.path)).unknown, { from_tomorrow: 1 });
});

/** CRC-32C of a row, as docs/journal-format.md has it, `raw` being NULL. */
function crcOf(numbers, texts) {
  const eight = (number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, number));
    return bytes;
  };
  const bytes = Buffer.concat([
    ...numbers.map(eight),
    ...texts.flatMap((text) => [eight(BigInt(Buffer.byteLength(text))), Buffer.from(text)]),
    eight(-1n),
  ]);
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test('two processes do not write to one path', async (t) => {
  const journal = await open(t);
  const { output } = await run(`
    sctp.journal.open({ path: ${JSON.stringify(journal.path)} }).catch((error) =>
      console.log(error.code, error.syscall, error.path));`);
  assert.strictEqual(output.trim(), `EBUSY open ${journal.path}`);
});

test('an open journal keeps no process alive, and is closed at its end', async (t) => {
  for (const end of ['', 'process.exit(0);']) {
    const file = place(t);
    const { output } = await run(`
      sctp.journal.open({ path: ${JSON.stringify(file)} }).then(async (journal) => {
        const server = sctp.createServer(serverOptions);
        process.on('exit', () => console.log(journal.status().id));
        server.listen({ host: '127.0.0.1' }, () => server.close(() => {
          ${end}
        }));
      });`);
    const entries = await all(sctp.journal.replay(file));
    assert.deepStrictEqual(entries.map(({ type }) => type).slice(0, 2),
      ['endpoint_opened', 'endpoint_bound']);
    assert.ok(entries.every((entry) => entry.journal === output.trim()));
    assert.strictEqual(metaOf(`${file}.1`).has('closed_ns'), true);
  }
});

test('a journal ends with the worker that has opened it', async (t) => {
  for (const end of ['', 'setInterval(() => {}, 1000);']) {
    const file = place(t);
    const worker = new Worker(`
      const { parentPort } = require('node:worker_threads');
      const sctp = require(${JSON.stringify(root)});
      sctp.journal.open({ path: ${JSON.stringify(file)} }).then(() => {
        const server = sctp.createServer(${JSON.stringify(serverBase)});
        server.listen({ host: '127.0.0.1' }, () => server.close(() => parentPort.postMessage('')));
        ${end}
      });`, { eval: true });
    await once(worker, 'message');
    const ended = once(worker, 'exit');
    if (end) worker.terminate();
    await ended;
    assert.ok(metaOf(`${file}.1`).has('closed_ns'));
    const types = (await all(sctp.journal.replay(file))).map(({ type }) => type);
    assert.deepStrictEqual(types.filter((type) => type.startsWith('endpoint_')).slice(-3),
      ['endpoint_opened', 'endpoint_bound', 'endpoint_closed']);
    await (await sctp.journal.open({ path: file })).close();
  }
});

test('LKSCTP_JOURNAL writes without a line of code', async (t) => {
  const file = place(t);
  await run(`
    const server = sctp.createServer(serverOptions);
    server.listen({ host: '127.0.0.1' }, () => server.close());`,
  { env: { LKSCTP_JOURNAL: file } });
  assert.ok((await all(sctp.journal.replay(file))).length > 0 || metaOf(`${file}.1`).size > 0);
  assert.strictEqual(metaOf(`${file}.1`).has('closed_ns'), true);
  const { output } = await run('console.log("goes on");',
    { env: { LKSCTP_JOURNAL: '/proc/no/such/place' } });
  assert.match(output, /^goes on$/m);
  assert.match(output, /SctpJournalWarning: LKSCTP_JOURNAL=\/proc\/no\/such\/place: no journal/);
});

test('the stock sqlite3 reads it', async (t) => {
  const journal = await open(t);
  await session(t, { server: {}, client: { peerName: 'for-sqlite' } });
  await journal.close();
  const query = (sql) => sqlite3(journal.path, sql).split('\n');
  assert.ok(query('select state from association_change').includes('SCTP_COMM_UP'));
  assert.ok(query('select peer from connect_requested').includes('for-sqlite'));
  assert.deepStrictEqual(query('select distinct kind from events order by 1'),
    query('select distinct kind from event order by 1'));
});

test('the worked example of the format is what a program gives', (t) => {
  const page = fs.readFileSync(path.join(root, 'docs/journal-format.md'), 'utf8');
  const [, example] = /^## A worked example$(.*)/ms.exec(page) ?? [];
  const directory = path.dirname(place(t));
  const udp = onKernel ? [] : ['--udp-port', String(udpPort)];
  execFileSync(process.execPath,
    [path.join(root, 'examples/node/journal.js'), '--path', 'example.journal', ...udp],
    { cwd: directory, env: { ...process.env, LKSCTP_STACK: stack } });
  const commands = [...(example ?? '').matchAll(/^\$ (sqlite3 .*)\n([^]*?)(?=^\$|^```)/gm)];
  assert.ok(commands.length >= 3);
  // Another day, other ports and another journal.
  const shape = (/** @type {string} */ text) => text.trim()
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID').replace(/\d+/g, '0');
  for (const [, command, printed] of commands) {
    const output = execFileSync('bash', ['-c', command], { cwd: directory, encoding: 'utf8' });
    assert.strictEqual(shape(output), shape(printed), command);
  }
});
