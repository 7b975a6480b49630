'use strict';

// What keeps a process and what it leaves behind: beside net, each in a process of its
// own.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { onKernel } = require('./support');
const { root, preamble, run, ends } = require('./program');

const soak = process.env.LKSCTP_SOAK !== undefined;

// Each with `mod`, `server options` and `client options`; whether the process then ends by
// itself must be the same. What can keep it is settled before.
const LIVES = {
  'a server that was asked to listen and is unref\'d': `
    mod.createServer(so).listen({ ...so, host: '127.0.0.1', port: 0 }).unref();`,
  'a server unref\'d before it listens': `
    mod.createServer(so).unref().listen({ ...so, host: '127.0.0.1', port: 0 });`,
  'a server unref\'d and ref\'d again': `
    (await listening()).unref().ref();`,
  'a server that has closed': `
    const server = await listening();
    server.close();
    await once(server, 'close');`,
  // With a host the net of Node.js 18 listens all the same.
  'a server that is closed at once': `
    mod.createServer(so).listen({ ...so, port: 0 }).close();`,
  'a server that cannot listen, closed at once': `
    mod.createServer(so).on('error', () => {})
      .listen({ ...so, host: '192.0.2.1', port: 0 }).close();`,
  'a server that could not listen': `
    const server = mod.createServer(so).listen({ ...so, host: '192.0.2.1', port: 0 });
    await once(server, 'error');`,
  'a server that is closed, its connection open': `
    const { server } = await both();
    server.close();`,
  'a server that is closed, its connections unref\'d': `
    const { server, client, peer } = await both();
    server.close();
    client.unref();
    peer.unref();`,
  'one end unref\'d, the other not': `
    const { server, client } = await both();
    server.close();
    client.unref();`,
  'a timeout, and nothing else': `
    const { server, client, peer } = await both();
    for (const one of [server, client, peer]) one.unref();
    client.setTimeout(1000000);`,
  'both ends ended': `
    const { server, client, peer } = await both();
    server.close();
    peer.resume();
    client.resume().end();
    await once(client, 'close');`,
  'both ends destroyed': `
    const { server, client, peer } = await both();
    server.close();
    peer.destroy();
    client.destroy();
    await once(client, 'close');`,
  'a socket that could not connect': `
    const server = await listening();
    const { port } = server.address();
    const other = await listening();
    server.close();
    await once(server, 'close');
    const client = mod.connect({ ...co, host: '127.0.0.1', port });
    await once(client, 'error');
    other.close();`,
};

const life = (program, module) => `
  const [mod, so, co] = ${module === 'net' ? '[require("node:net"), {}, {}]' :
    '[sctp, serverOptions, clientOptions]'};
  async function listening() {
    const server = mod.createServer(so, quiet);
    server.listen({ ...so, host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return server;
  }
  async function both() {
    const server = await listening();
    const accepted = once(server, 'connection');
    const client = quiet(mod.connect({ ...co, host: '127.0.0.1', port: server.address().port }));
    const [[peer]] = await Promise.all([accepted, once(client, 'connect')]);
    return { server, client, peer };
  }
  ${program}
  // Only who is kept alive sees this.
  setTimeout(() => {
    console.log('kept');
    process.exit();
  }, 400).unref();`;

for (const [name, program] of Object.entries(LIVES)) {
  test(`the process lives as long as with net: ${name}`, async () => {
    const [ours, theirs] = await Promise.all([run(life(program, 'sctp')), run(life(program, 'net'))]);
    assert.deepStrictEqual(ours, theirs);
  });
}

const EXITS = {
  'listening': `server.on('listening', exit);`,
  'connection': `server.on('connection', exit);`,
  'the callback of listen': `server.close(() => server.listen({ host: '127.0.0.1' }, exit));`,
  'the callback of connect': `sctp.connect(there(), exit);`,
  'the callback of write': `sctp.connect(there()).write('x', exit);`,
  'the callback of end': `sctp.connect(there()).end('x', exit);`,
  'finish': `sctp.connect(there()).on('finish', exit).end('x');`,
  'timeout': `sctp.connect(there()).setTimeout(1, exit);`,
  'lookup': `sctp.connect({ ...there(), host: 'localhost' }).on('lookup', exit);`,
  'peer-info-update': `sctp.connect({ ...there(), peerInfoInterval: 1 }).on('peer-info-update', exit);`,
  'drop': `server.maxConnections = 0; server.on('drop', exit); quiet(sctp.connect(there()));`,
  'close of a server': `server.close(exit);`,
  'an event of sctp.events': `sctp.events.on('event', exit); quiet(sctp.connect(there()));`,
  'up of a persistent connection': `sctp.connectPersistent(there()).on('up', exit);`,
  'down of a persistent connection': `
    server.on('connection', (socket) => socket.destroy());
    sctp.connectPersistent(there()).on('down', exit);`,
};

for (const [name, program] of Object.entries(EXITS)) {
  test(`process.exit inside ${name}`, () => ends(`
    const exit = () => { console.log('exit'); process.exit(3); };
    const server = sctp.createServer(serverOptions, (socket) => quiet(socket).resume());
    const there = () => ({ ...clientOptions, host: '127.0.0.1', port: server.address().port });
    server.listen({ host: '127.0.0.1' });
    if (${JSON.stringify(name)} !== 'listening') await once(server, 'listening');
    if (${JSON.stringify(name)} === 'connection') quiet(sctp.connect(there()));
    ${program}
  `, 'exit', 3));
}

test('what is not referenced any more is collected, and leaves nothing open', () => ends(`
  const fs = require('node:fs');
  const turn = () => new Promise(setImmediate);
  const { server: first, client: made, peer } = await pair(); // what is made once
  const descriptors = () => fs.readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const port = first.address().port;
  let alive = 0;
  const registry = new FinalizationRegistry(() => alive--);
  const watch = (object) => { alive++; registry.register(object, 0); return object; };
  first.on('connection', watch);
  const servers = [];
  // Nobody closes the sockets: as with net they go when their peers do.
  await (async () => {
    for (let i = 0; i < 20; i++) {
      const client = watch(quiet(sctp.connect({ ...clientOptions, host: '127.0.0.1', port })));
      const [[peer]] = await Promise.all([once(first, 'connection'), once(client, 'connect')]);
      client.resume();
      peer.resume();
      client.write('x');
      setImmediate(() => peer.destroy());
      await new Promise((resolve) => client.once('close', resolve));
    }
    for (let i = 0; i < 5; i++) {
      const server = watch(sctp.createServer(serverOptions)).listen({ host: '127.0.0.1' });
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
    }
    // Never used at all.
    for (let i = 0; i < 5; i++) watch(sctp.createServer(serverOptions));
  })();
  for (let i = 0; i < 200 && (alive > 1 || descriptors() > before); i++) {
    gc();
    await turn();
  }
  // A frame that is done may still hold the last one.
  console.log(alive <= 1, descriptors() <= before);
  process.exit(0);
`, 'true true', 0, { args: ['--expose-gc'] }));

test('messages that nobody keeps are collected', () => ends(`
  const { client, peer } = await pair();
  let arrived = 0;
  const registered = new FinalizationRegistry(() => arrived--);
  peer.on('data', (data) => { arrived++; registered.register(data.buffer, 0); });
  for (let i = 0; i < 50; i++) {
    client.write(Buffer.alloc(50000));
    await once(peer, 'data');
  }
  for (let i = 0; i < 200 && arrived > 2; i++) { gc(); await new Promise(setImmediate); }
  console.log(arrived <= 2);
  process.exit(0);
`, 'true', 0, { args: ['--expose-gc'] }));

test(`${soak ? 100 : 30} workers are terminated in the middle of their traffic`, () => ends(`
  const { Worker } = require('node:worker_threads');
  const server = sctp.createServer(serverOptions, (socket) => {
    quiet(socket);
    socket.pipe(socket);
  });
  server.listen({ host: '127.0.0.1' });
  await once(server, 'listening');
  const code = ${JSON.stringify(preamble)} + \`
    const { parentPort, workerData } = require('node:worker_threads');
    sctp.createServer(serverOptions).listen({ host: '127.0.0.1' });
    for (let i = 0; i < 3; i++) {
      const client = quiet(sctp.connect({ ...clientOptions, host: '127.0.0.1', port: workerData }));
      let count = 0;
      client.on('data', (data) => {
        if (++count === 20) parentPort.postMessage('busy');
        client.write(data);
      });
      for (let i = 0; i < 10; i++) client.write(Buffer.alloc(100 + 1000 * i));
    }
  \`;
  for (let i = 0; i < ${soak ? 100 : 30}; i += 2) {
    await Promise.all([0, 1].map(async () => {
      const worker = new Worker(code, { eval: true, workerData: server.address().port });
      await once(worker, 'message');
      await worker.terminate();
    }));
  }
  // Nothing of them stays behind.
  while (await new Promise((resolve) => server.getConnections((error, count) => resolve(count)))) {
    await new Promise(setImmediate);
  }
  console.log('done');
  server.close();
`, 'done'));

test('a second copy of the addon has the kernel\'s SCTP, too', { skip: !onKernel }, async (t) => {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'lksctp-copy-'));
  t.after(() => fs.rmSync(copy, { recursive: true }));
  const built = path.resolve(root, process.env.LKSCTP_BUILD_DIR ?? 'build/node');
  fs.cpSync(path.join(root, 'lib'), path.join(copy, 'lib'), { recursive: true });
  fs.mkdirSync(path.join(copy, 'build/node/node-binding'), { recursive: true });
  fs.copyFileSync(path.join(built, 'node-binding/lksctp.node'),
    path.join(copy, 'build/node/node-binding/lksctp.node'));
  await ends(`
    delete process.env.LKSCTP_BUILD_DIR;
    const second = require(${JSON.stringify(path.join(copy, 'lib/index.js'))});
    const server = sctp.createServer((socket) => quiet(socket).pipe(socket));
    server.listen({ host: '127.0.0.1' });
    await once(server, 'listening');
    const client = second.connect({ host: '127.0.0.1', port: server.address().port });
    client.write('from the other copy');
    const [data] = await once(client, 'data');
    console.log(String(data), second !== sctp);
    client.end();
    server.close();
  `, 'from the other copy true');
});
