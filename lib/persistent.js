'use strict';

// connectPersistent(): an association that comes back when it is lost, after a pause
// that grows with every failure and is spread by chance, so that the clients of a
// server that restarts do not all return at once.

const { EventEmitter } = require('node:events');
const { connect } = require('./connect');
const { validateObject, validateInteger, validateAbortSignal } = require('./validate');
const { invalidArgType, outOfRange } = require('./errors');

const DEFAULTS = { minDelay: 500, maxDelay: 30_000, factor: 2, jitter: 0.5 };

/** @param {any} reconnect */
function reconnectOptions(reconnect = {}) {
  validateObject(reconnect, 'options.reconnect');
  const given = { ...DEFAULTS, ...reconnect };
  validateInteger(given.minDelay, 'options.reconnect.minDelay', 0, 0x7fff_ffff);
  validateInteger(given.maxDelay, 'options.reconnect.maxDelay', given.minDelay, 0x7fff_ffff);
  /** @type {['factor' | 'jitter', number, number][]} */
  const fractions = [['factor', 1, Infinity], ['jitter', 0, 1]];
  for (const [name, min, max] of fractions) {
    const value = given[name];
    if (typeof value !== 'number') {
      throw invalidArgType(`options.reconnect.${name}`, 'of type number', value);
    }
    if (!(value >= min && value <= max)) {
      throw outOfRange(`options.reconnect.${name}`, `>= ${min} && <= ${max}`, value);
    }
  }
  return given;
}

class PersistentConnection extends EventEmitter {
  /** @param {any} options */
  constructor(options) {
    super();
    validateObject(options, 'options');
    const { reconnect, signal, ...connectOptions } = options;
    this._connectOptions = connectOptions;
    this._reconnect = reconnectOptions(reconnect);
    this._failures = 0;
    this._refed = true;
    /** @type {NodeJS.Timeout | undefined} */
    this._timer = undefined;
    /** @type {import('./socket').Socket | null} the one that is up */
    this.socket = null;
    this.closed = false;
    this._closeTold = false;
    /** @type {(() => void) | undefined} */
    this._releaseSignal = undefined;
    if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
    // Here, so that wrong options throw at the call.
    this._attempt();
    if (signal?.aborted) {
      this.close();
    } else if (signal) {
      const close = () => this.close();
      signal.addEventListener('abort', close, { once: true });
      this._releaseSignal = () => signal.removeEventListener('abort', close);
    }
  }

  get connected() {
    return this.socket !== null;
  }

  _attempt() {
    this._timer = undefined;
    const socket = connect(this._connectOptions);
    this._current = socket;
    if (!this._refed) socket.unref();
    /** @type {Error | undefined} */
    let failure;
    socket.on('error', (/** @type {Error} */ error) => {
      failure = error;
    });
    socket.once('connect', () => {
      this._failures = 0;
      this.socket = socket;
      this.emit('up', socket);
    });
    socket.once('close', () => this._lost(failure));
  }

  /** @param {Error | undefined} error */
  _lost(error) {
    const wasUp = this.socket !== null;
    this.socket = null;
    this._current = undefined;
    const delay = this.closed ? null : this._nextDelay();
    if (delay !== null) {
      this._timer = setTimeout(() => this._attempt(), delay);
      if (!this._refed) this._timer.unref();
    }
    this.emit('down', { error, wasUp, retryDelay: delay, attempt: this._failures });
    if (this.closed) this._tellClose();
  }

  // Once: close() may have been called in a listener of 'down'.
  _tellClose() {
    if (this._closeTold) return;
    this._closeTold = true;
    this._releaseSignal?.();
    this.emit('close');
  }

  _nextDelay() {
    const { minDelay, maxDelay, factor, jitter } = this._reconnect;
    const full = Math.min(maxDelay, minDelay * factor ** this._failures++);
    return Math.round(full * (1 - jitter * Math.random()));
  }

  /** Shuts down gracefully and stays away; 'close' follows. */
  close() {
    if (this.closed) return this;
    this.closed = true;
    clearTimeout(this._timer);
    const current = this._current;
    if (current === undefined) process.nextTick(() => this._tellClose());
    else if (this.socket) current.end().resume();
    else current.destroy();
    return this;
  }

  ref() {
    this._refed = true;
    this._current?.ref();
    this._timer?.ref();
    return this;
  }

  unref() {
    this._refed = false;
    this._current?.unref();
    this._timer?.unref();
    return this;
  }

  [/** @type {any} */ (Symbol).asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    if (this._closeTold) return Promise.resolve();
    return new Promise((resolve) => {
      this.once('close', resolve);
      this.close();
    });
  }
}

/** @param {any} options */
function connectPersistent(options) {
  return new PersistentConnection(options);
}

module.exports = { connectPersistent, PersistentConnection };
