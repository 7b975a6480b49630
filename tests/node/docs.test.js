'use strict';

// docs/node-api.md has what lib/index.d.ts declares, and nothing else.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { sctp, stack, serverBase, clientBase } = require('./support');
const { exportsOf, classesOf, renderTypes, page } = require('./api-page');

const root = path.resolve(__dirname, '../..');
const { prose, types } = page();
const lines = prose.split('\n');

// The variable that stands for an instance in headings.
const instances = { Server: 'server', Socket: 'socket', PersistentConnection: 'persistent' };

/** `name(a[, b])` as its name and the names of its parameters. */
function signature(text) {
  const [, name, parameters = ''] = /^([^(]+)(?:\((.*)\))?$/.exec(text);
  return [name, parameters.match(/\w+/g) ?? []];
}

/** The headings of the page: functions, and by class members and events. */
function documented() {
  const functions = new Map();
  const classes = new Map();
  let current;
  for (const line of lines) {
    const [, level, heading] = /^(##+) (.*)$/.exec(line) ?? [];
    if (level === undefined) continue;
    const [, ofClass] = /^Class: `sctp\.(\w+)`$/.exec(heading) ?? [];
    const [, event] = /^Event: `'(.+)'`$/.exec(heading) ?? [];
    const [, code] = /^`(.+)`$/.exec(heading) ?? [];
    if (ofClass) {
      current = { name: ofClass, members: new Map(), events: [] };
      classes.set(ofClass, current);
    } else if (level === '##') {
      current = undefined;
      if (code) functions.set(...signature(code.replace('sctp.', '')));
    } else if (current === undefined) {
      continue; // within the section of a function
    } else if (event) {
      current.events.push(event);
    } else if (code.startsWith('new ')) {
      current.members.set('constructor', signature(code)[1]);
    } else {
      const [name, parameters] = signature(code);
      const own = name.replace(`${instances[current.name]}.`, '').replace(instances[current.name], '');
      current.members.set(own, parameters);
    }
  }
  return { functions, classes };
}

/** With its parts sorted, so that only what is there counts. */
function sorted(map) {
  return Object.fromEntries([...map]
    .map(([name, parts]) => [name, [...parts].sort()])
    .sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('every exported function with its parameters, and nothing else', () => {
  const declared = exportsOf();
  assert.deepStrictEqual(sorted(documented().functions), sorted(declared));
  // And the typings declare what there is.
  const classes = [...classesOf().keys()];
  assert.deepStrictEqual(Object.keys(sctp).sort(), [...declared.keys(), ...classes].sort());
});

test('every class with its members and events, and nothing else', () => {
  const { classes } = documented();
  const declared = classesOf();
  assert.deepStrictEqual([...classes.keys()].sort(), [...declared.keys()].sort());
  for (const [name, { members, events }] of declared) {
    assert.deepStrictEqual(sorted(classes.get(name).members), sorted(members), name);
    assert.deepStrictEqual(classes.get(name).events.sort(), events.sort(), name);
  }
});

test('every option and every other type, word for word', () => {
  assert.strictEqual(types, renderTypes(),
    'what follows "Types" is out of date: node tests/node/api-page.js --write');
});

test('every member of a class is there', () => {
  for (const [name, { members }] of classesOf()) {
    const { prototype } = sctp[name];
    const instance = name === 'Server' ? sctp.createServer() : {};
    const source = fs.readdirSync(path.join(root, 'lib'))
      .filter((file) => file.endsWith('.js'))
      .map((file) => fs.readFileSync(path.join(root, 'lib', file), 'utf8')).join('\n');
    for (const member of members.keys()) {
      if (member.startsWith('[')) continue;
      assert.ok(member in prototype || member in instance ||
        new RegExp(`(this|socket)\\.${member} = `).test(source), `${name}: ${member}`);
    }
  }
});

test('links within the page lead somewhere', () => {
  const text = `${prose}${types}`;
  const anchors = new Set([...text.matchAll(/^##+ (.*)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-')));
  for (const [, target] of text.matchAll(/\]\(#([^)]*)\)/g)) assert.ok(anchors.has(target), target);
});

test('every error code of this package is in the table, and no other', () => {
  const made = new Set();
  // Of the C++ side alone: each becomes one of Node's, or no error at all.
  const inside = ['ERR_SCTP_CLOSED', 'ERR_SCTP_UNKNOWN', 'ERR_SCTP_WOULD_BLOCK'];
  for (const directory of ['lib', 'node-binding/src', 'reactor/src']) {
    for (const name of fs.readdirSync(path.join(root, directory))) {
      if (!/\.(js|cc|h)$/.test(name)) continue;
      const text = fs.readFileSync(path.join(root, directory, name), 'utf8');
      for (const [code] of text.matchAll(/\bERR_SCTP_[A-Z_]+[A-Z]/g)) made.add(code);
    }
  }
  const told = new Set([...prose.matchAll(/^\| `(ERR_SCTP_[A-Z_]+)`/gm)].map(([, code]) => code));
  assert.deepStrictEqual([...told].sort(), [...made].filter((code) => !inside.includes(code)).sort());
});

test('the examples of the page compile as JavaScript', () => {
  for (const [, code] of prose.matchAll(/^```js\n(.*?)^```/gms)) {
    assert.doesNotThrow(() => new Function(`return async () => {\n${code}\n};`), code);
  }
});

test('the program in README.md runs as it stands', () => {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, program] = /^```js\n(.*?)^```/ms.exec(readme);
  // On a UDP port of its own, where it needs one.
  const code = program
    .replace('createServer(', `createServer(${JSON.stringify(serverBase)}, `)
    .replace('connect({', `connect({ ...${JSON.stringify(clientBase)},`);
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code],
    { cwd: root, encoding: 'utf8', env: { ...process.env, LKSCTP_STACK: stack } });
  assert.deepStrictEqual({ stdout, stderr, status },
    { stdout: 'hello on stream 1, PPID 46\n', stderr: '', status: 0 });
});
