'use strict';

// The socket: an association as a stream.Duplex, with the behaviour of net.Socket.
// Its writable half is in socket-write.js, the facts it shows in socket-facts.js, what
// the loop tells it in socket-told.js.

const { Buffer } = require('node:buffer');
const bridge = require('./bridge');
const { kOnMessage, kOnEnding, kOnObject, native } = bridge;
const { fromLoop, plainError, abortError, invalidArgType, outOfRange } = require('./errors');
const { validateFunction, validateString } = require('./validate');
const { sctpOptions, normalizeSack } = require('./options');
const { Facts } = require('./socket-facts');
const { MessageWriter, Writer } = require('./socket-write');
const { kState } = require('./socket-state');
const {
  use, establish, onConnected, onPeerShutdown, onClosed, onNotification,
  onSendFailed,
} = require('./socket-told');

// Bytes of a reason that one packet's ABORT can carry on every path.
const MAX_ABORT_REASON = 1000;
const MAX_TIMEOUT = 0x7fff_ffff;

class Socket extends MessageWriter {
  /** @param {any} settings see `associationOptions` */
  constructor(settings) {
    super(settings, {
      // When the peer has ended, so do we: SCTP has no half-open associations.
      allowHalfOpen: false,
      emitClose: false,
      readableObjectMode: true,
      // Messages wait in `inbox`, by bytes; the stream itself holds at most one.
      readableHighWaterMark: 1,
      writableHighWaterMark: settings.highWaterMark,
      decodeStrings: true,
    });
    this.timeout = 0;
    // Bytes, whatever the stream itself counts.
    Object.defineProperty(this, 'readableHighWaterMark',
      { value: settings.highWaterMark ?? this.writableHighWaterMark });
    /** @type {'IPv4' | 'IPv6' | undefined} */
    this.localFamily = undefined;
    /** @type {number | undefined} */
    this.localPort = undefined;
    /** @type {string | undefined} */
    this.localAddress = undefined;
    /** @type {string[]} */
    this.localAddresses = [];
    /** @type {'IPv4' | 'IPv6' | undefined} */
    this.remoteFamily = undefined;
    /** @type {number | undefined} */
    this.remotePort = undefined;
    /** @type {string | undefined} */
    this.remoteAddress = undefined;
    /** @type {string[]} */
    this.remoteAddresses = [];
    /** @type {Record<string, any>} */
    this.peerInfoByAddress = {};
    Facts.define(this);
  }

  // ---- life ---------------------------------------------------------------------

  get pending() {
    return this[kState].handle === -1 || this.destroyed || this.connecting;
  }

  get readyState() {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable && !this.writable) return 'readOnly';
    if (!this.readable && this.writable) return 'writeOnly';
    return 'closed';
  }

  get bytesRead() {
    return this[kState].bytesRead;
  }

  address() {
    if (this.destroyed || this.localAddress === undefined) return {};
    return { address: this.localAddress, family: this.localFamily, port: this.localPort };
  }

  ref() {
    const state = this[kState];
    state.refed = true;
    if (state.handle !== -1 && !state.closed) bridge.retain(state);
    return this;
  }

  unref() {
    const state = this[kState];
    state.refed = false;
    bridge.unretain(state);
    return this;
  }

  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  resetAndDestroy() {
    if (this.connecting) this.once('connect', () => this.destroy());
    else if (this[kState].connected) this.destroy();
    else this.destroy(plainError('ERR_SOCKET_CLOSED', 'Socket is closed'));
    return this;
  }

  /** @param {string} [reason] */
  abort(reason) {
    if (reason !== undefined) {
      validateString(reason, 'reason');
      const length = Buffer.byteLength(reason);
      if (length > MAX_ABORT_REASON) {
        throw outOfRange('reason', `at most ${MAX_ABORT_REASON} bytes long`, length);
      }
      this[kState].abortReason = reason;
    }
    this[kState].ending = false; // an abort, even after end()
    return this.destroy();
  }

  /** @param {number} msecs @param {() => void} [callback] */
  setTimeout(msecs, callback) {
    if (this.destroyed) return this;
    if (typeof msecs !== 'number') throw invalidArgType('msecs', 'of type number', msecs);
    if (!(msecs >= 0 && Number.isFinite(msecs))) {
      throw outOfRange('msecs', 'a non-negative finite number', msecs);
    }
    const state = this[kState];
    if (callback !== undefined) validateFunction(callback, 'callback');
    this.timeout = msecs;
    clearTimeout(state.timer);
    if (msecs === 0) {
      state.timer = undefined;
      if (callback) this.removeListener('timeout', callback);
      return this;
    }
    state.timer = setTimeout(() => {
      this.emit('timeout');
    }, Math.min(Math.max(1, Math.trunc(msecs)), MAX_TIMEOUT)).unref();
    if (callback) this.once('timeout', callback);
    return this;
  }

  // ---- reading --------------------------------------------------------------------

  /** @param {any} message */
  [kOnMessage](message) {
    const state = this[kState];
    state.timer?.refresh();
    state.bytesRead += message.length;
    if (this.destroyed) return;
    if (state.inbox.length > 0 || !state.wanted) {
      state.inbox.push(message);
      return;
    }
    use(state, message.length);
    state.wanted = this.push(message);
  }

  _read() {
    const state = this[kState];
    state.wanted = true;
    while (state.wanted && state.inbox.length > 0) {
      const message = state.inbox.shift();
      use(state, message.length);
      state.wanted = this.push(message);
    }
    if (state.remoteEnded && state.inbox.length === 0) this.push(null);
  }

  // ---- what the loop tells --------------------------------------------------------

  [kOnEnding]() {
    const state = this[kState];
    state.ending = true;
    const done = state.onEnding;
    state.onEnding = undefined;
    done?.(Writer.lost(this));
  }

  /** @param {any} object */
  [kOnObject](object) {
    switch (object.type) {
      case 'connected': return onConnected(this, object);
      case 'connect-failed': return onClosed(this, object, 'connect');
      case 'closed': return onClosed(this, object);
      case 'peer-shutdown': return onPeerShutdown(this);
      case 'not-taken': return Writer.onNotTaken(this, object);
      case 'send-failed': return onSendFailed(this, object);
      case 'notification': return onNotification(this, object);
      case 'paths': return Facts.onPaths(this, object.paths);
      case 'local': return Facts.onLocal(this, object.local);
    }
  }

  // ---- the end ----------------------------------------------------------------------

  /** @param {(error?: Error | null) => void} callback */
  _final(callback) {
    const state = this[kState];
    if (this.connecting) {
      this.once('connect', () => this._final(callback));
      return;
    }
    if (state.closed || state.handle === -1) {
      callback(Writer.lost(this));
      return;
    }
    state.onEnding = callback;
    native.shutdown(state.handle);
    bridge.flushLater();
  }

  /** @param {Error | null} error @param {(error?: Error | null) => void} callback */
  _destroy(error, callback) {
    const state = this[kState];
    this.connecting = false;
    clearTimeout(state.timer);
    clearInterval(state.peerInfoTimer);
    state.inbox.clear();
    state.onEnding = undefined;
    const reason = error ?? plainError('ERR_STREAM_DESTROYED',
      'Cannot call write after a stream was destroyed');
    Writer.fail(this, reason);
    const closed = () => {
      bridge.unretain(state);
      state.server?._connectionClosed(this);
      // In a turn of its own, as net: who awaits 'error' first does not miss it.
      setImmediate(() => {
        this.emit('close', Boolean(error));
      });
    };
    if (!state.started || state.closed) {
      bridge.forget(state.handle);
      closed();
    } else if (state.ending && (!error || error === state.lost)) {
      // Shut down already: it goes on, and only who has read everything waits for it. So it
      // does when writes were lost because the peer had ended: others are on their way.
      if (this.readableEnded || state.remoteEnded) {
        state.onClosed = closed;
      } else {
        native.release(state.handle);
        closed();
      }
    } else {
      state.onClosed = closed;
      native.abort(state.handle, state.abortReason);
    }
    bridge.flushLater();
    callback(error);
    Writer.failHeld(this, reason);
  }

  // ---- asking ------------------------------------------------------------------------

  status() {
    const told = this[kState].connected ? native.status(handleOf(this)) : undefined;
    if (told === undefined) throw notConnected();
    const { paths, ...status } = told;
    const primary = paths.find((/** @type {any} */ path) => path.primary);
    return { ...status, primary: primary && Facts.primaryOf(primary) };
  }

  statistics() {
    const told = this[kState].connected ? native.statistics(handleOf(this)) : undefined;
    if (told === undefined) throw notConnected();
    return told;
  }

  options() {
    const told = this[kState].connected ? native.options(handleOf(this)) : undefined;
    if (told === undefined) throw notConnected();
    return told;
  }

  /** @param {any} options */
  setOptions(options) {
    const checked = sctpOptions(options, 'options');
    normalizeSack(checked);
    setOptions(this, checked);
    return this;
  }

  /** @param {boolean} [noDelay] */
  setNoDelay(noDelay = true) {
    setOptions(this, { noDelay: Boolean(noDelay) });
    return this;
  }

  get paths() {
    return Facts.paths(this);
  }

  get peerName() {
    return this[kState].peerName;
  }
}

/** @param {Socket} socket @param {any} settings */
function setOptions(socket, settings) {
  const state = socket[kState];
  if (state.closed || socket.destroyed) return;
  if (!state.connected) {
    // They come with the association.
    const { sctp } = state.settings.native;
    for (const [key, value] of Object.entries(settings)) {
      sctp[key] = typeof value === 'object' ? { ...sctp[key], ...value } : value;
    }
    if (state.handle === -1) return;
  }
  try {
    native.setOptions(state.handle, settings);
  } catch (error) {
    const told = /** @type {any} */ (error).native;
    if (told.code === 'ERR_SCTP_CLOSED') return; // the news is on its way
    throw fromLoop(told, 'setsockopt');
  }
}

function notConnected() {
  return plainError('ERR_SOCKET_CLOSED', 'Socket is closed');
}

/** @param {Socket} socket */
function handleOf(socket) {
  if (socket.destroyed || socket[kState].closed) throw notConnected();
  return socket[kState].handle;
}

// ---- for connect.js and server.js ------------------------------------------------------

/** Gives the socket its place on the loop. @param {Socket} socket */
function open(socket) {
  const state = socket[kState];
  state.handle = bridge.register(socket);
  bridge.retain(state);
  return state.handle;
}

/**
 * A socket for an association that the loop has accepted.
 * @param {any} settings @param {any} info @param {any} server
 */
function accepted(settings, info, server) {
  const socket = new Socket(settings);
  const state = socket[kState];
  state.handle = info.handle;
  state.started = true;
  state.server = server;
  bridge.adopt(info.handle, socket);
  bridge.retain(state);
  establish(socket, info);
  return socket;
}

/** @param {Socket} socket @param {AbortSignal} signal */
function abortOn(socket, signal) {
  const abort = () => socket.destroy(abortError({ cause: signal.reason }));
  if (signal.aborted) {
    process.nextTick(abort);
    return;
  }
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
}

module.exports = { Socket, open, accepted, abortOn };
