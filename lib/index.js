'use strict';

// SCTP (RFC 9260) for Node.js, with the API of node:net.

const { Server } = require('./server');
const { Socket } = require('./socket');
const { connect } = require('./connect');
const { capabilities } = require('./stacks');

/** @param {any} [options] @param {any} [connectionListener] */
function createServer(options, connectionListener) {
  return new Server(options, connectionListener);
}

module.exports = {
  createServer,
  connect,
  createConnection: connect,
  Server,
  Socket,
  capabilities,
};
