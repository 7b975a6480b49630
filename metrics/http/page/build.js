'use strict';

// Makes built/live_page.cc: the page in one piece, as it is compiled into the library. It
// is kept in the tree, so that nothing but a C++ compiler is needed to have the page.
//
//   node metrics/http/page/build.js            writes it
//   node metrics/http/page/build.js --check    fails when it is not what would be written
//
// The content security policy names the one script and the one style sheet by their
// hashes: nothing else runs, and nothing is fetched but from where the page is from.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const esbuild = require('esbuild');

const source = path.join(__dirname, 'src');
const built = path.join(__dirname, 'built/live_page.cc');
const plot = path.dirname(require.resolve('uplot/package.json'));

// ES2022 and light-dark(): browsers since the spring of 2024.
const target = ['chrome123', 'firefox120', 'safari17.5'];

/** @param {string} text */
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** @param {string} name */
const read = (name) => fs.readFileSync(name, 'utf8');

/** @param {string} file */
function bundle(file) {
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [file], bundle: true, minify: true, write: false, target,
    format: file.endsWith('.css') ? undefined : 'iife', charset: 'utf8', legalComments: 'none',
  });
  return outputFiles[0].text.trim();
}

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function make() {
  const script = bundle(path.join(source, 'main.mjs'));
  const style = bundle(path.join(source, 'style.css'));
  if (/<\/script|<!--/i.test(script)) throw new Error('the script would end too early');
  const { version } = JSON.parse(read(path.join(plot, 'package.json')));
  const licences = `uPlot ${version}\n\n${read(path.join(plot, 'LICENSE')).trim()}`;
  const page = read(path.join(source, 'page.html'))
    .replace('/* style */', () => style)
    .replace('/* licences */', () => escaped(licences))
    .replace('/* script */', () => script);
  const policy = ["default-src 'none'", `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`, "connect-src 'self'", 'img-src data:', "base-uri 'none'",
    "form-action 'none'", "frame-ancestors 'none'"].join('; ');
  if (page.includes(')page"')) throw new Error('the page ends the string it is in');
  return `// Made by metrics/http/page/build.js from metrics/http/page/src; do not edit.
// The chart library in it is uPlot, whose licence is in the page.
#include "live_page.h"

// clang-format off
namespace lksctp {

const LivePage& live_page() {
  static constexpr LivePage kPage{
      R"page(${page})page",
      "text/html; charset=utf-8",
      R"page(${policy})page"};
  return kPage;
}

}  // namespace lksctp
`;
}

const made = make();
if (process.argv.includes('--check')) {
  if (read(built) !== made) {
    console.error('metrics/http/page/built is not of its sources: run npm run page');
    process.exitCode = 1;
  }
} else {
  fs.mkdirSync(path.dirname(built), { recursive: true });
  fs.writeFileSync(built, made);
  console.log(`${path.relative(process.cwd(), built)}: ${made.length} characters`);
}
