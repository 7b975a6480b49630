// What the history keeps of a status.

import { History, Rates } from './history.mjs';

/** @typedef {import('./status.d.ts').Status} Status */

// A status that comes because of an event is shown, not kept: a second is the grain.
const GRAIN_SECONDS = 0.9;

/** Key of the sum over all peers; associations have their ids. */
export const ALL = 'all';

/** @param {string} id @param {string} address */
export const pathKey = (id, address) => `${id} ${address}`;

/** Key of what the stack counts of an association. @param {string} id */
export const statisticsKey = (id) => `${id} statistics`;

// Columns of an association and of the sum: sent, received, both. Of a path: SRTT, RTO,
// congestion window. Of statistics: retransmissions per second.
export class Samples {
  constructor() {
    this.history = new History();
    this.rates = new Rates();
    this.time = 0;
  }

  /** @param {Status} status */
  add(status) {
    // By the clock that nobody sets; it is shown by the one that people have.
    const time = status.monotonic / 1000;
    this.history.wallClock = status.now / 1000 - time;
    if (time - this.time < GRAIN_SECONDS) return;
    this.time = time;
    this.history.begin(time);
    this.rates.begin(time);
    this.addTraffic(ALL, status.totals.sent.bytes, status.totals.received.bytes);
    for (const { id, sent, received, statistics, paths } of status.associations) {
      this.addTraffic(id, sent.bytes, received.bytes);
      if (statistics) {
        const key = statisticsKey(id);
        this.history.record(key, this.rates.of(key, [statistics.retransmittedChunks]));
      }
      for (const { address, srtt, rto, cwnd } of paths) {
        this.history.record(pathKey(id, address), [srtt, rto, cwnd]);
      }
    }
    this.history.end();
    this.rates.end();
  }

  /** @param {string} key @param {number} sent @param {number} received */
  addTraffic(key, sent, received) {
    const [out, back] = this.rates.of(key, [sent, received]);
    const both = out === undefined || back === undefined ? undefined : out + back;
    this.history.record(key, [out, back, both]);
  }
}
