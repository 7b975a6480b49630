'use strict';

// contract.md names, for each promise of the API, the test that keeps it: each is there.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { classesOf, exportsOf } = require('./api-page');

const page = fs.readFileSync(path.join(__dirname, 'contract.md'), 'utf8');
// Source text: a test that is made by a loop has the parts of its name in it.
const rows = [...page.matchAll(/^\| (.+) \| ([\w-]+) \| (.+) \|$/gm)]
  .map(([, promise, file, name]) => ({ promise, file: `${file}.test.js`, name }))
  .filter(({ file }) => file !== 'file.test.js');

/** The names of a file's tests, as they are written there. @param {string} file */
function namesIn(file) {
  const source = fs.readFileSync(path.join(__dirname, file), 'utf8');
  return [...source.matchAll(/\btest\((['`])(.+?[^\\])\1,/gs)].map(([, , name]) => name);
}

test('each test that is named is there', () => {
  assert.ok(rows.length > 100);
  const missing = rows.filter(({ file, name }) => !namesIn(file).includes(name));
  assert.deepStrictEqual(missing, []);
});

test('each promise stands there once', () => {
  const promises = rows.map(({ promise }) => promise);
  assert.deepStrictEqual(promises.filter((one, i) => promises.indexOf(one) !== i), []);
});

test('every member and event of every class, every function and value stands there', () => {
  const named = new Set(rows.flatMap(({ promise }) =>
    [...promise.matchAll(/`'?(?:\w+\.)?([\w-]+)/g)].map(([, name]) => name)));
  const wanted = [...exportsOf().keys()];
  for (const { members, events } of classesOf().values()) wanted.push(...members.keys(), ...events);
  const missing = wanted.filter((name) => !named.has(name) && !/^constructor$|^\[/.test(name));
  assert.deepStrictEqual([...new Set(missing)], []);
});
