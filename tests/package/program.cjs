'use strict';

// What a project that uses the package does: says hello to itself, and which files of
// the package the process has mapped.

const fs = require('node:fs');
const sctp = require('lksctp');

const udpPort = 40_000 + (process.pid % 20_000);

function mapped() {
  const names = new Set(fs.readFileSync('/proc/self/maps', 'utf8').match(/\/\S+\.(node|so[.\d]*)$/gm));
  return [...names];
}

const server = sctp.createServer({ udpEncapsulation: { localPort: udpPort } },
  (socket) => socket.pipe(socket));
server.listen({ host: '127.0.0.1' }, () => {
  const client = sctp.connect({
    host: '127.0.0.1',
    port: server.address().port,
    udpEncapsulation: { remotePort: udpPort },
  });
  client.send('hello', { sid: 1 });
  client.on('data', (message) => {
    const libraries = mapped().filter((name) => /event|fmt|spdlog|sctp\.so/.test(name));
    console.log(JSON.stringify({
      message: `${message} on stream ${message.sid}`,
      addon: mapped().find((name) => name.endsWith('lksctp.node')),
      libraries,
    }));
    client.end();
    server.close();
  });
});
