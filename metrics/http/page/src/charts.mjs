// Charts by uPlot: those of an open association, and sparklines.

import uPlot from 'uplot';
import { clock } from './format.mjs';
import { colour } from './theme.mjs';

/** @typedef {import('./history.mjs').Column} Column */
/** @typedef {(value: number | undefined) => string} Format */

const LINES = ['line-1', 'line-2', 'line-3', 'line-4'];

/** @param {number} index */
const lineColour = (index) => LINES[index % LINES.length];

/** @type {Set<Chart>} */
const charts = new Set();
const resizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    for (const chart of charts) if (chart.place === target) chart.fit();
  }
});

/** Draws all anew: the theme has changed. */
export function redrawCharts() {
  for (const chart of charts) chart.plot?.redraw(false, true);
}

/** @param {string[]} labels @param {Partial<import('uplot').Series>} [more] */
const seriesOf = (labels, more = {}) => [{}, ...labels.map((label, index) => ({
  label,
  stroke: () => colour(lineColour(index)),
  width: 1.5,
  points: { show: false },
  ...more,
}))];

/** @param {Format} format @returns {import('uplot').Axis[]} */
function axesOf(format) {
  const axis = {
    stroke: () => colour('muted'),
    grid: { stroke: () => colour('grid'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return [
    {
      ...axis, size: 24, space: 80, incrs: [1, 5, 10, 30, 60, 120, 300],
      values: (_, times) => times.map((time) => clock(time * 1000)),
    },
    { ...axis, size: 64, values: (_, values) => values.map((value) => format(value)) },
  ];
}

/** Fits its place. The element it is in says in words what it shows. */
class Chart {
  /** @param {HTMLElement} place @param {Omit<import('uplot').Options, 'width' | 'height'>} options */
  constructor(place, options) {
    this.place = place;
    this.options = options;
    /** @type {uPlot | undefined} */
    this.plot = undefined;
    /** @type {[number[], ...Column[]]} */
    this.data = [[]];
    charts.add(this);
    resizes.observe(place);
  }

  /** @param {[number[], ...Column[]]} data */
  show(data) {
    this.data = data;
    if (this.plot) this.plot.setData(data);
    else this.fit();
  }

  fit() {
    const width = this.place.clientWidth;
    const height = this.place.clientHeight;
    if (width === 0 || height === 0) return;
    if (!this.plot) {
      this.plot = new uPlot({ ...this.options, width, height }, this.data, this.place);
    } else if (this.plot.width !== width || this.plot.height !== height) {
      this.plot.setSize({ width, height });
    }
  }

  destroy() {
    charts.delete(this);
    resizes.unobserve(this.place);
    this.plot?.destroy();
  }
}

// From zero, and never flat: a line at the bottom is a small value, not no value.
/** @type {import('uplot').Range.Function} */
const fromZero = (_, __, most) => [0, Math.max(most ?? 0, 1) * 1.1];

/** @param {HTMLElement} place @param {string[]} labels @param {Format} format */
export const timeChart = (place, labels, format) => new Chart(place, {
  series: seriesOf(labels),
  axes: axesOf(format),
  scales: { y: { range: fromZero } },
  legend: { show: false },
  cursor: { show: false },
});

/** @param {HTMLElement} place */
export const sparkline = (place) => new Chart(place, {
  series: seriesOf([''], { width: 1.25 }),
  axes: [{ show: false }, { show: false }],
  scales: { x: { time: false }, y: { range: fromZero } },
  legend: { show: false },
  cursor: { show: false },
  padding: [1, 0, 1, 0],
});
