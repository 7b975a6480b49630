'use strict';

// Keeps a journal of an association, and then looks back:
//
//   node examples/node/journal.js [--path FILE] [--udp-port N]
//
// It prints the events, what was known while the association was up, and what is known at
// the end. The journal stays: sqlite3 FILE 'select * from association_change' reads it.

const { once } = require('node:events');
const { parseArgs } = require('node:util');
const sctp = require('lksctp');

const { values } = parseArgs({
  options: {
    path: { type: 'string', default: 'example.journal' }, 'udp-port': { type: 'string' },
  },
});
const udpPort = values['udp-port'] && Number(values['udp-port']);

async function communicate() {
  const server = sctp.createServer(
    { name: 'server', ...(udpPort ? { udpEncapsulation: { localPort: udpPort } } : {}) },
    (socket) => socket.on('error', console.error).pipe(socket));
  server.listen({ host: '127.0.0.1' });
  await once(server, 'listening');
  const client = await sctp.connectAsync({
    host: '127.0.0.1',
    port: server.address()?.port ?? 0,
    peerName: 'echo',
    ...(udpPort ? { udpEncapsulation: { remotePort: udpPort } } : {}),
  });
  client.send('hello', { ppid: sctp.ppids.ECHO });
  await once(client, 'data');
  const whileUp = sctp.metrics.snapshot().seq;
  client.end();
  await once(client, 'close');
  server.close();
  await once(server, 'close');
  return whileUp;
}

/** @param {sctp.JournalState} state */
function show({ position, associations }) {
  const names = associations.map(({ peerName, stateName }) => `${peerName} ${stateName}`);
  console.log(`after event ${position.seq}: ${names.join(', ') || 'no association'}`);
}

async function main() {
  const journal = await sctp.journal.open({ path: values.path });
  const seq = await communicate();
  await journal.close();
  for await (const entry of sctp.journal.replay(journal.path, { peer: 'echo' })) {
    if (entry.seq === undefined) console.log(`damaged: ${entry.reason}`);
    else console.log(entry.seq, entry.type, entry.interpreted ?? '');
  }
  show(await sctp.journal.state(journal.path, { seq }));
  show(await sctp.journal.state(journal.path));
}

main();
