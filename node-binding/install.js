'use strict';

// Builds the addon: the install script of the package.
//
//   node node-binding/install.js [--debug] [cmake argument ...]
//
// LKSCTP_BUILD_DIR is where it is built (default build/node), LKSCTP_JOBS how many
// compilers run at once (default one per processor).

const { spawnSync } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const buildDirectory = path.resolve(root, process.env.LKSCTP_BUILD_DIR ?? 'build/node');

/** @param {string} command @param {string[]} args */
function available(command, args = ['--version']) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** @param {string[]} args */
function cmake(args) {
  const { status, error } = spawnSync('cmake', args, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  console.error(`lksctp: cmake ${error ? error.message : `failed (${status})`}.`);
  console.error('Building needs, on Debian 12: apt-get install g++ cmake pkg-config ' +
    'libevent-dev libexpected-dev libspdlog-dev libusrsctp-dev libsctp-dev');
  process.exit(1);
}

const args = process.argv.slice(2);
const debug = args.includes('--debug');

cmake([
  '-S', root,
  '-B', buildDirectory,
  ...(available('ninja') ? ['-G', 'Ninja'] : []),
  ...(available('ccache') ?
    ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache', '-DCMAKE_C_COMPILER_LAUNCHER=ccache'] : []),
  `-DCMAKE_BUILD_TYPE=${debug ? 'Debug' : 'RelWithDebInfo'}`,
  '-DLKSCTP_BUILD_NODE=ON',
  '-DLKSCTP_BUILD_METRICS=OFF',
  '-DLKSCTP_BUILD_TESTS=OFF',
  '-DLKSCTP_BUILD_EXAMPLES=OFF',
  `-DLKSCTP_NODE_API_HEADERS_DIR=${require('node-api-headers').include_dir}`,
  `-DLKSCTP_NODE_ADDON_API_DIR=${path.dirname(require.resolve('node-addon-api/napi.h'))}`,
  ...args.filter((argument) => argument !== '--debug'),
]);
cmake(['--build', buildDirectory, '--target', 'lksctp_node',
  '--parallel', process.env.LKSCTP_JOBS ?? String(os.availableParallelism())]);
