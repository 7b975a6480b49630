// What opens below the line of an association: its paths with every value, charts of
// ten minutes, and what else is known.

import { timeChart } from './charts.mjs';
import { element, setChildren, setText, setAttribute, Keyed } from './dom.mjs';
import * as format from './format.mjs';
import { pathKey, statisticsKey } from './samples.mjs';
import { isFailed, words } from './trouble.mjs';

/** @typedef {import('./status.d.ts').Association} Association */
/** @typedef {import('./samples.mjs').Samples} Samples */

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} key of the history
 * @property {number} column
 */

/**
 * @typedef {object} Plan of a chart
 * @property {string} title
 * @property {(value: number | undefined) => string} format
 * @property {(one: Association) => Line[]} lines none: no chart
 */

/** One for each path. @param {number} column @returns {(one: Association) => Line[]} */
const ofPaths = (column) => ({ id, paths }) => paths.map(({ address }) =>
  ({ label: address, key: pathKey(id, address), column }));

/** @type {Plan[]} */
const PLANS = [
  { title: 'SRTT', format: format.milliseconds, lines: ofPaths(0) },
  { title: 'RTO', format: format.milliseconds, lines: ofPaths(1) },
  { title: 'Congestion window', format: format.bytes, lines: ofPaths(2) },
  {
    title: 'Throughput',
    format: format.bytesPerSecond,
    lines: ({ id }) => ['sent', 'received'].map((label, column) => ({ label, key: id, column })),
  },
  {
    title: 'Retransmissions',
    format: format.perSecond,
    lines: ({ id, statistics }) => statistics === undefined ? [] :
      [{ label: 'chunks', key: statisticsKey(id), column: 0 }],
  },
];

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
  ['Retransmitted chunks', (one) => format.count(one.statistics?.retransmittedChunks)],
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
    /** @type {{ chart: ReturnType<typeof timeChart>, place: HTMLElement, values: HTMLElement[] }[]} */
    this.charts = [];
    this.shownLines = '';
  }

  /** @param {Association} association @param {Samples} samples */
  show(association, samples) {
    FACTS.forEach(([, of], index) => setText(this.facts[index], of(association)));
    this.showPaths(association);
    const plans = PLANS.map((plan) => ({ ...plan, lines: plan.lines(association) }))
      .filter((plan) => plan.lines.length > 0);
    const lines = JSON.stringify(plans.map((plan) => plan.lines));
    if (lines !== this.shownLines) {
      this.shownLines = lines;
      this.makeCharts(plans);
    }
    plans.forEach((plan, index) => {
      const { chart, place, values } = this.charts[index];
      chart.show(samples.history.table(plan.lines));
      const texts = plan.lines.map(({ label, key, column }) =>
        `${label} ${plan.format(samples.history.latest(key, column))}`);
      values.forEach((value, line) => setText(value, texts[line]));
      setAttribute(place, 'aria-label', `${plan.title} over ten minutes, now: ${texts.join(', ')}`);
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

  /** @param {{ title: string, format: Plan['format'], lines: Line[] }[]} plans */
  makeCharts(plans) {
    this.destroy();
    this.charts = plans.map(({ title, format: shown, lines }) => {
      const values = lines.map(() => element('span', { class: 'value' }));
      const keys = values.map((value, index) =>
        element('span', { class: `key line-${index % 4 + 1}` }, value));
      const place = element('div', { class: 'chart', role: 'img' });
      this.chartPlaces.append(element('figure', {},
        element('figcaption', {}, element('b', {}, title), ...keys), place));
      return { chart: timeChart(place, lines.map((line) => line.label), shown), place, values };
    });
  }

  destroy() {
    for (const { chart } of this.charts) chart.destroy();
    this.chartPlaces.replaceChildren();
  }
}
