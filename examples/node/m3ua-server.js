'use strict';

// A signalling gateway that answers each DATA with one of the same content, back to
// where it came from:
//
//   node examples/node/m3ua-server.js [--host ADDRESS ...] [--port N] [--udp-port N]
//
// With several --host it is multihomed; see multihomed-client.js.

const { parseArgs } = require('node:util');
const sctp = require('lksctp');
const m3ua = require('./m3ua');

const { values } = parseArgs({
  options: {
    host: { type: 'string', multiple: true, default: ['127.0.0.1'] },
    port: { type: 'string', default: '2905' },
    'udp-port': { type: 'string' },
  },
});

/** @type {Map<number | undefined, number>} */
const acknowledgements = new Map([
  [m3ua.types.ASP_UP, m3ua.types.ASP_UP_ACK],
  [m3ua.types.ASP_ACTIVE, m3ua.types.ASP_ACTIVE_ACK],
]);

/** @param {import('lksctp').Socket} socket @param {import('lksctp').Message} message */
function answer(socket, message) {
  const attributes = { sid: message.sid, ppid: sctp.ppids.M3UA };
  const acknowledgement = acknowledgements.get(m3ua.typeOf(message));
  if (acknowledgement !== undefined) {
    return socket.send(m3ua.encode(acknowledgement), attributes);
  }
  const request = m3ua.decodeData(message);
  if (request === undefined) return true; // An Error message would be the right answer.
  const { opc, dpc, sls, data } = request;
  return socket.send(m3ua.encodeData({ opc: dpc, dpc: opc, sls, data }), attributes);
}

const server = sctp.createServer({
  name: 'm3ua-server',
  OS: 17,
  MIS: 17,
  ...(values['udp-port'] ? { udpEncapsulation: { localPort: Number(values['udp-port']) } } : {}),
}, (socket) => {
  const peer = `${socket.remoteAddress}:${socket.remotePort}`;
  console.log(`${peer} is up`);
  socket.on('data', (message) => {
    // A peer that sends faster than it reads has to wait.
    if (!answer(socket, message)) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  });
  socket.on('end', () => socket.end());
  socket.on('error', (error) => console.log(`${peer}: ${error.message}`));
  socket.on('close', () => console.log(`${peer} is down`));
});

server.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
server.listen({ localAddresses: values.host, port: values.port }, () => {
  console.log(`listening on port ${server.address()?.port}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => process.exit());
}
