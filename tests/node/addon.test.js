'use strict';

// Which addon is loaded: the one that was built here, else the one that came with the
// package; and in a source tree never one that was packed once.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

const root = path.resolve(__dirname, '../..');
const built = path.resolve(root, process.env.LKSCTP_BUILD_DIR ?? 'build/node',
  'node-binding/lksctp.node');
const own = 'build/node/node-binding/lksctp.node';
const prebuilt = `prebuilds/linux-${process.arch}/lksctp.node`;

/** A package with the files that are named; what loading it tells. */
function load(t, files, env = {}) {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'lksctp-addon-'));
  t.after(() => fs.rmSync(copy, { recursive: true }));
  fs.cpSync(path.join(root, 'lib'), path.join(copy, 'lib'), { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.join(copy, path.dirname(file)), { recursive: true });
    if (content === 'the addon') fs.copyFileSync(built, path.join(copy, file));
    else fs.writeFileSync(path.join(copy, file), content);
  }
  const { LKSCTP_BUILD_DIR, ...environment } = process.env;
  const { stdout } = spawnSync(process.execPath, ['-e', `
    try {
      require('./lib');
      const [loaded] = Object.keys(require.cache).filter((file) => file.endsWith('.node'));
      console.log(JSON.stringify({ loaded: require('path').relative(__dirname, loaded) }));
    } catch ({ code, message, cause }) {
      console.log(JSON.stringify({ code, message, cause: cause && cause.message }));
    }`], { cwd: copy, encoding: 'utf8', env: { ...environment, ...env } });
  return JSON.parse(stdout);
}

test('the addon that came with the package', (t) => {
  assert.deepStrictEqual(load(t, { [prebuilt]: 'the addon' }), { loaded: prebuilt });
});

test('the addon that was built here goes first', (t) => {
  assert.deepStrictEqual(load(t, { [prebuilt]: 'the addon', [own]: 'the addon' }), { loaded: own });
});

test('an addon built here that cannot be loaded gives way to the one that came', (t) => {
  assert.deepStrictEqual(load(t, { [prebuilt]: 'the addon', [own]: 'not a library' }),
    { loaded: prebuilt });
});

test('in a source tree what was packed once is not loaded', (t) => {
  const { code, message } = load(t, { [prebuilt]: 'the addon', 'tests/x': '' });
  assert.strictEqual(code, 'ERR_SCTP_ADDON');
  assert.match(message, /"npm install"/);
  assert.match(message, /There is no .*build\/node\/node-binding\/lksctp\.node\./);
});

test('LKSCTP_BUILD_DIR is meant: nothing else is loaded', (t) => {
  const { code, message } = load(t, { [prebuilt]: 'the addon', [own]: 'the addon' },
    { LKSCTP_BUILD_DIR: 'elsewhere' });
  assert.strictEqual(code, 'ERR_SCTP_ADDON');
  assert.match(message, /There is no .*elsewhere\/node-binding\/lksctp\.node\./);
});

test('an addon that cannot be loaded is an error with the reason as its cause', (t) => {
  const { code, message, cause } = load(t, { [prebuilt]: 'not a library' });
  assert.strictEqual(code, 'ERR_SCTP_ADDON');
  assert.match(message, /npm rebuild lksctp/);
  assert.ok(message.includes(cause));
});
