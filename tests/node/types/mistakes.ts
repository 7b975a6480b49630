// Programs that must not compile: each line below a marker is an error.
import { connect, createServer, capabilities, journal, ppids, Socket } from 'lksctp';

// @ts-expect-error a port is needed
connect({ host: '127.0.0.1' });
// @ts-expect-error no such stack
connect({ port: 1, stack: 'tcp' });
// @ts-expect-error sack is an option of sctp
createServer({ sack: { delay: 100 } });
// @ts-expect-error not a number
createServer({ OS: '5' });
// @ts-expect-error sockets come from connect and from a server
new Socket();
// @ts-expect-error not a stack
capabilities('udp');
// @ts-expect-error no such protocol
console.log(ppids.SMTP);

// @ts-expect-error a path is needed
journal.open({ mode: 'durable' });
// @ts-expect-error no such mode
journal.open({ path: 'x', mode: 'slow' });
// @ts-expect-error not a time
journal.state('x', { at: true });

const socket = connect({ port: 1 });
// @ts-expect-error not a number
socket.send('x', { sid: '1' });
// @ts-expect-error not a number
socket.write(Object.assign(Buffer.from('x'), { ttl: 'no' }));
// @ts-expect-error objects are not messages
socket.write({});
// @ts-expect-error no such option
socket.setOptions({ nagle: true });
// @ts-expect-error for sockets with several associations
socket.setOptions({ autoclose: 5 });
// @ts-expect-error messages are whole
socket.setOptions({ fragmentInterleave: 2 });
socket.on('data', (message) => {
  // @ts-expect-error attributes are numbers
  const text: string = message.ppid;
  return text;
});
