'use strict';

// SCTP (RFC 9260) for Node.js, with the API of node:net.

const { Server } = require('./server');
const { Socket } = require('./socket');
const { connect } = require('./connect');
const { connectPersistent, PersistentConnection } = require('./persistent');
const { capabilities, constants } = require('./stacks');
const { events } = require('./events');
const journal = require('./journal');
const metrics = require('./metrics');
const ppids = require('./ppids');

/** @param {any} [options] @param {any} [connectionListener] */
function createServer(options, connectionListener) {
  return new Server(options, connectionListener);
}

/** Resolves to the socket once it is connected. @param {any} options @returns {Promise<Socket>} */
async function connectAsync(options) {
  const socket = connect(options);
  return new Promise((resolve, reject) => {
    const connected = () => {
      socket.removeListener('error', reject);
      socket.removeListener('close', closed);
      resolve(socket);
    };
    const closed = () => reject(socket.errored);
    socket.once('connect', connected);
    socket.once('error', reject);
    socket.once('close', closed);
  });
}

module.exports = {
  createServer,
  connect,
  createConnection: connect,
  connectAsync,
  connectPersistent,
  Server,
  Socket,
  PersistentConnection,
  capabilities,
  events,
  journal,
  metrics,
  constants,
  ppids,
};
