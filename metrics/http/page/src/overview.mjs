// The top of the page: how many are up, what flows, how the loop does; and the lists of
// peers that are down and of endpoints.

import { timeChart } from './charts.mjs';
import { byId, element, setAttribute, setChildren, setText, Keyed } from './dom.mjs';
import * as format from './format.mjs';
import { ALL } from './samples.mjs';
import { peersDown, words } from './trouble.mjs';

/** @typedef {import('./status.d.ts').Status} Status */
/** @typedef {import('./status.d.ts').Peer} Peer */
/** @typedef {import('./status.d.ts').Endpoint} Endpoint */

// Of the SCTP loop: late by so much it keeps peers waiting.
const LATE = 100;
// So long without a new snapshot the loop does not turn.
const OLD = 3000;
const SENT = 0;
const RECEIVED = 1;

/** @param {string} id @param {string} text @param {number} [level] */
function tile(id, text, level = 0) {
  const place = byId(id);
  setText(place, text);
  if (place.parentElement) setAttribute(place.parentElement, 'data-level', String(level));
}

export class Overview {
  constructor() {
    this.chart = timeChart(byId('throughput-chart'), ['sent', 'received'], format.bytesPerSecond);
    this.peers = new Keyed(() => element('li', { class: 'peer' }, element('b'), element('span')));
    this.endpoints = new Keyed(() => element('tr', {}, element('th', { scope: 'row' }),
      ...Array.from({ length: 5 }, () => element('td'))));
    this.taken = 0;
    this.takenAt = 0;
  }

  /** @param {Status} status @param {import('./samples.mjs').Samples} samples */
  show(status, samples) {
    const { loop, totals } = status;
    tile('tile-associations', `${totals.associations} of ${totals.alive}`,
      totals.associations < totals.alive ? 2 : 0);
    tile('tile-peers', String(totals.peersDown), totals.peersDown > 0 ? 3 : 0);
    tile('tile-paths', String(totals.pathsFailed), totals.pathsFailed > 0 ? 3 : 0);
    const sent = samples.history.latest(ALL, SENT);
    const received = samples.history.latest(ALL, RECEIVED);
    tile('tile-sent', format.bytesPerSecond(sent));
    tile('tile-received', format.bytesPerSecond(received));
    tile('tile-lag', format.milliseconds(loop.lag), loop.lag > LATE ? 2 : 0);
    if (status.now !== this.taken) {
      this.taken = status.now;
      this.takenAt = performance.now();
    }
    const age = performance.now() - this.takenAt;
    tile('tile-age', format.milliseconds(Math.round(age)), age > OLD ? 3 : 0);
    setText(byId('version'), status.version);
    this.chart.show(samples.history.table([{ key: ALL, column: SENT }, { key: ALL, column: RECEIVED }]));
    setAttribute(byId('throughput-chart'), 'aria-label', 'Throughput of all peers over ten minutes, ' +
      `now: sent ${format.bytesPerSecond(sent)}, received ${format.bytesPerSecond(received)}`);
    this.showPeers(peersDown(status), status.now);
    this.showEndpoints(status.endpoints);
  }

  /** @param {Peer[]} down @param {number} now */
  showPeers(down, now) {
    byId('peers-down').hidden = down.length === 0;
    const keys = down.map((peer) => JSON.stringify([peer.endpoint, peer.peer]));
    this.peers.keepOnly(new Set(keys));
    setChildren(byId('peers'), down.map((peer, index) => {
      const item = this.peers.get(keys[index]);
      const [name, why] = item.children;
      setText(name, peer.peer);
      const since = peer.lastChange === undefined ? 'never up' :
        `down for ${format.duration(now - peer.lastChange)}`;
      const last = peer.lastClose ? `, last ended by ${words(peer.lastClose)}` : '';
      setText(why, `${peer.endpoint}: ${since}${last}`);
      return item;
    }));
  }

  /** @param {Endpoint[]} endpoints */
  showEndpoints(endpoints) {
    this.endpoints.keepOnly(new Set(endpoints.map((one) => one.id)));
    setChildren(byId('endpoints'), endpoints.map((one) => {
      const line = this.endpoints.get(one.id);
      const port = one.port === undefined ? '' : ` port ${one.port}`;
      const udp = one.udpPort === undefined ? '' : `, UDP ${one.udpPort}`;
      const texts = [one.name, one.role === 'listen' ? 'listens' : 'connects', one.stack,
        `${one.localAddresses.join(', ')}${port}${udp}`, `${one.associations} of ${one.alive}`,
        stateOf(one)];
      texts.forEach((text, index) => setText(line.children[index], text));
      setAttribute(line, 'data-level', one.acceptError ? '3' : '0');
      return line;
    }));
    byId('no-endpoints').hidden = endpoints.length > 0;
  }
}

/** @param {Endpoint} endpoint */
function stateOf({ open, acceptError }) {
  if (acceptError) return `does not accept: ${acceptError.code}`;
  return open ? 'open' : 'closed';
}
