// What opens below the line of an association: its paths with every value, charts of
// ten minutes, and what else is known.

import { timeChart } from './charts.mjs';
import { element, setChildren, setText, setAttribute, Keyed } from './dom.mjs';
import * as format from './format.mjs';
import { pathKey } from './samples.mjs';
import { isFailed, words } from './trouble.mjs';

/** @typedef {import('./status.d.ts').Association} Association */
/** @typedef {import('./samples.mjs').Samples} Samples */

/** @type {{ title: string, of: 'path' | 'association', columns: number[], format: (value: number | undefined) => string }[]} */
const CHARTS = [
  { title: 'SRTT', of: 'path', columns: [0], format: format.milliseconds },
  { title: 'RTO', of: 'path', columns: [1], format: format.milliseconds },
  { title: 'Congestion window', of: 'path', columns: [2], format: format.bytes },
  { title: 'Throughput', of: 'association', columns: [0, 1], format: format.bytesPerSecond },
];
const DIRECTIONS = ['sent', 'received'];

/** @type {[string, (one: Association) => string][]} */
const FACTS = [
  ['Association', (one) => `${one.id}, ${one.role === 'listen' ? 'accepted' : 'connected'}, ${one.stack}`],
  ['State', (one) => words(one.stateName)],
  ['Local', (one) => `${one.localAddresses.join(', ')} port ${one.localPort ?? format.UNKNOWN}`],
  ['Remote', (one) => `${one.remoteAddresses.join(', ')} port ${one.remotePort ?? format.UNKNOWN}`],
  ['Streams', (one) => `${one.inboundStreams} in, ${one.outboundStreams} out`],
  ['Sent', (one) => `${format.count(one.sent.messages)} messages, ${format.bytes(one.sent.bytes)}`],
  ['Received', (one) => `${format.count(one.received.messages)} messages, ${format.bytes(one.received.bytes)}`],
  ['Failed messages', (one) => `${one.failedMessages}, never sent ${one.unsentMessages}`],
  ['Peer’s window', (one) => format.bytes(one.rwnd)],
  ['Chunks', (one) => `${format.count(one.unackdata)} unacknowledged, ${format.count(one.penddata)} to read`],
  ['Send queue', (one) => format.bytes(one.sendQueue)],
  ['Restarts by the peer', (one) => String(one.restarts)],
];

const PATH_COLUMNS = ['Path', 'State', 'SRTT', 'RTO', 'Congestion window', 'MTU'];

export class AssociationDetail {
  /** @param {number} columns of the table */
  constructor(columns) {
    this.facts = FACTS.map(() => element('dd'));
    this.pathBody = element('tbody');
    this.pathLines = new Keyed(() => element('tr', {},
      ...PATH_COLUMNS.map((_, index) => element(index === 0 ? 'th' : 'td', index === 0 ? { scope: 'row' } : {}))));
    this.chartPlaces = element('div', { class: 'charts' });
    const list = element('dl', { class: 'facts' },
      ...FACTS.map(([name], index) => element('div', {}, element('dt', {}, name), this.facts[index])));
    const paths = element('table', { class: 'paths' },
      element('caption', { class: 'hidden' }, 'Paths'),
      element('thead', {}, element('tr', {},
        ...PATH_COLUMNS.map((name) => element('th', { scope: 'col' }, name)))), this.pathBody);
    this.line = element('tr', { class: 'detail' }, element('td', { colspan: String(columns) },
      this.chartPlaces, element('div', {
        class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'Table of paths',
      }, paths), list));
    /** @type {{ chart: ReturnType<typeof timeChart>, place: HTMLElement, caption: HTMLElement }[]} */
    this.charts = [];
    this.shownPaths = '';
  }

  /** @param {Association} association @param {Samples} samples */
  show(association, samples) {
    FACTS.forEach(([, of], index) => setText(this.facts[index], of(association)));
    this.showPaths(association);
    // Only now is it known how many lines there are.
    const paths = association.paths.map((path) => path.address);
    if (this.shownPaths !== paths.join()) {
      this.shownPaths = paths.join();
      this.makeCharts(paths);
    }
    CHARTS.forEach(({ title, of, columns, format: shown }, index) => {
      const keys = of === 'path' ? paths.map((path) => pathKey(association.id, path)) : [association.id];
      const wanted = keys.flatMap((key) => columns.map((column) => ({ key, column })));
      const { chart, place, caption } = this.charts[index];
      chart.show(samples.history.table(wanted));
      const labels = of === 'path' ? paths : DIRECTIONS;
      const values = wanted.map(({ key, column }, line) =>
        `${labels[line]} ${shown(samples.history.latest(key, column))}`);
      [...caption.querySelectorAll('.value')].forEach((one, line) => setText(one, values[line]));
      setAttribute(place, 'aria-label', `${title} over ten minutes, now: ${values.join(', ')}`);
    });
  }

  /** @param {Association} association */
  showPaths({ paths }) {
    this.pathLines.keepOnly(new Set(paths.map((path) => path.address)));
    setChildren(this.pathBody, paths.map((path) => {
      const line = this.pathLines.get(path.address);
      const texts = [`${path.address}${path.primary ? ' (primary)' : ''}`, words(path.stateName),
        format.milliseconds(path.srtt), format.milliseconds(path.rto), format.bytes(path.cwnd),
        format.exactBytes(path.mtu)];
      texts.forEach((text, index) => setText(line.children[index], text));
      setAttribute(line, 'data-level', isFailed(path) ? '3' : '0');
      return line;
    }));
  }

  /** @param {string[]} paths */
  makeCharts(paths) {
    this.destroy();
    this.charts = CHARTS.map(({ title, of, format: shown }) => {
      const labels = of === 'path' ? paths : DIRECTIONS;
      const keys = labels.map((_, index) => element('span', { class: `key line-${index % 4 + 1}` },
        element('span', { class: 'value' })));
      const caption = element('figcaption', {}, element('b', {}, title), ...keys);
      const place = element('div', { class: 'chart', role: 'img' });
      this.chartPlaces.append(element('figure', {}, caption, place));
      return { chart: timeChart(place, labels, shown), place, caption };
    });
  }

  destroy() {
    for (const { chart } of this.charts) chart.destroy();
    this.chartPlaces.replaceChildren();
  }
}
