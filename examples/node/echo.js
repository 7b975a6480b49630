'use strict';

// An echo server and a client of it, in one program:
//
//   node examples/node/echo.js [--host ADDRESS] [--udp-port N] [message ...]
//
// Where the kernel has no SCTP, both speak SCTP over UDP; --udp-port is the server's UDP
// port then (default 9899).

const { parseArgs } = require('node:util');
const sctp = require('lksctp');

const { values, positionals } = parseArgs({
  options: { host: { type: 'string', default: '127.0.0.1' }, 'udp-port': { type: 'string' } },
  allowPositionals: true,
});
const words = positionals.length > 0 ? positionals : ['one message', 'is one chunk', 'and stays one'];
const udpPort = values['udp-port'] && Number(values['udp-port']);

const server = sctp.createServer(
  udpPort ? { udpEncapsulation: { localPort: udpPort } } : {},
  // Each message comes back with its stream and its PPID; the end of one side is
  // followed by that of the other.
  (socket) => socket.on('error', console.error).pipe(socket));
server.on('error', (error) => {
  console.error(`The server: ${error.message}`);
  process.exitCode = 1;
});

server.listen({ host: values.host }, () => {
  const client = sctp.connect({
    host: values.host,
    port: server.address()?.port ?? 0,
    ...(udpPort ? { udpEncapsulation: { remotePort: udpPort } } : {}),
  });
  let left = words.length;
  client.on('connect', () => {
    console.log(`connected to ${client.remoteAddress}:${client.remotePort}, ` +
      `${client.status().numberOfOutgoingStreams} streams`);
    words.forEach((word, index) => client.send(word, { sid: index % 2, ppid: sctp.ppids.ECHO }));
  });
  client.on('data', (message) => {
    console.log(`"${message}" on stream ${message.sid}, PPID ${message.ppid}`);
    if (--left === 0) client.end();
  });
  client.on('error', (error) => {
    console.error(`The client: ${error.message}`);
    process.exitCode = 1;
  });
  client.on('close', () => {
    console.log('closed');
    server.close();
  });
});
