'use strict';

// What the tests share. They run on the stack that LKSCTP_STACK names: usrsctp on any
// machine, the kernel's in script/guest.

const { once } = require('node:events');
const net = require('node:net');
const sctp = require('../..');

const stack = process.env.LKSCTP_STACK || 'usrsctp';
const onKernel = stack === 'kernel';

// usrsctp receives on one UDP port for all its listeners: each test program has its
// own, so that programs run side by side, below those that the host gives out itself.
const udpPort = 20_000 + (process.pid % 12_000);
const serverBase = onKernel ? { stack } : { stack, udpEncapsulation: { localPort: udpPort } };
const clientBase = onKernel ? { stack } : { stack, udpEncapsulation: { remotePort: udpPort } };

/** A listening server, closed with its sockets when the test ends. */
async function listen(t, options = {}, listener = undefined) {
  const { listenOptions, ...serverOptions } = options;
  const server = sctp.createServer({ ...serverBase, ...serverOptions }, listener);
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen({ host: '127.0.0.1', ...listenOptions });
  await once(server, 'listening');
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) server.close();
  });
  return server;
}

function connectOptions(server, options = {}) {
  const { address, port } = server.address();
  const host = options.remoteAddresses ? undefined : address;
  return { ...clientBase, ...(host ? { host } : {}), port, ...options };
}

/** A connection to `server` that is destroyed when the test ends. */
function connect(t, server, options = {}, listener = undefined) {
  const client = sctp.connect(connectOptions(server, options), listener);
  client.on('error', () => {}); // of the clean-up; tests wait for those they expect
  t.after(() => client.destroy());
  return client;
}

/** Both ends of one association. */
async function pair(t, { server: serverOptions = {}, client: clientOptions = {} } = {}) {
  const server = await listen(t, serverOptions);
  const accepted = once(server, 'connection');
  const client = connect(t, server, clientOptions);
  const [[peer]] = await Promise.all([accepted, once(client, 'connect')]);
  return { server, client, peer };
}

/** A message with attributes, as a program makes it for `write`. */
function message(data, attributes = {}) {
  return Object.assign(Buffer.from(data), attributes);
}

/** The names of the events `emitter` emits, in order, as they come. */
function record(emitter, names, into, prefix = '') {
  for (const name of names) {
    emitter.on(name, (...values) => {
      into.push(`${prefix}${name}${name === 'close' && values.length ? `:${values[0]}` : ''}`);
    });
  }
  return into;
}

/** Runs `scenario` with node:net and with lksctp; their results must be equal. */
async function likeNet(assert, scenario) {
  const expected = await scenario(net, {}, {});
  const actual = await scenario(sctp, serverBase, clientBase);
  assert.deepStrictEqual(actual, expected);
  return actual;
}

/** The 'close' of a socket whose error is not the matter. */
function closed(socket) {
  return new Promise((resolve) => socket.once('close', resolve));
}

async function collect(socket, count) {
  const messages = [];
  if (count === 0) return messages;
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', function onData(data) {
      messages.push(data);
      if (messages.length === count) {
        socket.removeListener('data', onData);
        resolve(messages);
      }
    });
  });
}

module.exports = {
  sctp, stack, onKernel, udpPort, serverBase, clientBase, listen, connect, connectOptions,
  pair, message, record, likeNet, collect,
  closed,
};
