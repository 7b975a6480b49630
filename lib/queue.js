'use strict';

// First in, first out, at the same price however many wait: shift() of a long array
// moves all that is behind.

// Below this a gap at the front is no matter.
const SMALL = 1024;

/** @template T */
class Queue {
  constructor() {
    /** @type {T[]} */
    this._items = [];
    this._head = 0;
  }

  get length() {
    return this._items.length - this._head;
  }

  /** @param {T} item */
  push(item) {
    this._items.push(item);
  }

  /** The oldest, which leaves. There must be one. @returns {T} */
  shift() {
    const item = this._items[this._head];
    // Nothing keeps it alive from here.
    this._items[this._head++] = /** @type {any} */ (undefined);
    if (this._head === this._items.length) {
      this.clear();
    } else if (this._head >= SMALL && this._head * 2 >= this._items.length) {
      this._items.splice(0, this._head);
      this._head = 0;
    }
    return item;
  }

  /** All of them leave, and are returned in order. @returns {T[]} */
  clear() {
    const items = this._items.slice(this._head);
    this._items = [];
    this._head = 0;
    return items;
  }
}

module.exports = { Queue };
