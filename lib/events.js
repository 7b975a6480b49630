'use strict';

// sctp.events: every event of every association of the process, with its number in
// the log. An EventEmitter ('event', and each event under its own type) and an async
// iterable. Nothing crosses from the loop while nobody listens; listening does not
// keep the process alive.

const { EventEmitter } = require('node:events');
const bridge = require('./bridge');

// Events an iterator keeps for a reader that is slower than they come.
const MAX_KEPT = 10_000;

/** @param {string | symbol} name */
function isOwn(name) {
  return name === 'newListener' || name === 'removeListener';
}

class Events extends EventEmitter {
  constructor() {
    super();
    this.watching = false;
    // At once: the listener must not miss what the next call brings about.
    this._onAdded = (/** @type {string | symbol} */ name) => {
      if (!isOwn(name)) this._watch(true);
    };
    this._onRemoved = () => this._watch(!this.eventNames().every(isOwn));
    this._listenToListeners();
    bridge.onProcessObject('event', (/** @type {{ event: any }} */ { event }) => {
      this.emit('event', event);
      this.emit(event.type, event);
    });
  }

  /** @param {boolean} wanted */
  _watch(wanted) {
    if (wanted === this.watching) return;
    this.watching = wanted;
    bridge.open();
    bridge.native.watchEvents(wanted);
  }

  _listenToListeners() {
    /** @type {[string, (name: string | symbol) => void][]} */
    const own = [['newListener', this._onAdded], ['removeListener', this._onRemoved]];
    for (const [name, listener] of own) {
      if (!this.listeners(name).includes(listener)) this.on(name, listener);
    }
  }

  // All but the two of its own, without which nobody would be told of events again.
  /** @param {[name?: string | symbol]} names */
  removeAllListeners(...names) {
    super.removeAllListeners(...names);
    this._listenToListeners();
    this._onRemoved();
    return this;
  }

  /** @returns {AsyncIterableIterator<any>} */
  [Symbol.asyncIterator]() {
    return new EventIterator(this);
  }
}

// What a reader cannot keep up with it is told of: {type: 'log_gap', from, to}.
/** @implements {AsyncIterableIterator<any>} */
class EventIterator {
  /** @param {Events} events */
  constructor(events) {
    this.events = events;
    /** @type {any[]} */
    this.kept = [];
    /** @type {{ from: number, to: number } | undefined} */
    this.gap = undefined;
    /** @type {((result: IteratorResult<any>) => void)[]} */
    this.readers = [];
    this.done = false;
    this.listener = (/** @type {any} */ event) => this.add(event);
    events.on('event', this.listener);
  }

  /** @param {any} event */
  add(event) {
    const reader = this.readers.shift();
    if (reader) {
      reader({ value: event, done: false });
    } else if (this.kept.length < MAX_KEPT && this.gap === undefined) {
      this.kept.push(event);
    } else {
      this.gap ??= { from: event.seq, to: event.seq };
      this.gap.to = event.seq;
    }
  }

  /** @returns {Promise<IteratorResult<any>>} */
  next() {
    if (this.kept.length > 0) {
      return Promise.resolve({ value: this.kept.shift(), done: false });
    }
    if (this.gap !== undefined) {
      const value = { type: 'log_gap', ...this.gap };
      this.gap = undefined;
      return Promise.resolve({ value, done: false });
    }
    if (this.done) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.readers.push(resolve));
  }

  /** @returns {Promise<IteratorResult<any>>} */
  return() {
    this.done = true;
    this.kept = [];
    this.gap = undefined;
    this.events.removeListener('event', this.listener);
    for (const reader of this.readers.splice(0)) reader({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

module.exports = { events: new Events() };
