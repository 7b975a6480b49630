'use strict';

// Programs in a process of their own, for tests of what a program's end, its limits
// and its children do.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const path = require('node:path');
const { stack, onKernel, udpPort } = require('./support');

const root = path.resolve(__dirname, '../..');
const preamble = `
  const { once } = require('node:events');
  const sctp = require(${JSON.stringify(root)});
  const serverOptions = ${onKernel ? '{}' : `{ udpEncapsulation: { localPort: ${udpPort} } }`};
  const clientOptions = ${onKernel ? '{}' : `{ udpEncapsulation: { remotePort: ${udpPort} } }`};
  const quiet = (socket) => socket.on('error', () => {});
  async function pair() {
    const server = sctp.createServer(serverOptions, quiet).listen({ host: '127.0.0.1' });
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const client = quiet(sctp.connect(
      { ...clientOptions, host: '127.0.0.1', port: server.address().port }));
    const [[peer]] = await Promise.all([accepted, once(client, 'connect')]);
    return { server, client, peer };
  }
`;

/** Runs a program; its output and how it ended. */
function run(program, { args = [], env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...args, '-e', `${preamble}\n(async () => {${program}})()`],
      { env: { ...process.env, LKSCTP_STACK: stack, ...env } });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('close', (code, signal) => resolve({ output: output.trim(), code, signal }));
  });
}

async function ends(program, expected, code = 0, options = {}) {
  const result = await run(program, options);
  assert.deepStrictEqual(result, { output: expected, code, signal: null });
}

module.exports = { root, preamble, run, ends };
