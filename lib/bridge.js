'use strict';

// The bridge to the loop thread: loads the addon, gives out handles, and hands what
// the loop tells to whoever has the handle. Nothing else in lib/ touches the addon.
//
// What comes from the loop is a batch: blocks of records (see InboundRecord in
// node-binding/src/records.h), large messages, and objects, in the order of the
// records.

const { AsyncResource } = require('node:async_hooks');
const { Buffer } = require('node:buffer');
const { loadAddon } = require('./addon');

const native = loadAddon();

const kOnMessage = Symbol('onMessage');
const kOnTaken = Symbol('onTaken');
const kOnEnding = Symbol('onEnding');
const kOnObject = Symbol('onObject');
// The AsyncResource of who opened it: what it is told runs in that context.
const kScope = Symbol('scope');

const RECORD_SIZE = 32;
const KIND_MESSAGE = 0;
const KIND_LARGE = 1;
const KIND_OBJECT = 2;
const KIND_TAKEN = 3;

/**
 * Whoever has a handle.
 * @typedef {object} Target
 * @property {(message: import('./index').Message) => void} [kOnMessage]
 */

/** @type {Map<number, any>} */
const targets = new Map();
/** Listeners of `object` records without a handle, by type. @type {Map<string, Function>} */
const processListeners = new Map();

let opened = false;
let lastHandle = -1;
let keptAlive = 0;

// ---- handles ------------------------------------------------------------------

/** Registers `target` under a handle of its own. @param {any} target */
function register(target) {
  target[kScope] = new AsyncResource('SCTPWRAP');
  if (!opened) {
    native.open(deliver);
    opened = true;
  }
  do {
    // Odd: even ones are the loop's, for what it accepts.
    lastHandle = (lastHandle + 2) % 0x1_0000_0000;
  } while (targets.has(lastHandle));
  targets.set(lastHandle, target);
  return lastHandle;
}

/** Registers `target` under a handle the loop has given. @param {number} handle @param {any} target */
function adopt(handle, target) {
  target[kScope] = new AsyncResource('SCTPWRAP');
  targets.set(handle, target);
}

/** @param {number} handle */
function forget(handle) {
  targets.delete(handle);
}

/** @param {string} type @param {Function} listener */
function onProcessObject(type, listener) {
  processListeners.set(type, listener);
}

/** Opens the bridge for who has no handle. */
function open() {
  if (opened) return;
  native.open(deliver);
  opened = true;
}

// Node's loop goes on as long as a socket or server that is open and was not unref'd
// counts; each counts once.
/** @param {{ retained: boolean, refed: boolean }} state */
function retain(state) {
  if (state.retained || !state.refed) return;
  state.retained = true;
  if (keptAlive++ === 0) native.keepAlive(true);
}

/** @param {{ retained: boolean }} state */
function unretain(state) {
  if (!state.retained) return;
  state.retained = false;
  if (--keptAlive === 0) native.keepAlive(false);
}

// ---- to the loop --------------------------------------------------------------

let dirty = false;
let delivering = false;

function flush() {
  if (!dirty) return;
  dirty = false;
  native.flush();
}

// What is queued in one turn of JS goes to the loop together.
function flushLater() {
  if (dirty) return;
  dirty = true;
  if (!delivering) process.nextTick(flush);
}

// ---- from the loop --------------------------------------------------------------

class Batch {
  /** @param {ArrayBuffer[]} slabs @param {Buffer[]} large @param {any[]} objects */
  constructor(slabs, large, objects) {
    this.slabs = slabs;
    this.large = large;
    this.objects = objects;
    this.slab = 0;
    this.offset = 0;
    this.nextLarge = 0;
    this.nextObject = 0;
    // Of the slab at hand.
    this.u32 = new Uint32Array(0);
    this.u16 = new Uint16Array(0);
  }

  // True when all is done; false when the rest wants a turn of its own. The place is
  // kept before anything is called: a listener that throws loses nothing but itself.
  run() {
    for (; this.slab < this.slabs.length; this.slab++, this.offset = 0) {
      const slab = this.slabs[this.slab];
      this.u32 = new Uint32Array(slab);
      this.u16 = new Uint16Array(slab);
      while (this.offset < slab.byteLength) {
        if (this.u16[(this.offset >> 1) + 4] === KIND_OBJECT) {
          this.offset += RECORD_SIZE;
          if (!deliverObject(this.objects[this.nextObject++])) return false;
          continue;
        }
        const handle = this.u32[this.offset >> 2];
        const target = targets.get(handle);
        if (target === undefined) this.runOf(handle, undefined);
        else target[kScope].runInAsyncScope(this.runOf, this, handle, target);
      }
    }
    return true;
  }

  // The records that follow each other with the same handle, but for objects.
  /** @param {number} handle @param {any} target */
  runOf(handle, target) {
    const { u32, u16, slabs } = this;
    const slab = slabs[this.slab];
    while (this.offset < slab.byteLength && u32[this.offset >> 2] === handle) {
      const at = this.offset;
      const size = u32[(at >> 2) + 1];
      const kind = u16[(at >> 1) + 4];
      this.offset = at + RECORD_SIZE;
      if (kind <= KIND_LARGE) {
        /** @type {any} */
        let message;
        if (kind === KIND_MESSAGE) {
          this.offset += (size + 7) & ~7;
          message = Buffer.from(slab, at + RECORD_SIZE, size);
        } else {
          message = this.large[this.nextLarge++];
        }
        message.sid = u16[(at >> 1) + 6];
        message.ppid = u32[(at >> 2) + 4];
        message.ssn = u16[(at >> 1) + 7];
        message.tsn = u32[(at >> 2) + 5];
        message.unordered = (u16[(at >> 1) + 5] & 1) !== 0;
        message.context = u32[(at >> 2) + 6];
        target?.[kOnMessage](message);
      } else if (kind === KIND_TAKEN) {
        target?.[kOnTaken](u32[(at >> 2) + 6], size);
      } else {
        target?.[kOnEnding]();
      }
    }
  }
}

// False when listeners may be added in what follows (`await once(...)`), before the
// rest is told.
/** @param {any} object */
function deliverObject(object) {
  if (object.handle === undefined) {
    processListeners.get(object.type)?.(object);
    return true;
  }
  const isNew = object.type === 'connection' || object.type === 'connected';
  const target = targets.get(object.type === 'connection' ? object.listener : object.handle);
  target?.[kScope].runInAsyncScope(target[kOnObject], target, object);
  return !isNew;
}

/** @type {Batch[]} */
const batches = [];
let resuming = false;

/** @param {ArrayBuffer[]} slabs @param {Buffer[]} large @param {any[]} objects */
function deliver(slabs, large, objects) {
  batches.push(new Batch(slabs, large, objects));
  if (!resuming) run();
}

function run() {
  let complete = false;
  delivering = true;
  try {
    while (batches.length > 0 && batches[0].run()) batches.shift();
    complete = batches.length === 0;
  } finally {
    delivering = false;
    flush();
    if (!complete) {
      resuming = true;
      setImmediate(resume);
    }
  }
}

function resume() {
  resuming = false;
  run();
}

module.exports = {
  native,
  kOnMessage,
  kOnTaken,
  kOnEnding,
  kOnObject,
  kScope,
  register,
  adopt,
  forget,
  open,
  retain,
  unretain,
  flush,
  flushLater,
  onProcessObject,
};
