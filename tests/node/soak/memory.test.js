'use strict';

// Memory over many connections: what the first thousands have left behind, the next
// thousands use again.

const test = require('node:test');
const { ends } = require('../program');

const CONNECTIONS = 10_000;

test(`resident memory is flat over ${CONNECTIONS} connections`, () => ends(`
  const { server, client, peer } = await pair();
  const port = server.address().port;
  server.on('connection', (socket) => socket.resume());
  const one = () => new Promise((resolve) => {
    const socket = sctp.connect({ ...clientOptions, host: '127.0.0.1', port }, () => socket.end('x'));
    quiet(socket).resume().on('close', resolve);
  });
  const many = async (count) => {
    for (let done = 0; done < count; done += 50) await Promise.all(Array.from({ length: 50 }, one));
    for (let i = 0; i < 5; i++) { gc(); await new Promise(setImmediate); }
    return process.memoryUsage().rss;
  };
  const settled = await many(${CONNECTIONS} / 2);
  const grown = await many(${CONNECTIONS} / 2) - settled;
  // A leak of one kilobyte per connection would be five mebibytes.
  console.log(grown < 4 * 1024 * 1024 ? 'flat' : 'grown by ' + grown);
  process.exit(0);
`, 'flat', 0, { args: ['--expose-gc'] }));
