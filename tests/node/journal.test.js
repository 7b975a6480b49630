'use strict';

// sctp.journal: what is written is what sctp.events told, and leads to what
// sctp.metrics.snapshot() showed.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { Worker } = require('node:worker_threads');
const { all, open, place, session } = require('./journals');
const { sctp, pair } = require('./support');

const root = path.resolve(__dirname, '../..');

/** Every event from now on, until the test ends. */
function heard(t) {
  const events = [];
  const listener = (event) => events.push(event);
  sctp.events.on('event', listener);
  t.after(() => sctp.events.removeListener('event', listener));
  return events;
}

test('a journal has every event, as sctp.events told it', async (t) => {
  const journal = await open(t);
  assert.match(journal.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const events = heard(t);
  await session(t);
  await journal.flush();
  const { durable } = journal.status();
  const last = events[events.length - 1].seq;
  assert.ok(durable >= last, `${durable} of ${last}`);
  const told = new Map(events.map((event) => [event.seq, event]));
  const entries = await all(sctp.journal.replay(journal.path));
  const both = entries.filter(({ seq }) => told.has(seq));
  assert.deepStrictEqual(both,
    events.map((event) => ({ ...event, journal: journal.id })));
  assert.deepStrictEqual(entries.map(({ seq }) => seq),
    entries.map((_, i) => entries[0].seq + i));
  const types = entries.map(({ type }) => type);
  for (const type of ['association_change', 'association_accepted', 'association_closed']) {
    assert.ok(types.includes(type), type);
  }
});

test('the state of a journal is the snapshot of the process at that event', async (t) => {
  const journal = await open(t);
  await pair(t, { server: { name: 'journal-state' }, client: { peerName: 'of-journal' } });
  const snapshot = sctp.metrics.snapshot();
  await journal.flush();
  const { position, exact, damage, unknown, ...shown } = await sctp.journal.state(journal.path,
    { journal: journal.id, seq: snapshot.seq });
  assert.deepStrictEqual(position, { journal: journal.id, seq: snapshot.seq });
  assert.deepStrictEqual([exact, damage, unknown], [true, [], {}]);
  // A snapshot has the time at which it was made, a state that of its event.
  assert.ok(shown.time <= snapshot.time);
  assert.ok(shown.monotonic <= snapshot.monotonic);
  const { time, monotonic } = shown;
  assert.deepStrictEqual(shown, { ...snapshot, time, monotonic });
});

test('states in time: a Date, milliseconds, ISO 8601, and the end', async (t) => {
  const journal = await open(t);
  const events = heard(t);
  await session(t, { server: {}, client: { peerName: 'in-time' } });
  await journal.close();
  assert.ok(journal.status().durable >= events[events.length - 1].seq);
  const up = events.find(({ notification }) => notification?.stateName === 'SCTP_COMM_UP');
  const then = await sctp.journal.state(journal.path, { at: up.time });
  assert.ok(then.seq >= up.seq);
  assert.deepStrictEqual(then.associations.map(({ peerName }) => peerName).includes('in-time'),
    true);
  const date = new Date(Math.ceil(up.time));
  const byDate = await sctp.journal.state(journal.path, { at: date });
  assert.deepStrictEqual(await sctp.journal.state(journal.path, { at: date.toISOString() }), byDate);
  assert.ok(byDate.seq >= up.seq);
  const end = await sctp.journal.state(journal.path);
  assert.strictEqual(end.associations.some(({ peerName }) => peerName === 'in-time'), false);
  assert.strictEqual(end.position.seq, end.seq);
});

test('replay goes on behind a cursor, and takes kinds and a peer', async (t) => {
  const journal = await open(t);
  await session(t, { server: { peerName: () => 'other' }, client: { peerName: 'wanted' } });
  await session(t, { server: { peerName: () => 'other' }, client: { peerName: 'wanted' } });
  await journal.close();
  const entries = await all(sctp.journal.replay(journal.path));
  const { seq } = entries[4];
  assert.deepStrictEqual(
    await all(sctp.journal.replay(journal.path, { after: { journal: journal.id, seq } })),
    entries.slice(5));
  const kinds = ['association_change', 'association_closed'];
  assert.deepStrictEqual(await all(sctp.journal.replay(journal.path, { kinds })),
    entries.filter(({ type }) => kinds.includes(type)));
  const ids = new Set(entries.filter(({ peer, type }) =>
    type === 'connect_requested' && peer === 'wanted').map(({ associationId }) => associationId));
  assert.strictEqual(ids.size, 2);
  const ofPeer = entries.filter(({ associationId, peer }) =>
    ids.has(associationId) || (associationId === 0 && peer === 'wanted'));
  assert.deepStrictEqual(await all(sctp.journal.replay(journal.path, { peer: 'wanted' })), ofPeer);
  // From within an association: whose it is, the state before says.
  const within = ofPeer[3];
  assert.deepStrictEqual(
    await all(sctp.journal.replay(journal.path, {
      peer: 'wanted', after: { journal: journal.id, seq: within.seq },
    })),
    ofPeer.filter((entry) => entry.seq > within.seq));
});

test('a reader that follows misses nothing, across parts and journals', async (t) => {
  const first = await open(t, { rotateBytes: 64 * 1024 });
  const { path: file } = first;
  const follower = sctp.journal.replay(file, { follow: true });
  t.after(() => follower.return());
  const got = [];
  const until = async (wanted) => {
    for (;;) {
      const { value } = await follower.next();
      got.push(value);
      if (value.journal === wanted.journal && value.seq >= wanted.seq) return;
    }
  };
  for (let i = 0; i < 12; i++) await session(t);
  await first.flush();
  await until({ journal: first.id, seq: first.status().durable });
  for (let i = 0; i < 12; i++) await session(t);
  await first.close();
  const parts = fs.readdirSync(path.dirname(file)).filter((name) => /\.\d+$/.test(name));
  assert.ok(parts.length > 1, parts.join());
  const second = await sctp.journal.open({ path: file });
  t.after(() => second.close());
  assert.notStrictEqual(second.id, first.id);
  await session(t);
  await second.flush();
  await until({ journal: second.id, seq: second.status().durable });
  await second.close();
  const entries = await all(sctp.journal.replay(file));
  assert.deepStrictEqual(got, entries.slice(0, got.length));
  assert.deepStrictEqual(got.filter(({ type }) => type === 'damage'), []);
});

test('return() and a signal end a reader that waits', async (t) => {
  const journal = await open(t);
  await session(t);
  await journal.flush();
  const waiting = sctp.journal.replay(journal.path, { follow: true, kinds: ['no_such_kind'] });
  const next = waiting.next();
  assert.deepStrictEqual(await waiting.return(), { value: undefined, done: true });
  assert.deepStrictEqual(await next, { value: undefined, done: true });
  const controller = new AbortController();
  const aborted = sctp.journal.replay(journal.path,
    { follow: true, kinds: ['no_such_kind'], signal: controller.signal });
  const rejected = assert.rejects(aborted.next(), { name: 'AbortError', code: 'ABORT_ERR' });
  controller.abort();
  await rejected;
  await assert.rejects(
    all(sctp.journal.replay(journal.path, { signal: AbortSignal.abort() })),
    { name: 'AbortError' });
});

test('leaving the loop early closes the reader', async (t) => {
  const journal = await open(t);
  await session(t);
  await journal.flush();
  for await (const entry of sctp.journal.replay(journal.path, { follow: true })) {
    assert.strictEqual(entry.journal, journal.id);
    break;
  }
});

test('a process writes one journal, workers included, and another when it is closed', async (t) => {
  const journal = await open(t);
  const again = { code: 'ERR_SCTP_JOURNAL_OPEN' };
  await assert.rejects(sctp.journal.open({ path: place(t) }), again);
  const worker = new Worker(`
    require(${JSON.stringify(root)}).journal.open({ path: ${JSON.stringify(place(t))} })
      .catch(({ code }) => require('node:worker_threads').parentPort.postMessage(code));`,
  { eval: true });
  assert.deepStrictEqual(await once(worker, 'message'), [again.code]);
  await Promise.all([journal.close(), journal.close()]);
  await journal.close();
  const last = journal.status();
  assert.deepStrictEqual([last.id, last.queued], [journal.id, 0]);
  await journal.flush(); // nothing is left to be flushed
  const other = await sctp.journal.open({ path: journal.path });
  await session(t);
  await other.close();
  const ids = new Set((await all(sctp.journal.replay(journal.path))).map((one) => one.journal));
  assert.ok(ids.has(other.id));
});

test('the mode off keeps nothing', async (t) => {
  const file = place(t);
  const journal = await sctp.journal.open({ path: file, mode: 'off' });
  await session(t);
  await journal.flush();
  assert.deepStrictEqual([journal.id, journal.mode, journal.status().durable], ['', 'off', 0]);
  await journal.close();
  assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), []);
});

test('status tells what was written', async (t) => {
  const journal = await open(t);
  await session(t);
  await journal.flush();
  const status = journal.status();
  assert.strictEqual(status.id, journal.id);
  assert.strictEqual(status.part, `${journal.path}.1`);
  assert.ok(status.written > 0);
  assert.ok(status.bytes > 0);
  assert.deepStrictEqual(
    [status.gaps, status.lostEvents, status.failedCommits, status.error], [0, 0, 0, undefined]);
  const { buckets, sum } = status.commits;
  assert.ok(sum > 0);
  assert.ok(buckets.some(({ count }) => count > 0));
  assert.strictEqual(buckets[buckets.length - 1].atMost, Infinity);
});

test('the series of the journal are there while it is open', async (t) => {
  const journal = await open(t);
  await session(t);
  await journal.flush();
  const text = await sctp.metrics.text();
  assert.match(text, /^sctp_journal_up 1$/m);
  const [, durable] = /^sctp_journal_durable_seq (\d+)$/m.exec(text);
  assert.ok(Number(durable) > 0);
  await journal.close();
  assert.doesNotMatch(await sctp.metrics.text(), /^sctp_journal_up/m);
});

test('asyncDispose closes the journal', async (t) => {
  const journal = await open(t);
  await journal[Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]();
  await (await sctp.journal.open({ path: journal.path })).close();
});

test('errors of the disk have code, syscall and path', async (t) => {
  const file = place(t);
  for (const read of [() => sctp.journal.replay(file).next(), () => sctp.journal.state(file)]) {
    await assert.rejects(read, ({ code, message }) => {
      assert.strictEqual(code, 'ENOENT');
      assert.ok(message.startsWith('ENOENT: '), message);
      return true;
    });
  }
  fs.writeFileSync(file, 'an ordinary file');
  await assert.rejects(sctp.journal.open({ path: file }),
    { code: 'EEXIST', syscall: 'open', path: file });
  await assert.rejects(sctp.journal.replay(file).next(), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('a place that is not there is an error that says what is', async (t) => {
  const journal = await open(t);
  await session(t);
  await journal.close();
  const invalid = { code: 'ERR_INVALID_ARG_VALUE' };
  await assert.rejects(sctp.journal.state(journal.path, { seq: 1_000_000 }), invalid);
  await assert.rejects(sctp.journal.state(journal.path, { at: 0 }), invalid);
  await assert.rejects(sctp.journal.state(journal.path, { journal: 'another' }), invalid);
  await assert.rejects(
    sctp.journal.replay(journal.path, { after: { journal: 'another', seq: 1 } }).next(), invalid);
});

test('arguments of the journal are checked at the call', async () => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  const { open: write, replay, state: at } = sctp.journal;
  for (const [options, error] of [
    [undefined, type], [{}, type], [{ path: 1 }, type], [{ path: '' }, value],
    [{ path: 'a\0b' }, value], [{ path: 'x', mode: 'slow' }, value],
    [{ path: 'x', userData: true }, value], [{ path: 'x', queueCapacity: 63 }, range],
    [{ path: 'x', queueCapacity: '64' }, type], [{ path: 'x', rotateBytes: 0 }, range],
    [{ path: 'x', rotateAfter: 1.5 }, range], [{ path: 'x', retainBytes: -1 }, range],
    [{ path: 'x', retainFor: null }, type],
  ]) {
    await assert.rejects(write(options), error, JSON.stringify(options));
  }
  for (const [file, options, error] of [
    [undefined, undefined, type], ['', undefined, value], ['x', null, type],
    ['x', { after: 1 }, type], ['x', { after: { journal: 'j' } }, type],
    ['x', { after: { journal: 'j', seq: -1 } }, range], ['x', { follow: 1 }, type],
    ['x', { kinds: 'all' }, type], ['x', { kinds: [1] }, type], ['x', { peer: 1 }, type],
    ['x', { signal: {} }, type],
  ]) {
    assert.throws(() => replay(file, options), error, JSON.stringify(options));
  }
  for (const [file, options, error] of [
    [1, undefined, type], ['x', { at: true }, type], ['x', { at: 'yesterday' }, value],
    ['x', { at: NaN }, value], ['x', { at: new Date(NaN) }, value], ['x', { seq: 0 }, range],
    ['x', { seq: 1, at: 1 }, value], ['x', { journal: 1 }, type],
  ]) {
    await assert.rejects(at(file, options), error, JSON.stringify(options));
  }
});
