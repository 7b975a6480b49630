'use strict';

// What the tests of journals share.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { sctp, pair, collect, closed } = require('./support');

/** A path in a directory that goes with the test. */
function place(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lksctp-journal-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return path.join(directory, 'it.journal');
}

/** A journal that is closed when the test ends. */
async function open(t, options = {}) {
  const journal = await sctp.journal.open({ path: place(t), ...options });
  t.after(() => journal.close());
  return journal;
}

async function all(iterator) {
  const items = [];
  for await (const item of iterator) items.push(item);
  return items;
}

/** Messages in both directions, and a graceful end. */
async function session(t, names = { server: {}, client: {} }) {
  const { client, peer } = await pair(t, names);
  client.send('one', { sid: 1, ppid: sctp.ppids.M3UA });
  await collect(peer, 1);
  const ends = [closed(client), closed(peer)];
  client.end();
  await Promise.all(ends);
}

/** What the stock sqlite3 prints. */
function sqlite3(file, sql) {
  return execFileSync('sqlite3', [file, sql], { encoding: 'utf8' }).trim();
}

/** The table meta of a part. */
function metaOf(part) {
  return new Map(sqlite3(part, 'select name, value from meta').split('\n')
    .map((row) => /** @type {[string, string]} */ (row.split('|'))));
}

module.exports = { place, open, all, session, sqlite3, metaOf };
