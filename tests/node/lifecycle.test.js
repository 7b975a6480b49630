'use strict';

// Every public method of a socket in every state of its life, beside node:net: what the
// call returns or throws, what its callback hears, and the events that follow. Those of
// servers are in lifecycle-server.test.js.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const test = require('node:test');
const { sctp, serverBase, clientBase } = require('./support');

// What net has not is compared with `likeNet`, or has outcomes of its own: while it is
// connected, and otherwise.
const CLOSED = { threw: 'ERR_SOCKET_CLOSED' };

// SCTP is never half open: what TCP would still send is refused.
const REMOTE_ENDED = 'ERR_SCTP_REMOTE_ENDED';
const REFUSED = { returned: true, told: REMOTE_ENDED, events: ['finish', 'close:false'] };
const ERROR = [`error:${REMOTE_ENDED}`, 'close:true'];

/**
 * The methods. `call` gets the socket and a callback to pass on, which it `calls`.
 * `whenRemoteEnded` is the outcome where SCTP must differ; with `destroys`, whether the
 * end of the peer is seen before is chance.
 */
const METHODS = {
  'write': { call: (socket, done) => socket.write('x', done), calls: true,
    whenRemoteEnded: REFUSED },
  'write without callback': { call: (socket) => socket.write('x'),
    whenRemoteEnded: { returned: true, events: ERROR } },
  'write of a wrong type': { call: (socket) => socket.write(5) },
  'end': { call: (socket, done) => socket.end(done), calls: true },
  'end with data': { call: (socket, done) => socket.end('x', done), calls: true,
    whenRemoteEnded: { returned: 'the socket', told: REMOTE_ENDED, events: ERROR } },
  'destroy': { call: (socket) => socket.destroy(), destroys: true },
  'destroy with an error': { call: (socket) => socket.destroy(failure('MINE')), destroys: true },
  'destroySoon': { call: (socket) => socket.destroySoon(), destroys: true },
  'resetAndDestroy': { call: (socket) => socket.resetAndDestroy(), destroys: true },
  'pause': { call: (socket) => socket.pause() },
  'resume': { call: (socket) => socket.resume() },
  'read': { call: (socket) => socket.read() },
  'setTimeout': { call: (socket) => socket.setTimeout(60_000) },
  'setTimeout of a wrong type': { call: (socket) => socket.setTimeout('5') },
  'setNoDelay': { call: (socket) => socket.setNoDelay(true) },
  'setEncoding': { call: (socket) => socket.setEncoding('utf8') },
  'ref': { call: (socket) => socket.ref() },
  'unref': { call: (socket) => socket.unref() },
  'cork and uncork': { call: (socket) => {
    socket.cork();
    return socket.uncork();
  } },
  'properties': { call: (socket) => JSON.stringify([socket.connecting, socket.pending,
    socket.readyState, socket.destroyed, socket.writableEnded, socket.readableEnded,
    socket.timeout ?? 0]) },
  'address': { call: (socket) => Object.keys(socket.address()).sort().join() },
  'send': { call: (socket, done) => socket.send('x', { sid: 1 }, done), calls: true,
    likeNet: (socket, done) => socket.write('x', done), whenRemoteEnded: REFUSED },
  'abort': { call: (socket) => socket.abort(), likeNet: (socket) => socket.destroy(),
    destroys: true },
  'status': { call: (socket) => socket.status().stateName !== undefined, own: [true, CLOSED] },
  'statistics': { call: (socket) => socket.statistics().sent.bytes >= 0, own: [true, CLOSED] },
  'options': { call: (socket) => socket.options().noDelay, own: [true, CLOSED] },
  'setOptions': { call: (socket) => socket.setOptions({ sack: { freq: 3 } }),
    own: ['the socket', 'the socket'] },
  'paths': { call: (socket) => Array.isArray(socket.paths), own: [true, true] },
  'counters': { call: (socket) => socket.bytesRead + socket.bytesWritten + socket.bufferSize >= 0,
    own: [true, true] },
};

// What is not above is called without arguments: that must return, or throw an error with a
// code.
const named = Object.values(METHODS).map(({ call }) => String(call)).join('\n');
for (const [name, { value }] of Object.entries(
  Object.getOwnPropertyDescriptors(sctp.Socket.prototype))) {
  if (typeof value !== 'function' || /^_|^constructor$/.test(name)) continue;
  if (new RegExp(`\\.${name}\\(`).test(named)) continue;
  METHODS[name] = { own: [true, true], call: (socket) => {
    try {
      socket[name]()?.catch?.((error) => assert.ok(error.code, error));
    } catch (error) {
      assert.ok(error.code, error);
    }
    return true;
  } };
}

function failure(code) {
  return Object.assign(new Error(code), { code });
}

/**
 * The states. Each has `act` called with a socket that is in it. `peer` is what the other
 * side does with the connection.
 */
const quiet = () => {};
const STATES = {
  'while connecting': { act: (socket, act) => act() },
  'inside connect': { act: (socket, act) => socket.once('connect', act) },
  'open': { act: (socket, act) => socket.once('connect', () => setImmediate(act)) },
  'inside data': {
    peer: (peer) => peer.write('hello'),
    act: (socket, act) => socket.once('data', act),
  },
  'inside drain': {
    act: (socket, act) => socket.once('connect', () => {
      socket.once('drain', act);
      while (socket.write(Buffer.alloc(1000)));
    }),
  },
  'ended by us': {
    act: (socket, act) => socket.once('connect', () => {
      socket.once('finish', act);
      socket.end();
    }),
  },
  'inside end, ended by the peer': {
    peer: (peer) => peer.end(),
    act: (socket, act) => {
      socket.resume();
      socket.once('end', act);
    },
  },
  'inside error': {
    peer: (peer) => peer.resetAndDestroy(),
    act: (socket, act) => {
      socket.resume();
      socket.once('error', act);
    },
  },
  'inside close': {
    peer: (peer) => peer.end(),
    act: (socket, act) => {
      socket.resume();
      socket.once('close', act);
    },
  },
  'destroyed': {
    act: (socket, act) => socket.once('connect', () => {
      socket.destroy();
      act();
    }),
  },
  'destroyed while connecting': {
    act: (socket, act) => {
      socket.destroy();
      act();
    },
  },
  'closed': {
    act: (socket, act) => {
      socket.once('connect', () => socket.destroy());
      socket.once('close', () => setImmediate(act));
    },
  },
};

/** States in which the association is up; in some it may be, or may have gone. */
const CONNECTED = ['inside connect', 'open', 'inside data', 'inside drain'];
const ENDING = ['ended by us', 'inside end, ended by the peer'];

function shown(socket, value) {
  if (value === socket) return 'the socket';
  if (value === null || ['undefined', 'boolean', 'string'].includes(typeof value)) return value;
  return Buffer.isBuffer(value) ? 'a buffer' : typeof value;
}

/** One call in one state: its outcome, and the events from then on. */
async function outcome(mod, base, port, state, call, { calls }) {
  const socket = mod.connect({ ...base, host: '127.0.0.1', port, highWaterMark: 8 * 1024 });
  const result = { returned: undefined, told: undefined, events: [] };
  let acted = false;
  socket.on('error', quiet);
  for (const name of ['connect', 'ready', 'end', 'finish', 'error', 'close']) {
    socket.on(name, (value) => {
      if (!acted) return;
      const said = name === 'error' ? `:${value.code}` : name === 'close' ? `:${value}` : '';
      result.events.push(name + said);
    });
  }
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => {
    STATES[state].act(socket, () => {
      acted = true;
      const told = (error) => {
        result.told = error?.code ?? null;
        resolve();
      };
      try {
        result.returned = shown(socket, call(socket, told));
      } catch (error) {
        result.threw = error.code;
        resolve();
      }
      if (!calls) setImmediate(resolve);
      // Streams do not call back everybody who comes after destroy().
      if (socket.destroyed) setImmediate(() => setImmediate(resolve));
    });
  });
  // What ends goes on to its end.
  if (!socket.writableEnded) {
    if (socket.connecting) await once(socket, 'connect');
    socket.destroy();
  }
  await closed;
  await new Promise(setImmediate);
  return result;
}

async function serve(mod, base, peer) {
  const server = mod.createServer(base, (socket) => {
    socket.on('error', quiet);
    socket.resume();
    peer?.(socket);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const sockets = new Set();
  server.listen({ ...base, host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return {
    port: server.address().port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

for (const state of Object.keys(STATES)) {
  test(`every method ${state}`, async () => {
    const { peer } = STATES[state];
    const ours = await serve(sctp, serverBase, peer);
    const theirs = await serve(net, {}, peer);
    // One line each: what differs is easily seen.
    const got = [];
    const expected = [];
    const line = (name, told) => `${name}: ${JSON.stringify(told)}`;
    for (const [name, method] of Object.entries(METHODS)) {
      const { call, likeNet, own, destroys, whenRemoteEnded } = method;
      const one = await outcome(sctp, clientBase, ours.port, state, call, method);
      if (own) {
        const told = one.threw ? { threw: one.threw } : one.returned;
        const [connected, otherwise] = own;
        got.push(line(name, told));
        expected.push(line(name, CONNECTED.includes(state) ||
          (ENDING.includes(state) && told === connected) ? connected : otherwise));
        continue;
      }
      const other = state === 'inside end, ended by the peer' && whenRemoteEnded ||
        await outcome(net, {}, theirs.port, state, likeNet ?? call, method);
      for (const { events } of destroys ? [one, other] : []) {
        if (events.includes('end')) events.splice(events.indexOf('end'), 1);
      }
      got.push(line(name, one));
      expected.push(line(name, other));
    }
    await ours.stop();
    await theirs.stop();
    assert.deepStrictEqual(got, expected);
  });
}
