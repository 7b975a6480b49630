// What was measured in the last ten minutes: one row of columns for each association,
// path, or whatever has a key, all of them at the same times.

const CAPACITY = 600;
const SPAN_SECONDS = 600;

/** How fast totals grow. */
export class Rates {
  constructor() {
    this.time = 0;
    this.before = 0;
    /** @type {Map<string, { totals: number[], time: number }>} */
    this.known = new Map();
  }

  /** @param {number} time seconds, later than the last */
  begin(time) {
    this.before = this.time;
    this.time = time;
  }

  /**
   * Per second since the last time; undefined at first, and where a total fell.
   * @param {string} key @param {number[]} totals
   */
  of(key, totals) {
    const known = this.known.get(key);
    if (known?.time !== this.before) {
      this.known.set(key, { totals, time: this.time });
      return totals.map(() => undefined);
    }
    const seconds = this.time - known.time;
    const rates = totals.map((total, index) =>
      total < known.totals[index] ? undefined : (total - known.totals[index]) / seconds);
    known.totals = totals;
    known.time = this.time;
    return rates;
  }

  /** What was not asked for since `begin` is forgotten. */
  end() {
    for (const [key, { time }] of this.known) if (time !== this.time) this.known.delete(key);
  }
}

/** @typedef {(number | null)[]} Column */

/** Times have one ring, each key one of as many numbers for each column. */
export class History {
  constructor() {
    this.times = new Float64Array(CAPACITY);
    /** What to add to a time for seconds since the epoch, as that clock is set now. */
    this.wallClock = 0;
    this.slot = -1;
    this.length = 0;
    /** @type {Map<string, { columns: Float32Array[], time: number }>} */
    this.rows = new Map();
  }

  /** @param {number} time seconds of a monotonic clock, later than the last */
  begin(time) {
    this.slot = (this.slot + 1) % CAPACITY;
    this.length = Math.min(this.length + 1, CAPACITY);
    this.times[this.slot] = time;
  }

  /** @param {string} key @param {(number | undefined)[]} values */
  record(key, values) {
    let row = this.rows.get(key);
    if (!row) {
      row = { columns: values.map(() => new Float32Array(CAPACITY).fill(NaN)), time: 0 };
      this.rows.set(key, row);
    }
    row.time = this.times[this.slot];
    for (let column = 0; column < values.length; column += 1) {
      row.columns[column][this.slot] = values[column] ?? NaN;
    }
  }

  /** Keys that were not recorded since `begin` are forgotten. */
  end() {
    const now = this.times[this.slot];
    for (const [key, { time }] of this.rows) if (time !== now) this.rows.delete(key);
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
   * Times since the epoch and the wanted columns as uPlot takes them: null is a gap.
   * @param {{ key: string, column: number }[]} wanted @param {number} [seconds]
   * @returns {[number[], ...Column[]]}
   */
  table(wanted, seconds = SPAN_SECONDS) {
    const slots = this.slots(seconds);
    const columns = wanted.map(({ key, column }) => {
      const values = this.rows.get(key)?.columns[column];
      return slots.map((slot) => !values || Number.isNaN(values[slot]) ? null : values[slot]);
    });
    return [slots.map((slot) => this.times[slot] + this.wallClock), ...columns];
  }

  /** The latest value. @param {string} key @param {number} column */
  latest(key, column) {
    const value = this.rows.get(key)?.columns[column][this.slot];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }
}
