// What was measured in the last ten minutes: one row of columns for each association,
// path, or whatever has a key, all of them at the same times.

const CAPACITY = 600;
const SPAN_SECONDS = 600;

/** How fast totals grow. */
export class Rates {
  constructor() {
    /** @type {Map<string, { total: number, time: number }>} */
    this.before = new Map();
    /** @type {Map<string, { total: number, time: number }>} */
    this.now = new Map();
  }

  /**
   * Per second since the last time; undefined at first, and where the total fell.
   * @param {string} key @param {number} total @param {number} time seconds
   */
  of(key, total, time) {
    this.now.set(key, { total, time });
    const before = this.before.get(key);
    if (!before || time <= before.time || total < before.total) return undefined;
    return (total - before.total) / (time - before.time);
  }

  /** What has not been asked for since the last time is forgotten. */
  next() {
    this.before = this.now;
    this.now = new Map();
  }
}

/** @typedef {(number | null)[]} Column */

/** Times have one ring, each key one of as many numbers for each column. */
export class History {
  constructor() {
    this.times = new Float64Array(CAPACITY);
    this.slot = -1;
    this.length = 0;
    /** @type {Map<string, Float32Array[]>} */
    this.rows = new Map();
    /** @type {Map<string, Float32Array[]>} */
    this.recorded = new Map();
  }

  /** @param {number} time seconds since the epoch, later than the last */
  begin(time) {
    this.slot = (this.slot + 1) % CAPACITY;
    this.length = Math.min(this.length + 1, CAPACITY);
    this.times[this.slot] = time;
    this.recorded = new Map();
  }

  /** @param {string} key @param {(number | undefined)[]} values */
  record(key, values) {
    const row = this.rows.get(key) ?? values.map(() => new Float32Array(CAPACITY).fill(NaN));
    values.forEach((value, column) => {
      row[column][this.slot] = value ?? NaN;
    });
    this.recorded.set(key, row);
  }

  /** Keys that were not recorded since `begin` are forgotten. */
  end() {
    this.rows = this.recorded;
  }

  /** Slots of the latest seconds, oldest first. @param {number} seconds */
  slots(seconds) {
    const slots = [];
    const oldest = this.times[this.slot] - seconds;
    for (let back = this.length - 1; back >= 0; back -= 1) {
      const slot = (this.slot - back + CAPACITY) % CAPACITY;
      if (this.times[slot] > oldest) slots.push(slot);
    }
    return slots;
  }

  /**
   * Times and the wanted columns as uPlot takes them: null is a gap.
   * @param {{ key: string, column: number }[]} wanted @param {number} [seconds]
   * @returns {[number[], ...Column[]]}
   */
  table(wanted, seconds = SPAN_SECONDS) {
    const slots = this.slots(seconds);
    const columns = wanted.map(({ key, column }) => {
      const values = this.rows.get(key)?.[column];
      return slots.map((slot) => !values || Number.isNaN(values[slot]) ? null : values[slot]);
    });
    return [slots.map((slot) => this.times[slot]), ...columns];
  }

  /** The latest value. @param {string} key @param {number} column */
  latest(key, column) {
    const value = this.rows.get(key)?.[column][this.slot];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }
}
