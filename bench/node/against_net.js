'use strict';

// Messages per second one way and round trips per second over one connection on
// loopback, beside node:net with the same messages: each written by a call of its own
// and told apart by the receiver (over TCP by a length in front of it).
//
//   node bench/node/against_net.js [--sizes 64,270,1024,16384] [--scale 1]
//                                  [--repeat 3] [--no-round-trips] [--json]
//                                  [--reactor build/.../lksctp_bench_kernel]
//
// With --reactor the C++ reactor on kernel SCTP does the same, in the same minute.
//
// Both ends are processes of their own. The two take turns, `repeat` times each, and
// what is printed is the median of both and of the ratios of neighbours: other load of
// the machine falls on both. LKSCTP_STACK chooses the stack.

const { execFileSync, fork } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');
const { parseArgs } = require('node:util');

const HEADER = 4;
const MESSAGES = 30_000; // one way, of up to 1 KiB
const BYTES = 64 * 1024 * 1024; // and of larger ones
const ROUND_TRIPS = 4_000;
const ROUND_TRIP_SIZE = 64;
const WARM_UP = 3; // the first of so many parts, untimed

const stack = process.env.LKSCTP_STACK || 'auto';
const UDP_PORT = 21_000 + (process.ppid % 20_000);

/** @param {string} kind */
function moduleOf(kind) {
  if (kind === 'net') return { module: net, server: {}, client: {} };
  const sctp = require(path.resolve(__dirname, '../..'));
  const onKernel = stack === 'kernel' || (stack === 'auto' && sctp.capabilities().stack === 'kernel');
  const udp = Number(process.env.LKSCTP_BENCH_UDP_PORT ?? UDP_PORT);
  return {
    module: sctp,
    server: onKernel ? {} : { udpEncapsulation: { localPort: udp } },
    client: onKernel ? {} : { udpEncapsulation: { remotePort: udp } },
  };
}

/** Calls `onMessage(size)` for each message of the socket. */
function onMessages(kind, socket, onMessage) {
  if (kind === 'sctp') {
    socket.on('data', (message) => onMessage(message.length));
    return;
  }
  let rest; // of a chunk, less than a message
  socket.on('data', (chunk) => {
    if (rest !== undefined) chunk = Buffer.concat([rest, chunk]);
    let at = 0;
    while (chunk.length - at >= HEADER) {
      const size = chunk.readUInt32BE(at);
      if (chunk.length - at < size) break;
      onMessage(size);
      at += size;
    }
    rest = at < chunk.length ? chunk.subarray(at) : undefined;
  });
}

function messageOf(size) {
  const message = Buffer.alloc(size, 7);
  message.writeUInt32BE(size);
  return message;
}

// ---- the other end: tells when it has got so many, or sends back ------------------------

function serve(kind) {
  const { module, server: options } = moduleOf(kind);
  const server = module.createServer({ ...options, noDelay: true }, (socket) => {
    let left = 0;
    let echo = false;
    const answer = messageOf(ROUND_TRIP_SIZE);
    onMessages(kind, socket, () => {
      if (echo) socket.write(answer);
      else if (--left === 0) process.send({ done: true });
    });
    process.on('message', (command) => {
      ({ left, echo } = command);
      process.send({ ready: true });
    });
    process.send({ connected: true });
  });
  server.listen({ host: '127.0.0.1', port: 0 },
    () => process.send({ port: server.address().port }));
}

// ---- this end ----------------------------------------------------------------------------

class Peer {
  static async start(kind) {
    const self = new Peer();
    self.kind = kind;
    self.process = fork(__filename, ['--serve', kind],
      { env: { ...process.env, LKSCTP_BENCH_UDP_PORT: String(UDP_PORT) } });
    const [{ port }] = await once(self.process, 'message');
    const { module, client } = moduleOf(kind);
    const connected = once(self.process, 'message');
    self.socket = module.connect({ ...client, host: '127.0.0.1', port, noDelay: true });
    await Promise.all([once(self.socket, 'connect'), connected]);
    let waiting = () => {};
    onMessages(kind, self.socket, () => waiting());
    self.answered = (listener) => { waiting = listener; };
    return self;
  }

  async command(command) {
    const ready = once(this.process, 'message');
    this.process.send(command);
    await ready;
  }

  /** Seconds that `count` messages take to be there. */
  async oneWay(size, count) {
    await this.command({ left: count, echo: false });
    const done = once(this.process, 'message');
    const message = messageOf(size);
    const start = process.hrtime.bigint();
    let sent = 0;
    const more = () => {
      while (sent < count) {
        sent++;
        if (!this.socket.write(message)) {
          this.socket.once('drain', more);
          return;
        }
      }
    };
    more();
    await done;
    return Number(process.hrtime.bigint() - start) / 1e9;
  }

  /** Seconds that `count` questions and answers take, one after the other. */
  async roundTrips(count) {
    await this.command({ left: 0, echo: true });
    const message = messageOf(ROUND_TRIP_SIZE);
    const start = process.hrtime.bigint();
    await new Promise((resolve) => {
      let done = 0;
      this.answered(() => {
        if (++done === count) resolve();
        else this.socket.write(message);
      });
      this.socket.write(message);
    });
    return Number(process.hrtime.bigint() - start) / 1e9;
  }

  stop() {
    this.socket.destroy();
    this.process.kill();
  }
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

async function compare(name, peers, repeat, count, measure) {
  const rates = { net: [], sctp: [] };
  const ratios = [];
  for (const kind of ['net', 'sctp']) await measure(peers[kind], Math.ceil(count / WARM_UP));
  for (let i = 0; i < repeat; i++) {
    const seconds = {};
    for (const kind of ['net', 'sctp']) {
      seconds[kind] = await measure(peers[kind], count);
      rates[kind].push(count / seconds[kind]);
    }
    ratios.push(seconds.net / seconds.sctp);
  }
  return { name, net: median(rates.net), sctp: median(rates.sctp), ratio: median(ratios) };
}

/**
 * What the reactor does without Node, per second.
 * @param {string} program @param {string} mode @param {number} size
 */
function reactorRate(program, mode, size) {
  const told = execFileSync(program,
    ['--alone', '--rounds', '1', '--only', mode, '--size', String(size)], { encoding: 'utf8' });
  const row = /^ *\d+ +reactor +(\d+) /m.exec(told);
  if (row === null) throw new Error(`${program} told no rate:\n${told}`);
  return Number(row[1]);
}

async function main() {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '64,270,1024,16384' },
      scale: { type: 'string', default: '1' },
      repeat: { type: 'string', default: '3' },
      'no-round-trips': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      reactor: { type: 'string' },
      serve: { type: 'string' },
    },
  });
  if (values.serve !== undefined) return serve(values.serve);
  const scale = Number(values.scale);
  const repeat = Number(values.repeat);
  const peers = { net: await Peer.start('net'), sctp: await Peer.start('sctp') };
  const results = [];
  /** @param {any} result @param {string} mode @param {number} size */
  const note = (result, mode, size) => {
    if (values.reactor !== undefined) result.reactor = reactorRate(values.reactor, mode, size);
    results.push(result);
    if (values.json) return;
    const reactor = result.reactor === undefined ? '' :
      `  reactor ${result.reactor}/s  ratio ${(result.sctp / result.reactor).toFixed(2)}`;
    console.log(`${result.name.padEnd(18)} net ${result.net.toFixed(0).padStart(8)}/s  ` +
      `lksctp ${result.sctp.toFixed(0).padStart(8)}/s  ratio ${result.ratio.toFixed(2)}${reactor}`);
  };
  for (const size of values.sizes.split(',').filter(Boolean).map(Number)) {
    const count = Math.ceil(scale * Math.min(MESSAGES, BYTES / size));
    note(await compare(`one way ${size} B`, peers, repeat, count,
      (peer, messages) => peer.oneWay(size, messages)), 'one-way', size);
  }
  if (!values['no-round-trips']) {
    note(await compare(`round trip ${ROUND_TRIP_SIZE} B`, peers, repeat,
      Math.ceil(scale * ROUND_TRIPS), (peer, trips) => peer.roundTrips(trips)),
    'ping-pong', ROUND_TRIP_SIZE);
  }
  if (values.json) console.log(JSON.stringify(results));
  for (const peer of Object.values(peers)) peer.stop();
}

main();
