'use strict';

// An application server that sends requests to m3ua-server.js and measures how long each
// answer takes:
//
//   node examples/node/m3ua-client.js [--host ADDRESS] [--port N] [--udp-port N]
//     [--count N] [--window N] [--bytes N]
//
// --window is how many requests wait for their answers at the same time.

const { parseArgs } = require('node:util');
const sctp = require('lksctp');
const m3ua = require('./m3ua');

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '2905' },
    'udp-port': { type: 'string' },
    count: { type: 'string', default: '10000' },
    window: { type: 'string', default: '16' },
    bytes: { type: 'string', default: '100' },
  },
});
const [count, window, bytes] = [values.count, values.window, values.bytes].map(Number);
if (!(count >= 1 && window >= 1 && bytes >= 4)) {
  console.error('--count and --window are at least 1, --bytes at least 4');
  process.exit(2);
}

/** Nanoseconds; when each request was sent. @type {bigint[]} */
const sentAt = [];
/** Microseconds. @type {number[]} */
const roundTrips = [];
let began = 0n;
let dataStreams = 0;

const socket = sctp.connect({
  name: 'm3ua-client',
  host: values.host,
  port: values.port,
  OS: 17,
  MIS: 17,
  ...(values['udp-port'] ? { udpEncapsulation: { remotePort: Number(values['udp-port']) } } : {}),
});

function request() {
  const number = sentAt.length;
  const data = Buffer.alloc(bytes);
  data.writeUInt32BE(number);
  sentAt.push(process.hrtime.bigint());
  // Messages of one link stay in order, those of others do not wait for them.
  const sls = number % 16;
  socket.send(m3ua.encodeData({ opc: 1, dpc: 2, sls, data }),
    { sid: 1 + sls % dataStreams, ppid: sctp.ppids.M3UA });
}

function report() {
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  roundTrips.sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((part) => roundTrips[Math.floor((count - 1) * part)]);
  console.log(`${count} answers, ${Math.round(count / seconds)} per second`);
  console.log(`round trip: half within ${p50.toFixed(0)} us, 99 % within ${p99.toFixed(0)} us`);
}

/** @param {import('lksctp').Message} message */
function onData(message) {
  const answer = m3ua.decodeData(message);
  if (answer === undefined) return;
  const number = answer.data.readUInt32BE();
  roundTrips.push(Number(process.hrtime.bigint() - sentAt[number]) / 1000);
  if (sentAt.length < count) {
    request();
  } else if (roundTrips.length === count) {
    report();
    socket.end();
  }
}

/** @param {number} type */
function manage(type) {
  socket.send(m3ua.encode(type), { sid: m3ua.MANAGEMENT_STREAM, ppid: sctp.ppids.M3UA });
}

socket.on('connect', () => {
  dataStreams = socket.status().numberOfOutgoingStreams - 1;
  manage(m3ua.types.ASP_UP);
});
socket.on('data', (message) => {
  switch (m3ua.typeOf(message)) {
    case m3ua.types.ASP_UP_ACK:
      manage(m3ua.types.ASP_ACTIVE);
      break;
    case m3ua.types.ASP_ACTIVE_ACK:
      began = process.hrtime.bigint();
      while (sentAt.length < Math.min(window, count)) request();
      break;
    default:
      onData(message);
  }
});
socket.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
socket.on('close', () => {
  if (roundTrips.length < count) process.exitCode = 1;
});
