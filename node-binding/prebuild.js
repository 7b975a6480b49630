'use strict';

// Makes prebuilds/linux-<architecture>: the addon, the shared libraries it needs beyond
// those of the C and C++ runtime, which it finds beside it, and their licences. `npm
// pack` runs it. Debian's packages say which library has which licence.
//
//   node node-binding/prebuild.js
//
// LKSCTP_PREBUILD_DIR is where it is built (default build/prebuild).

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { build } = require('./build');
const { prebuilt } = require('../lib/addon');

const root = path.resolve(__dirname, '..');
const into = path.dirname(prebuilt);
const buildDirectory = path.resolve(root, process.env.LKSCTP_PREBUILD_DIR ?? 'build/prebuild');

// Of the machine it is installed on.
const ofTheRuntime = /^(linux-vdso|ld-linux.*|libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s)\.so/;
// Opened at run time, so no list of needed libraries has it.
const opened = ['libusrsctp.so.2'];
// Nothing of these is a shared library, but the addon is compiled with their headers, or
// has a page with their script.
const headersOf = ['libexpected-dev', 'prometheus-cpp-dev', 'rapidjson-dev'];
const compiledInFromNpm = ['node-addon-api', 'node-api-headers', 'uplot'];

/** @param {string} command @param {...string} args */
function output(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** Names and paths of the libraries to bring along. @param {string} file */
function librariesOf(file) {
  /** @type {Map<string, string>} */
  const found = new Map();
  const needed = output('ldd', file);
  if (needed.includes('not found')) throw new Error(needed);
  for (const [, name, place] of needed.matchAll(/^\s*(\S+) => (\S+)/gm)) {
    if (!ofTheRuntime.test(name)) found.set(name, place);
  }
  const cache = output('/sbin/ldconfig', '-p');
  for (const name of opened) {
    const line = cache.split('\n').find((one) => one.trim().startsWith(`${name} `));
    if (!line) throw new Error(`${name} is not installed`);
    found.set(name, line.slice(line.indexOf('=> ') + 3).trim());
  }
  return found;
}

/** The Debian package a file is of. @param {string} file */
function packageOf(file) {
  const real = fs.realpathSync(file);
  for (const name of [real, real.replace(/^\/usr/, '')]) {
    try {
      return output('dpkg', '-S', name).split(':')[0];
    } catch {
      // It may be known by the other name only.
    }
  }
  throw new Error(`${real} is of no Debian package, and so has no known licence`);
}

/** The newest version of each runtime library's symbols that the files ask for. */
function versionsNeeded() {
  /** @type {Record<string, string>} */
  const newest = {};
  for (const name of fs.readdirSync(into).filter((one) => /\.(node|so)(\.|$)/.test(one))) {
    for (const [, library, version] of output('objdump', '-T', path.join(into, name))
      .matchAll(/\((GLIBC|GLIBCXX|CXXABI)_([0-9.]+)\)/g)) {
      const known = newest[library];
      if (!known || known.localeCompare(version, 'en', { numeric: true }) < 0) {
        newest[library] = version;
      }
    }
  }
  return newest;
}

// RPATH and not RUNPATH: it holds for what the libraries beside it need, too.
const addon = build(buildDirectory, [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON',
  '-DCMAKE_INSTALL_RPATH=$ORIGIN',
  '-DCMAKE_MODULE_LINKER_FLAGS=-s -Wl,--disable-new-dtags',
]);

fs.rmSync(into, { recursive: true, force: true });
fs.mkdirSync(path.join(into, 'licences'), { recursive: true });
fs.copyFileSync(addon, prebuilt);
/** @type {Set<string>} */
const packages = new Set(headersOf);
for (const [name, place] of librariesOf(addon)) {
  fs.copyFileSync(place, path.join(into, name));
  packages.add(packageOf(place));
}
for (const name of packages) {
  fs.copyFileSync(`/usr/share/doc/${name}/copyright`, path.join(into, 'licences', `${name}.txt`));
}
for (const name of compiledInFromNpm) {
  const place = path.dirname(require.resolve(`${name}/package.json`));
  const licence = fs.readdirSync(place).find((one) => /^licen[sc]e/i.test(one));
  if (!licence) throw new Error(`${name} came without its licence`);
  fs.copyFileSync(path.join(place, licence), path.join(into, 'licences', `${name}.txt`));
}
fs.copyFileSync(path.join(root, 'LICENSE'), path.join(into, 'licences/lksctp.txt'));
const needs = versionsNeeded();
fs.writeFileSync(path.join(into, 'needs.json'), `${JSON.stringify(needs, null, 2)}\n`);
console.log(`${path.relative(root, into)}: ${fs.readdirSync(into).join(' ')}`);
console.log(`needs ${Object.entries(needs).map((one) => one.join(' ')).join(', ')}`);
