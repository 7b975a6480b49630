'use strict';

// The page that is compiled in is of its sources, in one piece, and lets nothing else in.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { livePage } = require('./built');

const root = path.resolve(__dirname, '../..');
const { html, policy } = livePage();

test('it is what its sources make', () => {
  const { status, stderr } = spawnSync(process.execPath,
    ['metrics/http/page/build.js', '--check'], { cwd: root, encoding: 'utf8' });
  assert.strictEqual(status, 0, stderr);
});

test('it brings everything with it', () => {
  assert.doesNotMatch(html, /<(script|img|iframe|link)[^>]*\s(src|href)="(?!data:)/);
  assert.doesNotMatch(html, /@import|url\(/);
  assert.match(html, /uPlot 1\.6\.32/);
  assert.ok(html.includes(fs.readFileSync(require.resolve('uplot/LICENSE'), 'utf8').trim()));
});

test('its policy allows its own script and style and nothing else', () => {
  const directives = new Map(policy.split('; ').map((one) => {
    const [name, ...values] = one.split(' ');
    return [name, values];
  }));
  for (const [element, name] of [['script', 'script-src'], ['style', 'style-src']]) {
    const inline = [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))];
    assert.strictEqual(inline.length, 1);
    const hash = createHash('sha256').update(inline[0][1]).digest('base64');
    assert.deepStrictEqual(directives.get(name), [`'sha256-${hash}'`]);
  }
  assert.deepStrictEqual(directives.get('default-src'), ["'none'"]);
  assert.deepStrictEqual(directives.get('connect-src'), ["'self'"]);
  assert.deepStrictEqual(directives.get('frame-ancestors'), ["'none'"]);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.doesNotMatch(html, /\son[a-z]+="|\sstyle="/);
});
