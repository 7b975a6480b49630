'use strict';

// The server: a listening endpoint with the behaviour of net.Server.

const { EventEmitter } = require('node:events');
const bridge = require('./bridge');
const { kOnObject, native } = bridge;
const { plainError, fromLoop } = require('./errors');
const {
  validateObject, validateFunction, validatePort, validateInteger, validateAbortSignal,
  validateBoolean, validateString,
} = require('./validate');
const { associationOptions, addressOptions, checkAddresses } = require('./options');
const { accepted } = require('./socket');

const kServer = Symbol('server');
const DEFAULT_BACKLOG = 511;

class ServerState {
  /** @param {any} settings */
  constructor(settings) {
    this.settings = settings;
    this.handle = -1; // while it listens, or is about to
    /**
     * Listeners that the loop has not closed yet, by their handle: whether they had no
     * connections left. @type {Map<number, boolean>}
     */
    this.closing = new Map();
    this.refed = true;
    this.retained = false;
    this.connections = new Set();
    /** @type {{ address: string, family: string, port: number }[]} */
    this.local = [];
    /** @type {number | undefined} */
    this.udpPort = undefined;
    /** @type {string | undefined} */
    this.stack = undefined;
    /** @type {string | undefined} */
    this.name = undefined;
    /** The program's name of a peer. @type {((remote: any) => unknown) | undefined} */
    this.nameOf = undefined;
  }
}

class Server extends EventEmitter {
  /** @param {any} [options] @param {any} [connectionListener] */
  constructor(options, connectionListener) {
    super();
    if (typeof options === 'function') {
      connectionListener = options;
      options = undefined;
    }
    if (options !== undefined && options !== null) validateObject(options, 'options');
    this[kServer] = new ServerState(associationOptions(options ?? {}));
    if (typeof options?.peerName === 'function') this[kServer].nameOf = options.peerName;
    /** @type {number | undefined} */
    this.maxConnections = undefined;
    this.listening = false;
    if (connectionListener !== undefined) {
      validateFunction(connectionListener, 'connectionListener');
      this.on('connection', connectionListener);
    }
  }

  /** @param {any} [options] @param {any} [callback] */
  listen(options, callback) {
    if (typeof options === 'function') {
      callback = options;
      options = undefined;
    }
    const state = this[kServer];
    if (state.handle !== -1) {
      throw plainError('ERR_SERVER_ALREADY_LISTEN',
        'Listen method has been called more than once without closing.');
    }
    const request = listenRequest(options ?? {}, state);
    if (callback !== undefined && callback !== null) validateFunction(callback, 'callback');
    if (callback) this.once('listening', callback);
    state.handle = bridge.register(this);
    bridge.retain(state);
    native.listen(state.handle, request.stack, request.native);
    if (request.signal) closeOn(this, request.signal);
    return this;
  }

  address() {
    const [first] = this[kServer].local;
    return this.listening && first ? { ...first } : null;
  }

  getLocalAddresses() {
    return this.listening ? this[kServer].local.map((address) => ({ ...address })) : [];
  }

  /** @param {(error: Error | null, count: number) => void} callback */
  getConnections(callback) {
    process.nextTick(callback, null, this[kServer].connections.size);
    return this;
  }

  /** @param {any} [callback] */
  close(callback) {
    const state = this[kServer];
    if (typeof callback === 'function') {
      if (state.handle === -1) {
        this.once('close', () =>
          callback(plainError('ERR_SERVER_NOT_RUNNING', 'Server is not running.')));
      } else {
        this.once('close', callback);
      }
    }
    if (state.handle !== -1) {
      native.closeListener(state.handle);
      state.closing.set(state.handle, state.connections.size === 0);
      state.handle = -1;
      this.listening = false;
    }
    emitCloseIfDrained(this);
    return this;
  }

  ref() {
    this[kServer].refed = true;
    if (this[kServer].handle !== -1) bridge.retain(this[kServer]);
    return this;
  }

  unref() {
    this[kServer].refed = false;
    bridge.unretain(this[kServer]);
    return this;
  }

  [/** @type {any} */ (Symbol).asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    if (this[kServer].handle === -1) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.close((/** @type {Error | undefined} */ error) => error ? reject(error) : resolve(undefined));
    });
  }

  /** @param {any} object */
  [kOnObject](object) {
    switch (object.type) {
      case 'listening': return onListening(this, object);
      case 'listen-failed': return onListenFailed(this, object);
      case 'unnamed-peer':
        native.namePeer(object.asked, nameOfPeer(this[kServer].nameOf, object.remote));
        return;
      case 'connection': return onConnection(this, object);
      case 'accept-failed':
        this.emit('accept-error', fromLoop(object.error, 'accept'));
        return;
      case 'listener-closed': return onListenerClosed(this, object);
    }
  }

  // One of ours has gone.
  /** @param {any} socket */
  _connectionClosed(socket) {
    this[kServer].connections.delete(socket);
    emitCloseIfDrained(this);
  }
}

/**
 * Never throws: what is wrong with the program's function is no reason to refuse a peer.
 * @param {((remote: any) => unknown) | undefined} nameOf @param {any} remote
 * @returns {string}
 */
function nameOfPeer(nameOf, remote) {
  try {
    const name = nameOf?.({ ...remote });
    validateString(name, 'options.peerName()');
    return /** @type {string} */ (name);
  } catch (error) {
    process.emitWarning(`peerName of a server: ${error instanceof Error ? error.message : error}; ` +
      `the peer is called ${remote.address}`, { code: 'LKSCTP_PEER_NAME' });
    return remote.address;
  }
}

/** @param {any} options @param {ServerState} state of the server */
function listenRequest(options, { settings, nameOf }) {
  validateObject(options, 'options');
  const { port, backlog, ipv6Only, signal } = options;
  const local = checkAddresses(addressOptions(options, 'host', 'localAddresses'),
    options.localAddresses === undefined ? 'options.host' : 'options.localAddresses');
  if (backlog !== undefined) validateInteger(backlog, 'options.backlog', 0, 0x7fff_ffff);
  if (ipv6Only !== undefined) validateBoolean(ipv6Only, 'options.ipv6Only');
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  // What createServer was given holds unless listen() is given its own.
  const own = associationOptions(options);
  return {
    stack: options.stack === undefined ? settings.stack : own.stack,
    signal,
    native: {
      ...settings.native,
      name: options.name ?? settings.native.name,
      udpEncapsulation: own.native.udpEncapsulation ?? settings.native.udpEncapsulation,
      port: port === undefined || port === null ? 0 : validatePort(port, 'options.port'),
      localAddresses: local ?? [ipv6Only ? '::' : '0.0.0.0'],
      ipv6Only: Boolean(ipv6Only),
      namesPeers: nameOf !== undefined,
      backlog: backlog || DEFAULT_BACKLOG,
    },
  };
}

/** @param {Server} server @param {AbortSignal} signal */
function closeOn(server, signal) {
  if (signal.aborted) {
    process.nextTick(() => server.close());
    return;
  }
  const close = () => server.close();
  signal.addEventListener('abort', close, { once: true });
  server.once('close', () => signal.removeEventListener('abort', close));
}

/** @param {Server} server @param {any} object */
function onListenerClosed(server, object) {
  const state = server[kServer];
  bridge.forget(object.handle);
  const wasDrained = state.closing.get(object.handle);
  state.closing.delete(object.handle);
  if (state.handle === -1) bridge.unretain(state);
  // It may be listening again: that is another listener, and who has closed this one hears.
  if (wasDrained) process.nextTick(() => server.emit('close'));
  else emitCloseIfDrained(server);
}

/** @param {ServerState} state */
function drained(state) {
  return state.handle === -1 && state.closing.size === 0 && state.connections.size === 0;
}

/** @param {Server} server */
function emitCloseIfDrained(server) {
  const state = server[kServer];
  if (!drained(state)) return;
  process.nextTick(() => {
    if (drained(state)) server.emit('close');
  });
}

/** @param {Server} server @param {any} object */
function onListening(server, object) {
  const state = server[kServer];
  if (state.handle !== object.handle) return;
  state.local = object.local;
  state.udpPort = object.udpPort;
  state.stack = object.stack;
  state.name = object.name;
  server.listening = true;
  if (object.fallbackReason) require('./stacks').warnOfFallback(object.fallbackReason);
  server.emit('listening');
}

/** @param {Server} server @param {any} object */
function onListenFailed(server, object) {
  const state = server[kServer];
  if (state.handle !== object.handle) return; // closed already: 'listener-closed' follows
  bridge.forget(object.handle);
  state.handle = -1;
  bridge.unretain(state);
  server.emit('error', fromLoop(object.error, 'listen'));
}

/** @param {Server} server @param {any} info */
function onConnection(server, info) {
  const state = server[kServer];
  const { maxConnections } = server;
  if (state.handle === -1 ||
      (typeof maxConnections === 'number' && state.connections.size >= maxConnections)) {
    // As net: to the peer it has connected and ended.
    native.release(info.handle);
    native.shutdown(info.handle);
    bridge.flushLater();
    if (state.handle !== -1) server.emit('drop', dropped(info));
    return;
  }
  const socket = accepted(state.settings, info, server);
  state.connections.add(socket);
  server.emit('connection', socket);
}

/** As net tells of it. @param {any} info */
function dropped(info) {
  const [local] = info.local;
  const [remote] = info.remote;
  return {
    localAddress: local?.address,
    localPort: local?.port,
    localFamily: local?.family,
    remoteAddress: remote?.address,
    remotePort: remote?.port,
    remoteFamily: remote?.family,
  };
}

module.exports = { Server };
