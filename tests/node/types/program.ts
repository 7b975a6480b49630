// A program as users write it: it must compile.
import { once } from 'node:events';
import sctp = require('lksctp');
import {
  connect, connectAsync, createServer, type Message, type NotificationEvent, type Socket,
} from 'lksctp';

const server: sctp.Server = createServer({ OS: 16, sctp: { sack: { delay: 100, freq: 2 } } },
  (socket) => {
    socket.on('data', (message) => {
      const { sid, ppid }: { sid: number; ppid: number } = message;
      socket.write(Object.assign(Buffer.from('answer'), { sid, ppid, ttl: 100, unordered: true }));
      socket.write(message);
      socket.write(new Uint8Array(1));
    });
    socket.on('error', (error) => console.log(error.code, error.cause?.causes[0]?.name));
  });
createServer({ peerName: ({ address, family }) => `${family} ${address}` })
  .listen({ ipv6Only: true });
server.listen({ host: '127.0.0.1', port: 0 }, () => server.address()?.port);
server.on('drop', ({ remoteAddress }) => remoteAddress);

function describe(event: NotificationEvent): string {
  switch (event.type) {
    case 'association_change': return `${event.stateName} ${event.outboundStreams}`;
    case 'peer_address_change': return event.aaddr.address;
    case 'remote_error': return event.cause.name;
    default: return event.type;
  }
}

async function client(): Promise<void> {
  const socket: Socket = await connectAsync({ port: 2905, signal: AbortSignal.timeout(1000) });
  socket.on('notification', ({ event, interpreted }) => console.log(interpreted, describe(event)));
  socket.send('request', { sid: 1, ppid: sctp.ppids.M3UA, unordered: true, ttl: 500 });
  socket.send('again', { retransmissions: 2, sackImmediately: true, to: socket.remoteAddress });
  socket.setOptions({ maxBurst: 8, fragmentInterleave: 1, potentiallyFailed: false,
    path: { dscp: 46 } });
  const lost: number | undefined = socket.statistics().retransmittedChunks;
  console.log(lost, socket.status().peer?.tag);
  for await (const message of socket) {
    const one: Message = message;
    console.log(one.toString(), one.ssn);
  }
  const { srtt } = socket.peerInfoByAddress['127.0.0.1'] ?? { srtt: 0 };
  console.log(srtt, socket.status().rwnd, socket.statistics().sent.bytes, socket.options().rto?.max);
  const other = connect({ host: 'peer.test', port: 3868 }, () => other.end());
  await once(other, 'close');
}

const persistent = sctp.connectPersistent({ port: 1, reconnect: { maxDelay: 1000 } });
persistent.on('down', ({ error, retryDelay }) => console.log(error?.code, retryDelay));

async function keep(): Promise<void> {
  const journal = await sctp.journal.open({ path: 'x.journal', mode: 'fast', retainFor: 3600e3 });
  const { durable, error, commits } = journal.status();
  console.log(journal.id, durable, error?.code, commits.buckets[0]?.atMost);
  await journal.flush();
  await journal.close();
  const after: sctp.JournalPosition = { journal: journal.id, seq: durable };
  for await (const entry of sctp.journal.replay('x.journal', { after, kinds: ['log_gap'] })) {
    console.log(entry.seq === undefined ? entry.reason : entry.journal);
  }
  const { associations, exact, position } = await sctp.journal.state('x.journal', { at: new Date() });
  console.log(associations[0]?.peerName, exact, position.seq);
}

async function watch(): Promise<void> {
  for await (const event of sctp.events) console.log(event.type);
}

void client;
void keep;
void watch;
