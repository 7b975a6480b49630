'use strict';

// sctp.journal: the event log of the process on disk, as docs/journal-format.md has it:
// written, read event by event, and replayed to the state it leads to.

const { setTimeout: pause } = require('node:timers/promises');
const { isMainThread } = require('node:worker_threads');
const bridge = require('./bridge');
const { abortError, codedError, invalidArgType, invalidArgValue, plainError } =
  require('./errors');
const {
  validateAbortSignal, validateBoolean, validateInteger, validateObject, validateOneOf,
  validateString,
} = require('./validate');

const { native } = bridge;
const MODES = ['durable', 'fast', 'off'];
const USER_DATA = ['none', 'hash', 'full'];
const MAX = Number.MAX_SAFE_INTEGER;
// How long a reader that follows may not see what is there: events come to the disk in
// groups, 50 ms apart.
const FOLLOW_MS = 50;

/** As fs has them. @param {unknown} thrown @param {string} syscall @param {string} path */
function fromDisk(thrown, syscall, path) {
  const told = /** @type {any} */ (thrown).native;
  if (told === undefined) return thrown;
  if (told.code.startsWith('ERR_')) {
    const Base = told.code === 'ERR_INVALID_ARG_VALUE' ? TypeError : Error;
    return codedError(Base, told.code, told.message);
  }
  return Object.assign(new Error(`${told.code}: ${told.message}, ${syscall} '${path}'`), {
    errno: told.errno === undefined ? undefined : -told.errno, code: told.code, syscall, path,
  });
}

/** @template T @param {Promise<T>} promise @param {string} syscall @param {string} path */
async function onDisk(promise, syscall, path) {
  try {
    return await promise;
  } catch (error) {
    throw fromDisk(error, syscall, path);
  }
}

/** @param {unknown} path @param {string} [name] */
function validatePath(path, name = 'path') {
  validateString(path, name);
  if (path === '' || /** @type {string} */ (path).includes('\0')) {
    throw invalidArgValue(name, path, 'must be a path, without null bytes');
  }
}

// ---- writing --------------------------------------------------------------------

const noCommits = { buckets: [], sum: 0 };

/** The journal of this process, until it is closed. */
class Journal {
  /** @type {Promise<void> | undefined} */
  #closing;
  // process.exit() does not end environments in order.
  #onExit = () => {
    this.status();
    this.#closing = Promise.resolve();
    native.journalEnd();
  };
  #status = {
    id: '', part: '', durable: 0, queued: 0, written: 0, bytes: 0, gaps: 0, lostEvents: 0,
    failedCommits: 0, commits: noCommits,
  };

  /** @param {string} path @param {string} mode @param {string} id empty for the mode off */
  constructor(path, mode, id) {
    this.path = path;
    this.mode = mode;
    this.id = id;
    if (mode === 'off') {
      this.#closing = Promise.resolve();
    } else {
      process.once('exit', this.#onExit);
    }
  }

  /** What it was last, once it is closed. */
  status() {
    if (this.#closing === undefined) this.#take(native.journalStatus());
    return this.#status;
  }

  /** @param {any} status */
  #take(status) {
    const { error } = status;
    if (error !== undefined) status.error = fromDisk({ native: error }, 'write', this.path);
    this.#status = status;
  }

  async flush() {
    if (this.#closing !== undefined) return this.#closing;
    return onDisk(native.journalFlush(), 'write', this.path);
  }

  /** @returns {Promise<void>} */
  close() {
    if (this.#closing === undefined) {
      this.status();
      process.removeListener('exit', this.#onExit);
      this.#closing = onDisk(native.journalClose(), 'close', this.path)
        .then((status) => this.#take(status));
    }
    return this.#closing;
  }

  [/** @type {any} */ (Symbol).asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    return this.close();
  }
}

/** @param {any} options @returns {Promise<Journal>} */
async function open(options) {
  validateObject(options, 'options');
  const { path, mode = 'durable', userData = 'none', queueCapacity, rotateBytes, rotateAfter,
    retainBytes, retainFor } = options;
  validatePath(path, 'options.path');
  validateOneOf(mode, 'options.mode', MODES);
  validateOneOf(userData, 'options.userData', USER_DATA);
  for (const [name, value, min] of /** @type {[string, unknown, number][]} */ ([
    ['queueCapacity', queueCapacity, 64], ['rotateBytes', rotateBytes, 1],
    ['rotateAfter', rotateAfter, 1], ['retainBytes', retainBytes, 0],
    ['retainFor', retainFor, 0],
  ])) {
    if (value !== undefined) validateInteger(value, `options.${name}`, min, MAX);
  }
  if (mode === 'off') return new Journal(path, mode, '');
  bridge.open();
  const opening = native.journalOpen({
    path, mode, userData, queueCapacity, rotateBytes, rotateAfter, retainBytes, retainFor,
  });
  if (opening === undefined) {
    throw plainError('ERR_SCTP_JOURNAL_OPEN',
      'This process writes a journal already; close() that one first.');
  }
  const { id } = await onDisk(opening, 'open', path);
  return new Journal(path, mode, id);
}

// ---- reading --------------------------------------------------------------------

let lastReader = 0;

/** @param {any} after */
function validatePosition(after) {
  validateObject(after, 'options.after');
  validateString(after.journal, 'options.after.journal');
  validateInteger(after.seq, 'options.after.seq', 0, MAX);
}

/** @param {any} kinds */
function validateKinds(kinds) {
  if (!Array.isArray(kinds)) {
    throw invalidArgType('options.kinds', 'an instance of Array', kinds);
  }
  for (const [i, kind] of kinds.entries()) validateString(kind, `options.kinds[${i}]`);
}

/** @param {string} path @param {any} [options] */
function replay(path, options = {}) {
  validatePath(path);
  validateObject(options, 'options');
  const { after, follow = false, kinds, peer, signal } = options;
  if (after !== undefined) validatePosition(after);
  validateBoolean(follow, 'options.follow');
  if (kinds !== undefined) validateKinds(kinds);
  if (peer !== undefined) validateString(peer, 'options.peer');
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  const stop = new AbortController();
  const entries = read(path, { after, follow, kinds, peer, signal, stop });
  return {
    next: () => entries.next(),
    // Also of a reader that waits for what may never come.
    return: () => {
      stop.abort();
      return entries.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

// Ends when it is stopped, by whoever reads; by `signal` with its error.
/** @param {string} path @param {any} options */
async function* read(path, { after, follow, kinds, peer, signal, stop }) {
  const id = ++lastReader;
  const onAbort = () => stop.abort();
  const stopped = () => {
    if (signal?.aborted) throw abortError({ cause: signal.reason });
    return stop.signal.aborted;
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (stopped()) return;
    await onDisk(native.journalReaderOpen(id, path, after?.journal, after?.seq, kinds, peer),
      'open', path);
    while (!stopped()) {
      const { items, atEnd } = await onDisk(native.journalReaderNext(id), 'read', path);
      for (const item of items) {
        if (stopped()) return;
        yield item;
      }
      if (!atEnd) continue;
      if (!follow) return;
      await pause(FOLLOW_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    native.journalReaderClose(id);
  }
}

/** @param {any} at @returns {number} milliseconds since the epoch */
function timeOf(at) {
  if (typeof at !== 'number' && typeof at !== 'string' && !(at instanceof Date)) {
    throw invalidArgType('options.at', 'of type number or string, or an instance of Date', at);
  }
  const time = typeof at === 'number' ? at : new Date(at).getTime();
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) {
    throw invalidArgValue('options.at', at, 'must be a time');
  }
  return time;
}

/** @param {string} path @param {any} [options] */
async function state(path, options = {}) {
  validatePath(path);
  validateObject(options, 'options');
  const { at, seq, journal } = options;
  if (at !== undefined && seq !== undefined) {
    throw invalidArgValue('options', options, 'must not have both "at" and "seq"');
  }
  if (seq !== undefined) validateInteger(seq, 'options.seq', 1, MAX);
  if (journal !== undefined) validateString(journal, 'options.journal');
  const time = at === undefined ? undefined : timeOf(at);
  return onDisk(native.journalState(path, journal, seq, time), 'read', path);
}

// LKSCTP_JOURNAL=path: a journal without a line of code. What is wrong with it must not end
// a program that does not ask for it.
/** @param {string | undefined} path */
function openAsTold(path) {
  if (!path || !isMainThread) return;
  open({ path }).catch((error) => process.emitWarning(
    `LKSCTP_JOURNAL=${path}: no journal is written: ${error.message}`,
    { type: 'SctpJournalWarning', code: error.code }));
}

openAsTold(process.env.LKSCTP_JOURNAL);

module.exports = { open, replay, state };
