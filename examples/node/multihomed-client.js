'use strict';

// A client with several addresses of a server that has several, too. It tells what
// becomes of the paths, and sends each line of its standard input as one message:
//
//   node examples/node/multihomed-client.js --remote 10.0.1.2 --remote 10.0.2.2 \
//     [--local 10.0.1.1 --local 10.0.2.1] [--port N] [--udp-port N]
//
// One association, one path per pair of addresses: when the path in use fails, the
// messages take another one, and neither side has to do anything about it.

const readline = require('node:readline');
const { parseArgs } = require('node:util');
const sctp = require('lksctp');

const { values } = parseArgs({
  options: {
    remote: { type: 'string', multiple: true, default: ['127.0.0.1'] },
    local: { type: 'string', multiple: true },
    port: { type: 'string', default: '2905' },
    'udp-port': { type: 'string' },
  },
});
let { remote: remoteAddresses = [], local: localAddresses } = values;

if (!sctp.capabilities().multihoming && remoteAddresses.length + (localAddresses?.length ?? 1) > 2) {
  console.log(`${sctp.capabilities().stack} has one path per association: the first addresses are used`);
  remoteAddresses = remoteAddresses.slice(0, 1);
  localAddresses = localAddresses?.slice(0, 1);
}

const client = sctp.connect({
  remoteAddresses,
  localAddresses,
  port: values.port,
  sctp: {
    // A path that is silent is found out within seconds, not minutes.
    path: { heartbeatInterval: 1000, maxRetransmissions: 2 },
    rto: { initial: 500, min: 200, max: 2000 },
  },
  ...(values['udp-port'] ? { udpEncapsulation: { remotePort: Number(values['udp-port']) } } : {}),
});

function showPaths() {
  for (const path of client.paths) {
    console.log(`  path to ${path.address}: ${path.stateName}${path.primary ? ', primary' : ''}`);
  }
}

client.on('connect', () => {
  console.log(`connected to ${client.remoteAddresses.join(', ')}`);
  showPaths();
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line !== '') client.write(line);
  });
  lines.on('close', () => client.end());
});
client.on('notification', ({ event, interpreted }) => {
  if (event.type === 'peer_address_change') console.log(interpreted);
});
client.on('address-change', showPaths);
client.on('data', (message) => console.log(`< ${message}`));
client.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
client.on('close', () => {
  console.log('closed');
  process.stdin.destroy();
});
