'use strict';

// The install script of the package: takes the addon that came with it where it can be
// loaded, which needs no compiler, and builds it from its sources otherwise.
//
//   node node-binding/install.js [--debug] [cmake argument ...]
//
// It is built in any case in the source tree, when LKSCTP_BUILD_DIR says where (default
// build/node), when there are arguments, or with `npm install --build-from-source`.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { prebuilt, ownBuild, sourceTree } = require('../lib/addon');

/** Why the addon that came with the package does not serve here, or nothing. */
function whyNotPrebuilt() {
  if (!fs.existsSync(prebuilt)) return 'none came with the package';
  // In another process: what fails to load may do worse than throw.
  const { status, signal, stderr } = spawnSync(
    process.execPath, ['-e', 'require(process.argv[1])', prebuilt], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return /Error: .*/.exec(stderr)?.[0] ?? `ended with ${signal ?? status}`;
}

const args = process.argv.slice(2);
const asked = sourceTree || args.length > 0 || process.env.LKSCTP_BUILD_DIR !== undefined ||
  (process.env.npm_config_build_from_source ?? 'false') !== 'false';
const reason = asked ? 'as was asked for' : whyNotPrebuilt();
if (reason === undefined) {
  console.log('lksctp: the prebuilt addon is used.');
} else {
  console.log(`lksctp: building the addon (prebuilt: ${reason}).`);
  // Only now: it is nothing that an installation without a compiler needs.
  require('./build').build(path.dirname(path.dirname(ownBuild)), args.map(
    (argument) => (argument === '--debug' ? '-DCMAKE_BUILD_TYPE=Debug' : argument)));
}
