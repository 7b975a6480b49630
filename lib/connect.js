'use strict';

// connect(): checks the options, resolves names, and starts the attempt.

const dns = require('node:dns');
const net = require('node:net');
const { native } = require('./bridge');
const { plainError, invalidArgType } = require('./errors');
const {
  validateObject, validateFunction, validatePort, validateInteger, validateAbortSignal,
  validateString,
} = require('./validate');
const { associationOptions, addressOptions, checkAddresses } = require('./options');
const { Socket, open, abortOn } = require('./socket');
const { kState } = require('./socket-state');

/** @param {any} options */
function connectSettings(options) {
  validateObject(options, 'options');
  const given = /** @type {any} */ (options);
  const { port, localPort, connectTimeout, timeout, family, lookup, signal } = given;
  if (port === undefined || port === null) {
    throw Object.assign(
      new TypeError('The "options" or "port" argument must be specified'),
      { code: 'ERR_MISSING_ARGS' });
  }
  const settings = associationOptions(given);
  const remote = addressOptions(given, 'host', 'remoteAddresses') ?? ['localhost'];
  for (const one of remote) validateString(one, 'options.host');
  const local = checkAddresses(
    addressOptions(given, 'localAddress', 'localAddresses'), 'options.localAddress');
  if (connectTimeout !== undefined) {
    validateInteger(connectTimeout, 'options.connectTimeout', 0, 0x7fff_ffff);
  }
  if (family !== undefined && ![0, 4, 6].includes(family)) {
    throw invalidArgType('options.family', 'one of 0, 4, 6', family);
  }
  if (lookup !== undefined) validateFunction(lookup, 'options.lookup');
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  if (typeof given.peerName === 'function') {
    settings.native.peerName = String(given.peerName({ address: remote[0], port: +port }));
  }
  return {
    settings,
    remote,
    timeout,
    family: family ?? 0,
    lookup: lookup ?? dns.lookup,
    signal,
    native: {
      ...settings.native,
      port: validatePort(port, 'options.port'),
      localAddresses: local,
      localPort: localPort === undefined ? undefined :
        validatePort(localPort, 'options.localPort'),
      timeout: connectTimeout,
    },
  };
}

/**
 * Every address of every host, in their order.
 * @param {any} socket @param {string[]} hosts @param {any} request
 * @param {(error: Error | null, addresses: string[]) => void} callback
 */
function resolve(socket, hosts, request, callback) {
  /** @type {string[]} */
  const found = [];
  let next = 0;
  const step = () => {
    while (next < hosts.length && net.isIP(hosts[next]) !== 0) found.push(hosts[next++]);
    if (next === hosts.length) return callback(null, found);
    const host = hosts[next++];
    request.lookup(host, { family: request.family, all: true },
      (/** @type {Error | null} */ error, /** @type {any} */ addresses) => {
        if (error) {
          socket.emit('lookup', error, undefined, undefined, host);
          return callback(error, []);
        }
        const list = Array.isArray(addresses) ? addresses : [{ address: addresses }];
        for (const { address, family } of list) {
          socket.emit('lookup', null, address, family, host);
          if (!found.includes(address)) found.push(address);
        }
        step();
      });
  };
  step();
}

/** A local port alone is bound on all addresses. @param {any} request @param {string[]} remote */
function anyAddress({ native: { localPort } }, remote) {
  if (!localPort) return undefined;
  return [remote.some((address) => net.isIPv6(address)) ? '::' : '0.0.0.0'];
}

/** @param {any} options @param {any} [listener] */
function connect(options, listener) {
  const request = connectSettings(options);
  if (listener !== undefined) validateFunction(listener, 'connectListener');
  const socket = new Socket(request.settings);
  socket.connecting = true;
  if (listener !== undefined) socket.once('connect', listener);
  if (request.timeout !== undefined) socket.setTimeout(request.timeout);
  if (request.signal !== undefined) abortOn(socket, request.signal);
  const handle = open(socket);
  resolve(socket, request.remote, request, (error, remoteAddresses) => {
    if (socket.destroyed) return;
    if (error || remoteAddresses.length === 0) {
      abandon(socket, error ?? plainError('ENOTFOUND', 'no address was found'));
      return;
    }
    socket[kState].started = true;
    native.connect(handle, request.settings.stack, {
      ...request.native,
      remoteAddresses,
      localAddresses: request.native.localAddresses ?? anyAddress(request, remoteAddresses),
    });
  });
  return socket;
}

// The loop has never heard of it.
/** @param {any} socket @param {Error} error */
function abandon(socket, error) {
  socket[kState].closed = true;
  process.nextTick(() => socket.destroy(error));
}

module.exports = { connect };
