'use strict';

// Every public method of a server in every state of its life, beside node:net; those of
// persistent connections; and all of them while a process or a worker ends.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const test = require('node:test');
const { sctp, serverBase, clientBase, listen, connectOptions } = require('./support');
const { preamble, ends } = require('./program');

const dispose = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

/** `call` gets the server, what listen() needs, and a callback to pass on, which it `calls`. */
const METHODS = {
  'listen': { call: (server, options) => server.listen(options) },
  'listen with a callback': { call: (server, options, done) => server.listen(options, done) },
  'listen to a wrong port': { call: (server, options) => server.listen({ ...options, port: -1 }) },
  'close': { call: (server) => server.close() },
  'close with a callback': { call: (server, options, done) => server.close(done), calls: true },
  'address': { call: (server) => typeof server.address()?.port },
  'listening': { call: (server) => server.listening },
  'getConnections': { call: (server, options, done) =>
    server.getConnections((error, count) => done(error ?? { code: count })), calls: true },
  'ref': { call: (server) => server.ref() },
  'unref': { call: (server) => server.unref() },
  'asyncDispose': { call: (server, options, done) => {
    // net has it from Node.js 18.18 and 20 on; what it does is this.
    if (server[dispose]) server[dispose]().then(() => done(null), done);
    else done(null);
  }, calls: true },
};

const STATES = {
  'before listen': (server, options, act) => act(),
  'listen was called': (server, options, act) => {
    server.listen(options);
    act();
  },
  'inside listening': (server, options, act) => server.listen(options).once('listening', act),
  'listening': (server, options, act) =>
    server.listen(options).once('listening', () => setImmediate(act)),
  'inside connection': (server, options, act) => {
    server.listen(options).once('listening', () => options.join());
    server.once('connection', act);
  },
  'closing, with a connection': (server, options, act) => {
    server.listen(options).once('listening', () => options.join());
    server.once('connection', () => {
      server.close();
      act();
    });
  },
  'inside close': (server, options, act) => {
    server.listen(options).once('listening', () => server.close());
    server.once('close', act);
  },
  'closed': (server, options, act) => {
    server.listen(options).once('listening', () => server.close());
    server.once('close', () => setImmediate(act));
  },
  'inside error': (server, options, act) =>
    server.listen({ ...options, host: '192.0.2.1' }).once('error', act),
};

// Waits for what listen() comes to.
async function settled(server, events) {
  while (!events.includes('listening') && !events.includes('close')) {
    await Promise.race([once(server, 'listening'), once(server, 'close')]);
  }
}

// Keeps the process: what is unref'd is waited for, too.
async function alive(promise) {
  const timer = setInterval(() => {}, 1000);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}

async function outcome(mod, base, clientBase, enter, { call, calls }) {
  const result = { returned: undefined, threw: undefined, told: undefined, events: [] };
  const sockets = [];
  const server = mod.createServer(base, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.resume();
  });
  const options = { ...base, host: '127.0.0.1', port: 0, join() {
    const client = mod.connect({ ...clientBase, host: '127.0.0.1', port: server.address().port });
    client.on('error', () => {});
    client.resume();
  } };
  // Without a host net has its handle at once, as we have.
  if (mod === net && enter === STATES['listen was called']) delete options.host;
  let acted = false;
  let listens = enter === STATES['listen was called'];
  server.on('error', () => {});
  for (const name of ['listening', 'close', 'error']) {
    server.on(name, (error) => acted && result.events.push(error?.code ?? name));
  }
  await new Promise((resolve) => enter(server, options, () => {
    acted = true;
    const told = (error) => {
      result.told = error?.code ?? null;
      resolve();
    };
    try {
      const value = call(server, { ...base, host: '127.0.0.1', port: 0 }, told);
      result.returned = value === server ? 'the server' : value;
      listens ||= String(call).includes('listen(');
    } catch (error) {
      result.threw = error.code;
      resolve();
    }
    // Nobody closes the connection before the method has been told of it.
    if (calls) setImmediate(() => sockets.forEach((socket) => socket.destroy()));
    else setImmediate(resolve);
  }));
  if (listens) await settled(server, result.events);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  await new Promise(setImmediate);
  // How often 'close' comes when close() is called again depends on when.
  result.events = result.events.filter((name, i, all) => name !== 'close' || all[i - 1] !== name);
  return result;
}

for (const [state, enter] of Object.entries(STATES)) {
  test(`every method of a server: ${state}`, async () => {
    const got = [];
    const expected = [];
    for (const [name, method] of Object.entries(METHODS)) {
      // Only our address comes from another thread.
      if (state === 'listen was called' && ['address', 'listening'].includes(name)) continue;
      const line = (told) => `${name}: ${JSON.stringify(told)}`;
      got.push(line(await alive(outcome(sctp, serverBase, clientBase, enter, method))));
      expected.push(line(await alive(outcome(net, {}, {}, enter, method))));
    }
    assert.deepStrictEqual(got, expected);
  });
}

const PERSISTENT = ['connecting', 'up', 'down', 'closed', 'inside close'];
for (const state of PERSISTENT) {
  test(`every method of a persistent connection: ${state}`, async (t) => {
    const server = await listen(t);
    server.on('connection', (socket) => {
      socket.resume();
      if (state === 'down') socket.destroy();
    });
    const methods = Object.getOwnPropertyNames(sctp.PersistentConnection.prototype)
      .filter((name) => !/^_|^constructor$|^connected$/.test(name));
    for (const method of methods) {
      const one = sctp.connectPersistent({ ...connectOptions(server), reconnect: { minDelay: 1 } });
      const closed = once(one, 'close');
      if (state === 'up' || state === 'down') await once(one, state);
      if (state === 'closed') await once(one.close(), 'close');
      if (state === 'inside close') one.once('close', () => assert.strictEqual(one[method](), one));
      else assert.strictEqual(one[method](), one, method);
      one.ref().close();
      await alive(closed);
    }
  });
}

// In 'exit' nothing can be waited for any more, and in a worker the environment goes next.
const callEverything = `
  const everything = (...objects) => {
    for (const object of objects) {
      for (let proto = Object.getPrototypeOf(object); !proto.hasOwnProperty('pipe') &&
        !proto.hasOwnProperty('emit'); proto = Object.getPrototypeOf(proto)) {
        for (const name of Object.getOwnPropertyNames(proto)) {
          if (/^_|^constructor$/.test(name)) continue;
          try {
            const value = object[name];
            if (typeof value === 'function') value.call(object)?.catch?.(() => {});
          } catch (error) {
            if (!error.code) throw error;
          }
        }
      }
      object.write?.('x');
      object.destroy?.();
    }
    sctp.capabilities();
    sctp.createServer(serverOptions).listen({ host: '127.0.0.1' });
    quiet(sctp.connect({ ...clientOptions, host: '127.0.0.1', port: 1 }));
  };
`;

test('every method while the process ends', () => ends(`${callEverything}
  const { server, client, peer } = await pair();
  const connecting = quiet(sctp.connect(
    { ...clientOptions, host: '127.0.0.1', port: server.address().port }));
  const persistent = sctp.connectPersistent(
    { ...clientOptions, host: '127.0.0.1', port: server.address().port });
  process.on('exit', () => {
    everything(connecting, client, peer, server, persistent);
    console.log('exit');
  });
  process.exit(4);
`, 'exit', 4));

for (const how of ['process.exit()', 'terminate()', 'falling off its end']) {
  test(`every method while a worker ends by ${how}`, () => ends(`
    const { Worker } = require('node:worker_threads');
    const code = ${JSON.stringify(preamble + callEverything)} + \`
      const { parentPort } = require('node:worker_threads');
      (async () => {
        const { server, client, peer } = await pair();
        process.on('exit', () => everything(client, peer, server));
        if (${JSON.stringify(how)} === 'process.exit()') return process.exit();
        if (${JSON.stringify(how)} !== 'terminate()') {
          for (const one of [server, client, peer]) one.unref();
          return;
        }
        parentPort.postMessage('busy');
        for (;;) everything(sctp.createServer(serverOptions));
      })();
    \`;
    const worker = new Worker(code, { eval: true });
    worker.on('message', () => worker.terminate());
    await once(worker, 'exit');
    console.log('gone');
  `, 'gone'));
}
