'use strict';

// The demo as a server with a real association: on usrsctp, without faults of its own.

const { once } = require('node:events');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { createInterface } = require('node:readline');

const program = process.env.LKSCTP_DEMO ??
  path.resolve(__dirname, '../../build/test/unit/examples/lksctp-demo');

/** A port that was free a moment ago: the demo wants to be told. */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

class Demo {
  /** @param {number} port */
  constructor(port) {
    this.url = `http://127.0.0.1:${port}`;
    this.child = spawn(program, ['--port', String(port), '--stack', 'usrsctp', '--no-faults'],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: /** @type {import('node:stream').Readable} */ (this.child.stdout) });
    this.ended = once(this.child, 'exit');
  }

  async start() {
    for await (const line of this.lines) if (/SCTP_COMM_UP/.test(line)) break;
    this.child.stdout?.resume();
    return this;
  }

  /** The process of the peer, which it has started. */
  get peer() {
    const { pid } = this.child;
    return Number(fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.ended;
  }

  /** As a crash does. */
  async kill() {
    const { peer } = this;
    this.child.kill('SIGKILL');
    await this.ended;
    try {
      process.kill(peer, 'SIGKILL');
    } catch {
      // It has noticed.
    }
  }
}

module.exports = { Demo, freePort };
