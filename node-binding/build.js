'use strict';

// Builds the addon from its sources with CMake.

const { spawnSync } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');

// @ts-ignore: it has no types
const nodeApi = require('node-api-headers');

const root = path.resolve(__dirname, '..');
const packages = 'g++ cmake pkg-config libevent-dev libexpected-dev libspdlog-dev ' +
  'libusrsctp-dev libsctp-dev libsqlite3-dev libisal-dev libmd-dev rapidjson-dev ' +
  'prometheus-cpp-dev zlib1g-dev';

/** @param {string} command @param {string[]} args */
function available(command, args = ['--version']) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** @param {string[]} args */
function cmake(args) {
  const { status, error } = spawnSync('cmake', args, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  console.error(`lksctp: cmake ${error ? error.message : `failed (${status})`}.`);
  console.error(`Building needs, on Debian 12: apt-get install ${packages}`);
  process.exit(1);
}

/**
 * The addon's file. LKSCTP_JOBS is how many compilers run at once, by default one per
 * processor.
 * @param {string} directory @param {string[]} args of cmake, stronger than those here
 */
function build(directory, args) {
  cmake([
    '-S', root,
    '-B', directory,
    ...(available('ninja') ? ['-G', 'Ninja'] : []),
    ...(available('ccache') ?
      ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache', '-DCMAKE_C_COMPILER_LAUNCHER=ccache'] : []),
    '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
    '-DLKSCTP_BUILD_NODE=ON',
    '-DLKSCTP_BUILD_METRICS=ON',
    '-DLKSCTP_BUILD_COMMANDS=OFF',
    '-DLKSCTP_BUILD_TESTS=OFF',
    '-DLKSCTP_BUILD_EXAMPLES=OFF',
    `-DLKSCTP_NODE_API_HEADERS_DIR=${nodeApi.include_dir}`,
    `-DLKSCTP_NODE_ADDON_API_DIR=${path.dirname(require.resolve('node-addon-api/napi.h'))}`,
    ...args,
  ]);
  cmake(['--build', directory, '--target', 'lksctp_node',
    '--parallel', process.env.LKSCTP_JOBS ?? String(os.availableParallelism())]);
  return path.join(directory, 'node-binding/lksctp.node');
}

module.exports = { build };
