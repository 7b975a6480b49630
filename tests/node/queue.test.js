'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { Queue } = require('../../lib/queue');

test('a queue keeps the order over every length, and nothing that has left', () => {
  const queue = new Queue();
  let next = 0;
  let expected = 0;
  // Fills faster than it empties, and then the other way round.
  for (const [pushed, shifted] of [[3, 1], [1, 3]]) {
    for (let round = 0; round < 5000; round++) {
      for (let i = 0; i < pushed; i++) queue.push({ number: next++ });
      for (let i = 0; i < shifted && queue.length > 0; i++) {
        assert.strictEqual(queue.shift().number, expected++);
      }
      assert.strictEqual(queue.length, next - expected);
      // What it holds is what waits, and a gap that is no longer than that.
      assert.ok(queue._items.length <= 2 * queue.length + 1024);
    }
  }
  assert.strictEqual(queue.length, 0);
  for (let i = 0; i < 3; i++) queue.push(i);
  assert.strictEqual(queue.shift(), 0);
  assert.deepStrictEqual(queue.clear(), [1, 2]);
  assert.strictEqual(queue.length, 0);
});

test('taking from a long queue moves no more items than were put in', () => {
  const queue = new Queue();
  const count = 100_000;
  for (let i = 0; i < count; i++) queue.push(i);
  let moved = 0;
  const { _items: items } = queue;
  const { splice } = items;
  items.splice = function counted(...args) {
    moved += this.length - args[1];
    return splice.apply(this, args);
  };
  for (let i = 0; i < count; i++) assert.strictEqual(queue.shift(), i);
  assert.ok(moved > 0);
  assert.ok(moved <= count, `${moved} items were moved`);
});
