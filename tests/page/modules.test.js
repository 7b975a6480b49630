'use strict';

// The parts of the page that need no browser.

const assert = require('node:assert');
const { before, describe, it } = require('node:test');
const { fleet, withTotals } = require('./fleet');

const source = '../../metrics/http/page/src';
/** @type {typeof import('../../metrics/http/page/src/sse.mjs')} */
let sse;
/** @type {typeof import('../../metrics/http/page/src/history.mjs')} */
let history;
/** @type {typeof import('../../metrics/http/page/src/samples.mjs')} */
let samples;
/** @type {typeof import('../../metrics/http/page/src/trouble.mjs')} */
let trouble;
/** @type {typeof import('../../metrics/http/page/src/view.mjs')} */
let view;
/** @type {typeof import('../../metrics/http/page/src/event-log.mjs')} */
let eventLog;

describe('modules', () => {
  before(async () => {
    sse = await import(`${source}/sse.mjs`);
    history = await import(`${source}/history.mjs`);
    samples = await import(`${source}/samples.mjs`);
    trouble = await import(`${source}/trouble.mjs`);
    view = await import(`${source}/view.mjs`);
    eventLog = await import(`${source}/event-log.mjs`);
  });

  describe('server-sent events', () => {
    const text = 'retry: 2000\nevent: hello\ndata: {"seq":1}\n\n: heartbeat\n\nid: 2\r\n' +
      'event: association_change\r\ndata: one\r\ndata: two\r\n\r\nid: 3\ndata:x\n\n';
    const expected = [
      { id: '', event: 'hello', data: '{"seq":1}' },
      { id: '2', event: 'association_change', data: 'one\ntwo' },
      { id: '3', event: 'message', data: 'x' },
    ];
    for (const size of [1, 2, 7, text.length]) {
      it(`are the same in pieces of ${size}`, () => {
        /** @type {object[]} */
        const events = [];
        const parser = new sse.EventStreamParser((event) => events.push(event));
        for (let at = 0; at < text.length; at += size) parser.add(text.slice(at, at + size));
        assert.deepStrictEqual(events, expected);
      });
    }
  });

  describe('history', () => {
    it('keeps ten minutes, and gaps where nothing was known', () => {
      const kept = new history.History();
      for (let time = 1; time <= 1000; time += 1) {
        kept.begin(time);
        kept.record('a', [time, time % 2 === 0 ? undefined : 1]);
        if (time < 500) kept.record('gone', [1]);
        kept.end();
      }
      const [times, first, second] = kept.table([{ key: 'a', column: 0 }, { key: 'a', column: 1 }]);
      assert.deepStrictEqual(times, Array.from({ length: 600 }, (_, index) => 401 + index));
      assert.deepStrictEqual(first, times);
      assert.deepStrictEqual(second.slice(-3), [null, 1, null]);
      assert.strictEqual(kept.latest('a', 0), 1000);
      assert.strictEqual(kept.latest('gone', 0), undefined);
      assert.strictEqual(kept.rows.size, 1);
    });

    it('has no old times after a pause', () => {
      const kept = new history.History();
      for (const time of [1, 2, 700]) {
        kept.begin(time);
        kept.record('a', [time]);
        kept.end();
      }
      assert.deepStrictEqual(kept.table([{ key: 'a', column: 0 }]), [[700], [700]]);
    });

    it('has no rate at first, nor where a total fell or was not known', () => {
      const rates = new history.Rates();
      const rateAt = (/** @type {number} */ time, /** @type {number | undefined} */ total) => {
        rates.begin(time);
        const [rate] = total === undefined ? [undefined] : rates.of('a', [total]);
        rates.end();
        return rate;
      };
      assert.strictEqual(rateAt(1, 100), undefined);
      assert.strictEqual(rateAt(3, 300), 100);
      assert.strictEqual(rateAt(4, 50), undefined);
      assert.strictEqual(rateAt(5, 60), 10);
      assert.strictEqual(rateAt(6, undefined), undefined);
      assert.strictEqual(rateAt(7, 70), undefined);
      assert.strictEqual(rates.known.size, 1);
    });
  });

  describe('samples', () => {
    it('go on while the wall clock is set, and are shown by what it says now', () => {
      const kept = new samples.Samples();
      const { ALL } = samples;
      const status = fleet(1);
      const addAt = (/** @type {number} */ monotonic, /** @type {number} */ wall) => {
        Object.assign(status, { monotonic: 1000 * monotonic, now: 1000 * wall });
        status.peers[0].sent.bytes += 500;
        kept.add(withTotals(status, { associations: [], peers: [] }));
        return kept.history.table([{ key: ALL, column: 0 }]);
      };
      addAt(50, 8000);
      assert.deepStrictEqual(addAt(51, 8001), [[8000, 8001], [null, 500]]);
      assert.deepStrictEqual(addAt(51.5, 4401.5), [[4400, 4401], [null, 500]], 'within a second');
      assert.deepStrictEqual(addAt(52, 4402), [[4400, 4401, 4402], [null, 500, 1000]]);
      assert.deepStrictEqual(addAt(54, 90004), [[90000, 90001, 90002, 90004], [null, 500, 1000, 250]]);
    });
  });

  describe('trouble', () => {
    it('is worse the less gets through', () => {
      const { associations } = fleet(5);
      associations[1].up = false;
      associations[1].stateName = 'cookie_wait';
      associations[2].paths[0].stateName = 'inactive';
      associations[3].paths.forEach((/** @type {any} */ path) => { path.stateName = 'inactive'; });
      associations[4].stateName = 'shutdown_sent';
      assert.deepStrictEqual(associations.map(trouble.troubleOf), [
        { level: 0, text: 'established' }, { level: 3, text: 'cookie wait' },
        { level: 2, text: 'primary path failed' }, { level: 3, text: 'all paths failed' },
        { level: 1, text: 'shutdown sent' },
      ]);
      const rows = view.sorted(view.rowsOf(associations, () => undefined), 'worst');
      assert.deepStrictEqual(rows.map((row) => row.association.id), ['2', '4', '3', '5', '1']);
    });

    it('is told when it comes and goes, and counted when it is much', () => {
      const before = fleet(20);
      const after = structuredClone(before);
      after.associations[6].paths[1].stateName = 'inactive';
      after.peers[2].up = false;
      assert.deepStrictEqual(trouble.changesBetween(before, after),
        ['Peer peer-3 is down.', 'Path 10.2.0.7 of peer-7 failed.']);
      assert.deepStrictEqual(trouble.changesBetween(after, before),
        ['Peer peer-3 is up.', 'Path 10.2.0.7 of peer-7 is back.']);
      for (const peer of after.peers) peer.up = false;
      const many = trouble.changesBetween(before, after);
      assert.strictEqual(many.length, 4);
      assert.strictEqual(many[3], 'And 18 more changes.');
    });
  });

  describe('search', () => {
    it('wants every word, in any member', () => {
      const rows = view.rowsOf(fleet(300).associations, () => undefined);
      const ids = (/** @type {string} */ search) =>
        view.found(rows, search).map((row) => row.association.id);
      assert.strictEqual(ids('').length, 300);
      assert.deepStrictEqual(ids('10.2.1.7'), ['257']);
      assert.deepStrictEqual(ids('  PEER-299 established'), ['299']);
      assert.deepStrictEqual(ids('peer-299 cookie'), []);
    });
  });

  describe('event log', () => {
    it('keeps facts although samples come by the thousand', () => {
      const log = new eventLog.EventLog();
      const add = (/** @type {number} */ seq, /** @type {string} */ event, /** @type {object} */ data) =>
        log.add({ id: String(seq), event, data: JSON.stringify({ seq, associationId: '1', ...data }) });
      add(1, 'connect_requested', { peer: 'stp' });
      for (let seq = 2; seq < 5000; seq += 1) add(seq, 'traffic_sampled', { sent: { bytes: seq } });
      add(5000, 'association_closed', { reason: 'timeout' });
      const seqs = (/** @type {any} */ filter) =>
        log.latest({ kind: '', peer: '', text: '', ...filter }, 5).map((entry) => entry.seq);
      assert.deepStrictEqual(seqs({}), [5000, 1]);
      assert.deepStrictEqual(seqs({ kind: '*' }), [5000, 4999, 4998, 4997, 4996]);
      assert.deepStrictEqual(seqs({ kind: 'traffic_sampled', text: '4321' }), [4321]);
      assert.deepStrictEqual(seqs({ text: 'reason timeout' }), [5000]);
      assert.deepStrictEqual(seqs({ peer: 'stp' }), [5000, 1], 'a name holds for the association');
      assert.strictEqual(log.details.length, 1000);
    });
  });
});
