'use strict';

// Records what /status.json and /events say while one of two paths fails and comes back,
// on kernel SCTP, for recorded.test.js. As root, where there is kernel SCTP:
//
//   script/guest --time-limit 300 -- env LKSCTP_BUILD_DIR=build/node LKSCTP_STACK=kernel \
//     node tests/page/record.js
//
// Two hosts with two wires between them; this one is near, `far` runs this file, too.

const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const sctp = require('../..');

const FILE = path.join(__dirname, 'recorded.json');
const FAR = 'lksctp-far';
const PORT = 2905;
const near = ['10.77.1.1', '10.77.2.1'];
const far = ['10.77.1.2', '10.77.2.2'];

/** A dead path is noticed in seconds, not in the minutes of the defaults. */
const impatient = {
  rto: { initial: 200, min: 100, max: 400 },
  path: { heartbeatInterval: 300, maxRetransmissions: 2 },
};

/** @param {...string} args */
const ip = (...args) => execFileSync('ip', args, { stdio: 'inherit' });

function makeHosts() {
  ip('link', 'set', 'lo', 'up');
  ip('netns', 'add', FAR);
  for (const [index, address] of near.entries()) {
    ip('link', 'add', `near${index}`, 'type', 'veth', 'peer', 'name', `far${index}`, 'netns', FAR);
    ip('addr', 'add', `${address}/24`, 'dev', `near${index}`);
    ip('link', 'set', `near${index}`, 'up');
    ip('-n', FAR, 'addr', 'add', `${far[index]}/24`, 'dev', `far${index}`);
    ip('-n', FAR, 'link', 'set', `far${index}`, 'up');
  }
}

/** Answers every message. */
function serve() {
  sctp.createServer({ sctp: impatient }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen({ localAddresses: far, port: PORT }, () => console.log('listening'));
}

/** @param {string} url @param {any[]} steps */
async function readEvents(url, steps) {
  const { EventStreamParser } = await import('../../metrics/http/page/src/sse.mjs');
  const parser = new EventStreamParser(({ event, data }) => {
    if (event !== 'hello') steps.push({ event: JSON.parse(data) });
  });
  const { body } = await fetch(`${url}/events?since=0`);
  const decoder = new TextDecoder();
  for await (const chunk of /** @type {any} */ (body)) parser.add(decoder.decode(chunk, { stream: true }));
}

async function record() {
  makeHosts();
  const peer = spawn('ip', ['netns', 'exec', FAR, process.execPath, __filename, 'far'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(peer.stdout, 'data');
  const endpoint = await sctp.metrics.listen({ port: 0 });
  /** @type {any[]} */
  const steps = [];
  readEvents(endpoint.url, steps).catch((error) => {
    console.error(error);
    process.exit(1);
  });
  const socket = sctp.connect({
    name: 'signalling', peerName: 'stp-north', localAddresses: near, remoteAddresses: far,
    port: PORT, sctp: impatient, peerInfoInterval: 500,
  });
  await once(socket, 'connect');
  socket.resume();
  const sending = setInterval(() => socket.write(Buffer.alloc(120, 1)), 50);
  /** Statuses until one is as wanted, and a few more. @param {(paths: any[]) => boolean} wanted */
  const until = async (wanted) => {
    for (let more = 3; more > 0;) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const status = await (await fetch(`${endpoint.url}/status.json`)).json();
      steps.push({ status });
      const [association] = status.associations;
      console.log(association?.paths.map((/** @type {any} */ one) => `${one.address} ${one.stateName}`).join(', '));
      if (association && wanted(association.paths)) more -= 1;
    }
  };
  const active = (/** @type {any} */ one) => one.stateName === 'active';
  await until((paths) => paths.length === 2 && paths.every(active));
  ip('-n', FAR, 'link', 'set', 'far0', 'down');
  await until((paths) => paths.some((one) => one.stateName === 'inactive'));
  ip('-n', FAR, 'link', 'set', 'far0', 'up');
  await until((paths) => paths.every(active));
  clearInterval(sending);
  fs.writeFileSync(FILE, `[\n${steps.map((step) => JSON.stringify(step)).join(',\n')}\n]\n`);
  console.log(`${steps.length} steps in ${FILE}`);
  peer.kill();
  process.exit();
}

if (process.argv[2] === 'far') serve();
else record();
