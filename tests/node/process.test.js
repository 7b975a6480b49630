'use strict';

// What a program's end, its workers and its other copies do: each in a process of
// its own.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { stack, onKernel } = require('./support');
const { root, preamble, run, ends } = require('./program');

test('loading alone keeps nothing alive', () => ends('console.log(typeof sctp.connect);', 'function'));

test('a listening server keeps the process alive, unless it is unref\'d', () => ends(`
  const server = sctp.createServer(serverOptions).listen({ host: '127.0.0.1' });
  await once(server, 'listening');
  console.log('listening');
  server.unref();
`, 'listening'));

test('an open socket keeps the process alive, unless it is unref\'d', () => ends(`
  const { server, client, peer } = await pair();
  server.unref();
  peer.unref();
  client.unref();
  client.ref();
  setImmediate(() => { console.log('unref'); client.unref(); });
`, 'unref'));

test('the process ends by itself when all is closed', () => ends(`
  const { server, client, peer } = await pair();
  client.resume();
  peer.resume();
  server.close(() => console.log('closed'));
  client.end();
`, 'closed'));

test('sctp.events keeps nothing alive', () => ends(`
  sctp.events.on('event', () => {});
  console.log('end');
`, 'end'));

for (const event of ['connect', 'data', 'notification', 'end', 'close', 'error', 'drain']) {
  test(`process.exit inside '${event}'`, () => ends(`
    const server = sctp.createServer({ ...serverOptions, highWaterMark: 1000 }, (socket) => {
      quiet(socket);
      socket.on('data', (data) => {
        if (String(data[0]) === '1') return socket.destroy();
        socket.write('answer');
      });
    });
    server.listen({ host: '127.0.0.1' });
    await once(server, 'listening');
    const client = sctp.connect(
      { ...clientOptions, host: '127.0.0.1', port: server.address().port, highWaterMark: 1000 });
    client.on('error', () => {});
    client.on('connect', () => {
      if (${JSON.stringify(event)} === 'error') return client.write(Buffer.from([1]));
      if (${JSON.stringify(event)} === 'drain') {
        while (client.write(Buffer.alloc(1000, 2)));
        return;
      }
      client.write('question');
    });
    client.on('data', () => client.end());
    client.on(${JSON.stringify(event)}, () => { console.log('exit'); process.exit(3); });
  `, 'exit', 3));
}

test('an exception nobody catches ends the process as any other does', async () => {
  const { code, output } = await run(`
    const { client, peer } = await pair();
    client.on('data', () => { throw new Error('mine'); });
    peer.write('x');
  `);
  assert.strictEqual(code, 1);
  assert.match(output, /Error: mine/);
});

test('workers share the stack with the main thread', () => ends(`
  const { Worker } = require('node:worker_threads');
  const server = sctp.createServer(serverOptions, (socket) => {
    quiet(socket);
    socket.pipe(socket);
  });
  server.listen({ host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address();
  const code = ${JSON.stringify(preamble)} + \`
    const { parentPort, workerData } = require('node:worker_threads');
    const client = sctp.connect({ ...clientOptions, host: '127.0.0.1', port: workerData });
    client.on('data', (data) => { parentPort.postMessage(data.toString()); client.end(); });
    client.write('from a worker');
  \`;
  const workers = Array.from({ length: 4 }, () =>
    new Worker(code, { eval: true, workerData: port }));
  const answers = await Promise.all(workers.map(async (worker) => {
    const [[answer]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    return answer;
  }));
  console.log(answers.join());
  server.close();
`, Array(4).fill('from a worker').join()));

test('workers are terminated in the middle of their traffic', () => ends(`
  const { Worker } = require('node:worker_threads');
  const server = sctp.createServer(serverOptions, (socket) => {
    quiet(socket);
    socket.pipe(socket);
  });
  server.listen({ host: '127.0.0.1' });
  await once(server, 'listening');
  const code = ${JSON.stringify(preamble)} + \`
    const { parentPort, workerData } = require('node:worker_threads');
    const client = quiet(sctp.connect({ ...clientOptions, host: '127.0.0.1', port: workerData }));
    let count = 0;
    client.on('data', (data) => {
      if (++count === 100) parentPort.postMessage('busy');
      client.write(data);
    });
    for (let i = 0; i < 10; i++) client.write(Buffer.alloc(100));
  \`;
  for (let i = 0; i < 10; i++) {
    const worker = new Worker(code, { eval: true, workerData: server.address().port });
    await once(worker, 'message');
    await worker.terminate();
  }
  console.log('done');
  process.exit(0);
`, 'done'));

test('a second copy of the addon cannot have usrsctp, and says so', { skip: onKernel }, async (t) => {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'lksctp-copy-'));
  t.after(() => fs.rmSync(copy, { recursive: true }));
  const built = path.resolve(root, process.env.LKSCTP_BUILD_DIR ?? 'build/node');
  fs.cpSync(path.join(root, 'lib'), path.join(copy, 'lib'), { recursive: true });
  fs.mkdirSync(path.join(copy, 'build/node/node-binding'), { recursive: true });
  fs.copyFileSync(path.join(built, 'node-binding/lksctp.node'),
    path.join(copy, 'build/node/node-binding/lksctp.node'));
  await ends(`
    sctp.capabilities('usrsctp');
    delete process.env.LKSCTP_BUILD_DIR;
    const second = require(${JSON.stringify(path.join(copy, 'lib/index.js'))});
    try {
      second.capabilities('usrsctp');
    } catch (error) {
      console.log(error.code);
    }
  `, 'ERR_SCTP_STACK_IN_USE');
});

test('falling back to usrsctp is one warning that names the cure', { skip: onKernel }, async () => {
  const { output, code } = await run(`
    await pair();
    await new Promise(setImmediate);
    process.exit(0);
  `, { env: { LKSCTP_STACK: '' } });
  assert.strictEqual(code, 0);
  assert.strictEqual(output.match(/SctpStackWarning/g)?.length, 1);
  assert.match(output, /modprobe sctp/);
});

test('import gives the same', async () => {
  const result = await run(`
    const module = await import(${JSON.stringify(path.join(root, 'lib/index.mjs'))});
    console.log(module.default === sctp, Object.keys(sctp).every((name) => module[name] === sctp[name]));
  `);
  assert.strictEqual(result.output, 'true true');
});

test('lksctp doctor', async () => {
  const doctor = (args) => new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(root, 'bin/lksctp.js'), ...args]);
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.on('close', (code) => resolve({ output, code }));
  });
  const { output, code } = await doctor(['doctor', '--json']);
  assert.strictEqual(code, 0);
  const report = JSON.parse(output);
  assert.strictEqual(report.auto, stack);
  assert.strictEqual(report.stacks[stack].available, true);
  assert.match((await doctor(['doctor'])).output, /^kernel: /m);
  assert.strictEqual((await doctor([])).code, 2);
});
